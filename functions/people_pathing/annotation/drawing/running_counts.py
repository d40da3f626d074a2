"""The counts of a video up to a time, for display while it plays."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from people_pathing.analysis.video_counts import VideoCounts


@dataclass(frozen=True, slots=True)
class ZoneCount:
    """What happened in a zone so far.

    Attributes:
        visits: that have begun.
        inside: how many people are in it now.
    """

    visits: int
    inside: int


@dataclass(frozen=True, slots=True)
class LineCount:
    """How often people crossed a line so far, by direction."""

    inward: int
    outward: int


@dataclass(frozen=True, slots=True)
class PictureCount:
    """People in the picture.

    Attributes:
        now: how many are seen.
        so_far: how many have been seen.
    """

    now: int
    so_far: int


class RunningCounts:
    """Counts up to any time. At the end, they are those of counts.json.

    Args:
        counts: of the whole video. People and visits that do not count in the end never count.
    """

    def __init__(self, counts: VideoCounts) -> None:
        counted, zones_file = counts.counted, counts.zones_file
        self._begun = {
            zone.name: sorted(visit.enter.at_ms for visit in counted.visits if visit.zone == zone.name)
            for zone in zones_file.zones
        }
        self._ended = {
            zone.name: sorted(visit.exit.at_ms for visit in counted.visits if visit.zone == zone.name)
            for zone in zones_file.zones
        }
        self._crossed = {
            (line.name, direction): sorted(
                crossing.moment.at_ms
                for crossing in counted.crossings
                if (crossing.line, crossing.direction) == (line.name, direction)
            )
            for line in zones_file.lines
            for direction in ("in", "out")
        }
        self._first_seen = sorted(person.first_ms for person in counted.people)
        self._came = sorted(presence.first_ms for presence in counted.presences)
        self._went = sorted(presence.last_ms for presence in counted.presences)

    def picture(self, at_ms: int) -> PictureCount:
        """Returns the people in the picture at a time."""
        # A person is still there at the time of the last observation.
        now = bisect_right(self._came, at_ms) - bisect_right(self._went, at_ms - 1)
        return PictureCount(now, bisect_right(self._first_seen, at_ms))

    def zones(self, at_ms: int) -> Mapping[str, ZoneCount]:
        """Returns the count of each zone by its name."""
        return {
            name: ZoneCount(
                _count_until(begun, at_ms), _count_until(begun, at_ms) - _count_until(ended, at_ms)
            )
            for (name, begun), ended in zip(self._begun.items(), self._ended.values(), strict=True)
        }

    def lines(self, at_ms: int) -> Mapping[str, LineCount]:
        """Returns the count of each line by its name."""
        names = dict.fromkeys(name for name, _ in self._crossed)
        return {
            name: LineCount(
                _count_until(self._crossed[name, "in"], at_ms),
                _count_until(self._crossed[name, "out"], at_ms),
            )
            for name in names
        }


def _count_until(times_ms: Sequence[int], at_ms: int) -> int:
    return bisect_right(times_ms, at_ms)
