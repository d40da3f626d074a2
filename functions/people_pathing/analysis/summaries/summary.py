"""The figures of every section, for the whole video and for each interval."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from people_pathing.analysis.counting.events import Counted, Crossing, Presence, Visit
from people_pathing.analysis.summaries.figures import Occupancy, occupancy, percentile
from people_pathing.analysis.summaries.intervals import Interval
from people_pathing.analysis.zones_file.sections import ZonesFile

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ZoneSummary:
    """The figures of one zone in one interval.

    Attributes:
        name: the zone's name.
        people: different people who were in the zone.
        visits: visits that began in the interval.
        entered: those of them that began at the boundary.
        exited: visits that ended in the interval, or at its end, at the boundary.
        dwell_median_ms: of the visits that began in the interval; None without any.
        dwell_p90_ms: the same, 90th percentile.
        occupancy: people in the zone.
    """

    name: str
    people: int
    visits: int
    entered: int
    exited: int
    dwell_median_ms: int | None
    dwell_p90_ms: int | None
    occupancy: Occupancy


@dataclass(frozen=True, slots=True)
class LineSummary:
    """The figures of one line in one interval.

    Attributes:
        name: the line's name.
        people: different people who crossed it.
        crossings_in: crossings from its right side to its left side.
        crossings_out: crossings from left to right.
    """

    name: str
    people: int
    crossings_in: int
    crossings_out: int


@dataclass(frozen=True, slots=True)
class PictureSummary:
    """The figures of the whole picture in one interval."""

    people: int
    occupancy: Occupancy


@dataclass(frozen=True, slots=True)
class Summary:
    """All figures of one interval."""

    interval: Interval
    picture: PictureSummary
    zones: tuple[ZoneSummary, ...]
    lines: tuple[LineSummary, ...]


def summarize(counted: Counted, zones_file: ZonesFile, intervals: Sequence[Interval]) -> tuple[Summary, ...]:
    """Returns the figures of each interval.

    Args:
        counted: visits, crossings and presences.
        zones_file: the sections, in the order of the summaries.
        intervals: in order, each starting where the one before ends.
    """
    starts = [interval.start_ms for interval in intervals]
    presences = _by_interval(counted.presences, starts, lambda one: (one.first_ms, one.last_ms))
    visits = _by_interval(counted.visits, starts, lambda one: (one.enter.at_ms, one.exit.at_ms))
    crossings = _by_interval(counted.crossings, starts, lambda one: (one.moment.at_ms, one.moment.at_ms))
    return tuple(
        Summary(
            interval,
            _picture(presences[at], interval),
            tuple(
                _zone(zone.name, [one for one in visits[at] if one.zone == zone.name], interval)
                for zone in zones_file.zones
            ),
            tuple(
                _line(line.name, [one for one in crossings[at] if one.line == line.name])
                for line in zones_file.lines
            ),
        )
        for at, interval in enumerate(intervals)
    )


def _picture(presences: Sequence[Presence], interval: Interval) -> PictureSummary:
    stretches = [(one.first_ms, one.last_ms) for one in presences]
    people = len({one.person for one in presences})
    return PictureSummary(people, occupancy(stretches, interval.start_ms, interval.end_ms))


def _zone(name: str, visits: Sequence[Visit], interval: Interval) -> ZoneSummary:
    begun = [visit for visit in visits if visit.enter.at_ms >= interval.start_ms]
    dwells_ms = [visit.dwell_ms for visit in begun]
    stretches = [(visit.enter.at_ms, visit.exit.at_ms) for visit in visits]
    return ZoneSummary(
        name,
        people=len({visit.person for visit in visits}),
        visits=len(begun),
        entered=sum(visit.enter_cause == "crossed" for visit in begun),
        exited=sum(visit.exit_cause == "crossed" and visit.exit.at_ms <= interval.end_ms for visit in visits),
        dwell_median_ms=percentile(dwells_ms, 0.5),
        dwell_p90_ms=percentile(dwells_ms, 0.9),
        occupancy=occupancy(stretches, interval.start_ms, interval.end_ms),
    )


def _line(name: str, crossings: Sequence[Crossing]) -> LineSummary:
    return LineSummary(
        name,
        people=len({one.person for one in crossings}),
        crossings_in=sum(one.direction == "in" for one in crossings),
        crossings_out=sum(one.direction == "out" for one in crossings),
    )


def _by_interval(
    found: Iterable[T], starts: Sequence[int], times_ms: Callable[[T], tuple[int, int]]
) -> Mapping[int, list[T]]:
    """Puts each element into all intervals that it overlaps with, or in which it begins."""
    chosen: defaultdict[int, list[T]] = defaultdict(list)
    for one in found:
        start_ms, end_ms = times_ms(one)
        first = bisect_right(starts, start_ms) - 1
        # The end does not belong to the time, unless the time has no length.
        for at in range(first, max(first, bisect_left(starts, end_ms) - 1) + 1):
            chosen[at].append(one)
    return chosen
