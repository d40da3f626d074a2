"""Adds up the counts of consecutive files of one recorder, by their times of recording.

No identity is carried over: a person who is visible where one file ends and the next begins is cut in two,
and counts in both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeVar

from people_pathing.analysis.counting.events import Counted, Excluded, Moment, PersonSeen, Presence
from people_pathing.analysis.summaries.figures import Occupancy
from people_pathing.analysis.summaries.summary import Summary
from people_pathing.analysis.video_counts import VideoCounts, covered_ms, summarized

TOLERANCE_MS = 1000
"""Names of files state whole seconds, so shorter gaps and overlaps mean nothing."""
EDGE_MS = 1000
"""A person who is seen so close to the end or the start of a file was cut there."""
MAX_SPAN_MS = 366 * 24 * 3600 * 1000
"""A wrong clock must not make millions of intervals."""


_Stretch = TypeVar("_Stretch", Presence, PersonSeen)


class FilesError(ValueError):
    """Files cannot be added up. The message says why."""


@dataclass(frozen=True, slots=True)
class Between:
    """What is between two files that follow each other.

    Attributes:
        at: number of the earlier file, from 0 in the order of time.
        gap_ms: time that neither file has; negative for an overlap.
        cut_before: people of the earlier file who were visible at its end, or in an overlap; 0 before a gap.
        cut_after: people of the later file who were visible at its start, or in an overlap; 0 after a gap.
    """

    at: int
    gap_ms: int
    cut_before: int
    cut_after: int


@dataclass(frozen=True, slots=True)
class AddedCounts:
    """The counts of several files.

    Attributes:
        order: numbers of the files in the order of time.
        counts: as if the files were one video. People have new numbers.
        between: one for each file but the last.
    """

    order: tuple[int, ...]
    counts: VideoCounts
    between: tuple[Between, ...]

    @property
    def gaps(self) -> tuple[Between, ...]:
        """Where time is missing."""
        return tuple(one for one in self.between if one.gap_ms > TOLERANCE_MS)

    @property
    def overlaps(self) -> tuple[Between, ...]:
        """Where two files have the same time, so that people count twice."""
        return tuple(one for one in self.between if one.gap_ms < -TOLERANCE_MS)


def add_up(files: Sequence[VideoCounts], interval_minutes: int) -> AddedCounts:
    """Adds up files that were counted with the same zones.

    Args:
        files: two or more, in any order.
        interval_minutes: length of the intervals.

    Raises:
        FilesError: a time of recording is not known, or the times are more than a year apart.
    """
    started = [one.recording.recorded_at_ms for one in files]
    known = [at_ms for at_ms in started if at_ms is not None]
    if len(known) < len(files):
        raise FilesError("the time of recording is not known")
    order = sorted(range(len(files)), key=lambda number: (known[number], number))
    ordered = [files[number] for number in order]
    first_ms = min(known)
    shifts = [known[number] - first_ms for number in order]
    ends = [shift + one.recording.duration_ms for shift, one in zip(shifts, ordered, strict=True)]
    if max(ends) > MAX_SPAN_MS:
        raise FilesError("their times of recording are more than a year apart")
    counts = summarized(
        _joined([one.counted for one in ordered], shifts),
        ordered[0].zones_file,
        replace(ordered[0].recording, duration_ms=max(ends)),
        interval_minutes,
    )
    gaps = tuple(_gaps(shifts, ends))
    counts = replace(
        counts,
        whole=_over_covered_time(counts.whole, gaps),
        per_interval=tuple(
            _over_covered_time(one, gaps) for one in counts.per_interval if covered_ms(one.interval, gaps) > 0
        ),
        gaps=gaps,
    )
    return AddedCounts(tuple(order), counts, tuple(_between(ordered, shifts, ends)))


def _joined(files: Sequence[Counted], shifts: Sequence[int]) -> Counted:
    """Joins what was found in all files. The people of a file follow those of the files before.

    Args:
        files: in the order of time.
        shifts: milliseconds from the start of the first file to the start of each.
    """
    moved, first = [], 0
    for one, shift_ms in zip(files, shifts, strict=True):
        moved.append(_moved(one, first, shift_ms))
        first += 1 + max((person.person for person in one.people), default=-1)
    return Counted(
        visits=tuple(chain.from_iterable(one.visits for one in moved)),
        crossings=tuple(chain.from_iterable(one.crossings for one in moved)),
        presences=tuple(chain.from_iterable(one.presences for one in moved)),
        people=tuple(chain.from_iterable(one.people for one in moved)),
        excluded=Excluded(
            staff=sum(one.excluded.staff for one in moved),
            seen_too_short=sum(one.excluded.seen_too_short for one in moved),
        ),
        last_ms=max(one.last_ms for one in moved),
    )


def _moved(counted: Counted, first: int, by_ms: int) -> Counted:
    """Returns what was found in a file with later numbers of people, from `first` on, and later times."""

    def later(moment: Moment) -> Moment:
        return replace(moment, at_ms=moment.at_ms + by_ms)

    def moved(stretch: _Stretch) -> _Stretch:
        return replace(
            stretch,
            person=stretch.person + first,
            first_ms=stretch.first_ms + by_ms,
            last_ms=stretch.last_ms + by_ms,
        )

    return replace(
        counted,
        visits=tuple(
            replace(one, person=one.person + first, enter=later(one.enter), exit=later(one.exit))
            for one in counted.visits
        ),
        crossings=tuple(
            replace(one, person=one.person + first, moment=later(one.moment)) for one in counted.crossings
        ),
        presences=tuple(map(moved, counted.presences)),
        people=tuple(map(moved, counted.people)),
        last_ms=counted.last_ms + by_ms,
    )


def _gaps(starts: Sequence[int], ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yields the stretches that no file covers, from the first start on."""
    reached_ms = ends[0]
    for start_ms, end_ms in zip(starts[1:], ends[1:], strict=True):
        if start_ms > reached_ms:
            yield reached_ms, start_ms
        reached_ms = max(reached_ms, end_ms)


def _over_covered_time(summary: Summary, gaps: Sequence[tuple[int, int]]) -> Summary:
    """Divides the means by the time that the files cover, instead of the length of the interval."""
    interval = summary.interval
    covered = covered_ms(interval, gaps)
    factor = (interval.end_ms - interval.start_ms) / covered if covered else 1.0

    def scaled(one: Occupancy) -> Occupancy:
        return replace(one, mean=one.mean * factor)

    return replace(
        summary,
        picture=replace(summary.picture, occupancy=scaled(summary.picture.occupancy)),
        zones=tuple(replace(zone, occupancy=scaled(zone.occupancy)) for zone in summary.zones),
    )


def _between(files: Sequence[VideoCounts], starts: Sequence[int], ends: Sequence[int]) -> Iterator[Between]:
    longest = 0  # the file that reaches furthest so far
    for at, other in enumerate(files[1:]):
        longest = max(longest, at, key=ends.__getitem__)
        gap_ms = starts[at + 1] - ends[longest]
        if gap_ms > TOLERANCE_MS:
            yield Between(at, gap_ms, 0, 0)
            continue
        one = files[longest]
        # Both files have the people of this time: that of an overlap, or the moment at which they meet.
        from_ms = min(starts[at + 1], ends[longest]) - EDGE_MS
        to_ms = max(starts[at + 1], min(ends[longest], ends[at + 1])) + EDGE_MS
        yield Between(
            at,
            gap_ms,
            _seen_between(one, from_ms - starts[longest], to_ms - starts[longest]),
            _seen_between(other, from_ms - starts[at + 1], to_ms - starts[at + 1]),
        )


def _seen_between(file: VideoCounts, from_ms: int, to_ms: int) -> int:
    """Returns how many people of a file were seen within a time of it."""
    return sum(one.last_ms >= from_ms and one.first_ms <= to_ms for one in file.counted.people)
