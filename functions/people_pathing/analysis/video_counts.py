"""Counts one video: from the points of the paths to events, summaries and flows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from people_pathing.analysis.counting.counter import Counter
from people_pathing.analysis.counting.events import Cause, Counted, Direction, Moment
from people_pathing.analysis.path_points import PathPoint
from people_pathing.analysis.summaries.flows import FlowEvent, flow_events
from people_pathing.analysis.summaries.intervals import Interval, Recording, intervals
from people_pathing.analysis.summaries.summary import Summary, summarize
from people_pathing.analysis.zones_file.sections import ZonesFile

EventType = Literal["enter", "exit", "cross"]
_TYPE_ORDER = ("enter", "cross", "exit")


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the table of events.

    Attributes:
        type: what happened.
        section: name of the zone or line.
        person: the person's index.
        moment: when and where.
        direction: of a crossing; `in` for enter and `out` for exit.
        cause: why a visit begins or ends; `crossed` for a line.
        dwell_ms: how long the visit lasted; only for `exit`.
    """

    type: EventType
    section: str
    person: int
    moment: Moment
    direction: Direction
    cause: Cause
    dwell_ms: int | None = None


@dataclass(frozen=True, slots=True)
class VideoCounts:
    """All counts of one video.

    Attributes:
        recording: when the video was recorded, and how long it is.
        zones_file: what was counted.
        counted: visits, crossings, presences and people.
        events: all events in the order of time.
        whole: the figures of the whole video.
        per_interval: the figures of each interval.
        flows: every person in every flow.
        gaps: stretches of time, from a start to an end in milliseconds, that no file covers.
    """

    recording: Recording
    zones_file: ZonesFile
    counted: Counted
    events: tuple[Event, ...]
    whole: Summary
    per_interval: tuple[Summary, ...]
    flows: tuple[FlowEvent, ...]
    gaps: tuple[tuple[int, int], ...] = ()


def count_video(
    points: Iterable[PathPoint],
    zones_file: ZonesFile,
    *,
    aspect_ratio: float,
    recording: Recording,
    interval_minutes: int,
) -> VideoCounts:
    """Counts the people of one video.

    Args:
        points: sorted by person and then by time.
        zones_file: what is counted. Its time zone has precedence over that of `recording`.
        aspect_ratio: width of the frame divided by its height.
        recording: when the video was recorded. If there are later points, the video is as long as they need.
        interval_minutes: length of the intervals.

    Raises:
        PointOrderError: the points are not sorted.
    """
    counter = Counter(zones_file, aspect_ratio)
    counter.add_all(points)
    counted = counter.end()
    recording = replace(
        recording,
        # The last point belongs to the video, and the end of an interval does not belong to the interval.
        duration_ms=max(recording.duration_ms, counted.last_ms + 1),
        timezone=zones_file.timezone or recording.timezone,
    )
    return summarized(counted, zones_file, recording, interval_minutes)


def summarized(
    counted: Counted, zones_file: ZonesFile, recording: Recording, interval_minutes: int
) -> VideoCounts:
    """Returns the figures, events and flows of what was found.

    Args:
        counted: visits, crossings, presences and people.
        zones_file: what was counted.
        recording: when it was recorded, how long it is, and the clock that intervals follow.
        interval_minutes: length of the intervals.
    """
    whole = Interval(0, recording.duration_ms, "whole video")
    [summary] = summarize(counted, zones_file, [whole])
    names = section_names(zones_file)
    return VideoCounts(
        recording,
        zones_file,
        counted,
        events=find_events(counted, names),
        whole=summary,
        per_interval=summarize(counted, zones_file, intervals(recording, interval_minutes)),
        flows=flow_events(counted, names),
    )


def section_names(zones_file: ZonesFile) -> tuple[str, ...]:
    """Returns the names of all zones and then of all lines."""
    return (*(zone.name for zone in zones_file.zones), *(line.name for line in zones_file.lines))


def covered_ms(interval: Interval, gaps: Iterable[tuple[int, int]]) -> int:
    """Returns how much of an interval the video covers."""
    missing = (min(end, interval.end_ms) - max(start, interval.start_ms) for start, end in gaps)
    return interval.end_ms - interval.start_ms - sum(length for length in missing if length > 0)


def find_events(counted: Counted, names: tuple[str, ...]) -> tuple[Event, ...]:
    """Returns the events of all visits and crossings, in the order of time.

    Args:
        counted: visits and crossings.
        names: of the sections, in the order in which simultaneous events are listed.
    """
    order = {name: at for at, name in enumerate(names)}
    found: list[Event] = []
    for visit in counted.visits:
        found.append(Event("enter", visit.zone, visit.person, visit.enter, "in", visit.enter_cause))
        found.append(
            Event("exit", visit.zone, visit.person, visit.exit, "out", visit.exit_cause, visit.dwell_ms)
        )
    found += [
        Event("cross", one.line, one.person, one.moment, one.direction, "crossed")
        for one in counted.crossings
    ]

    def place(event: Event) -> tuple[int, int, int, int]:
        return event.moment.at_ms, event.person, order[event.section], _TYPE_ORDER.index(event.type)

    return tuple(sorted(found, key=place))
