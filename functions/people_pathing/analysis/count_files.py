"""The files that `people-pathing count` writes: counts.json and tables in CSV."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any

from people_pathing.analysis.consecutive_files import AddedCounts
from people_pathing.analysis.counting.events import PersonSeen
from people_pathing.analysis.floor.areas import floor_area_m2
from people_pathing.analysis.floor.homography import floor_position, reprojection_errors_m
from people_pathing.analysis.path_points import PathPoint
from people_pathing.analysis.summaries.summary import Summary, ZoneSummary
from people_pathing.analysis.video_counts import Event, VideoCounts, covered_ms
from people_pathing.analysis.zones_file.writing import zones_document

VERSION = 1
COUNTS, EVENTS, INTERVALS, FLOWS, FLOOR_PATHS = (
    "counts.json",
    "events.csv",
    "intervals.csv",
    "flows.csv",
    "floor_paths.csv",
)
ALL_NAMES = (COUNTS, EVENTS, INTERVALS, FLOWS, FLOOR_PATHS)
ANALYSIS = "analysis.json"
"""What a deployed stack stores after its counts, and a copy of the results has."""
# Readers who find counts.json can rely on the files before it.
COUNT_NAMES = (EVENTS, INTERVALS, FLOWS, FLOOR_PATHS, COUNTS, ANALYSIS)
"""The files with counts, which are wrong with other tracks, in the order in which a stack stores them."""
EVENT_COLUMNS = (
    *("at_ms", "at_utc", "person", "event", "section", "section_type", "direction", "cause", "dwell_ms"),
    *("x", "y", "move_x", "move_y", "x_m", "y_m"),
)
INTERVAL_COLUMNS = (
    *("interval", "start_ms", "start_utc", "video_ms", "section", "section_type", "people"),
    *("visits", "entered", "exited", "dwell_median_ms", "dwell_p90_ms"),
    *("occupancy_mean", "occupancy_max", "density_per_m2", "in", "out"),
)
FLOW_COLUMNS = ("interval", "start_ms", "origin", "destination", "people", "end_to_end")
FLOOR_PATH_COLUMNS = ("person", "at_ms", "x_m", "y_m")
PICTURE = "picture"
_DECIMALS_M = 3
_DECIMALS_MEAN = 4


def counts_document(
    counts: VideoCounts,
    video: str,
    interval_minutes: int,
    *,
    recorded_at_source: str | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Returns the content of counts.json.

    Args:
        counts: of one video.
        video: its name.
        interval_minutes: length of the intervals.
        recorded_at_source: what says when the video was recorded; None if nothing does.
        provenance: how the counted results were made; None if that is not known.
    """
    excluded, recording = counts.counted.excluded, counts.recording
    return {
        "version": VERSION,
        "video": video,
        "recorded_at": recording.utc(0),
        "recorded_at_source": recorded_at_source,
        "timezone": recording.timezone,
        "duration_ms": recording.duration_ms,
        "interval_minutes": interval_minutes,
        "excluded": {"staff": excluded.staff, "seen_too_short": excluded.seen_too_short},
        **_floor_facts(counts),
        **_figures(counts, counts.whole),
        "flows": _flow_totals(counts),
        "provenance": provenance,
        "zones_file": zones_document(counts.zones_file),
        "people": [_person(person) for person in counts.counted.people],
        "intervals": [
            {
                "interval": summary.interval.label,
                "start_ms": summary.interval.start_ms,
                "end_ms": summary.interval.end_ms,
                **_figures(counts, summary),
            }
            for summary in counts.per_interval
        ],
    }


def total_document(added: AddedCounts, videos: Sequence[str], interval_minutes: int) -> dict[str, Any]:
    """Returns the content of counts.json for several files together.

    Args:
        added: the counts of all files.
        videos: their names, in the order in which the files were given.
        interval_minutes: length of the intervals.
    """
    names = [videos[number] for number in added.order]
    return {
        **counts_document(added.counts, f"{len(names)} files", interval_minutes),
        "files": names,
        "gaps": [{"after": names[one.at], "gap_ms": one.gap_ms} for one in added.gaps],
        "overlaps": [{"after": names[one.at], "overlap_ms": -one.gap_ms} for one in added.overlaps],
        "cut": {
            "before": sum(one.cut_before for one in added.between),
            "after": sum(one.cut_after for one in added.between),
        },
    }


def events_csv(counts: VideoCounts) -> str:
    """Returns the table of all events."""
    rows = (
        (
            event.moment.at_ms,
            counts.recording.utc(event.moment.at_ms),
            event.person,
            *event_values(counts, event),
        )
        for event in counts.events
    )
    return _csv(EVENT_COLUMNS, (dict(zip(EVENT_COLUMNS, row, strict=True)) for row in rows))


def event_values(counts: VideoCounts, event: Event) -> tuple[str | int | float | None, ...]:
    """Returns what EVENT_COLUMNS says about an event, from `event` on. A value that is not known is None."""
    moment, calibration = event.moment, counts.zones_file.calibration
    is_zone = any(zone.name == event.section for zone in counts.zones_file.zones)
    x_m = y_m = None
    if calibration:
        position = floor_position(calibration.homography, (moment.x, moment.y))
        x_m, y_m = (round(metres, _DECIMALS_M) for metres in position)
    return (
        *(event.type, event.section, "zone" if is_zone else "line"),
        *(event.direction, event.cause, event.dwell_ms),
        *(moment.x, moment.y, moment.move_x, moment.move_y, x_m, y_m),
    )


def intervals_csv(counts: VideoCounts) -> str:
    """Returns the table of intervals: a row for the picture, each zone and each line."""
    rows = []
    for summary in counts.per_interval:
        interval, figures = summary.interval, _figures(counts, summary)
        time = {
            "interval": interval.label,
            "start_ms": interval.start_ms,
            "start_utc": counts.recording.utc(interval.start_ms),
            "video_ms": covered_ms(interval, counts.gaps),
        }
        rows.append({**time, "section_type": PICTURE, **figures["picture"]})
        for kind, members in (("zone", figures["zones"]), ("line", figures["lines"])):
            rows += [
                {**time, **member, "section_type": kind, "section": member["name"]} for member in members
            ]
    return _csv(INTERVAL_COLUMNS, rows)


def flows_csv(counts: VideoCounts) -> str:
    """Returns the table of flows: a row for each interval and pair of sections that has people."""
    rows = []
    flows = list(counts.flows)
    for summary in counts.per_interval:
        interval = summary.interval
        here = [flow for flow in flows if interval.start_ms <= flow.at_ms < interval.end_ms]
        rows += [
            {"interval": interval.label, "start_ms": interval.start_ms, **total}
            for total in _totals((one.origin, one.destination, one.is_end_to_end) for one in here)
        ]
    return _csv(FLOW_COLUMNS, rows)


def floor_paths_csv(counts: VideoCounts, points: Iterable[PathPoint]) -> Iterable[str]:
    """Yields the lines of the table of floor positions, for all people who count.

    Args:
        counts: with a calibration.
        points: the same that were counted.
    """
    calibration = counts.zones_file.calibration
    assert calibration is not None
    included = {person.person for person in counts.counted.people}
    yield ",".join(FLOOR_PATH_COLUMNS) + "\n"
    for point in points:
        if point.person in included:
            x, y = floor_position(calibration.homography, (point.x, point.y))
            yield f"{point.person},{point.at_ms},{x:.{_DECIMALS_M}f},{y:.{_DECIMALS_M}f}\n"


def _figures(counts: VideoCounts, summary: Summary) -> dict[str, Any]:
    picture = summary.picture
    return {
        "picture": {
            "people": picture.people,
            "occupancy_mean": round(picture.occupancy.mean, _DECIMALS_MEAN),
            "occupancy_max": picture.occupancy.maximum,
        },
        "zones": [_zone(counts, zone) for zone in summary.zones],
        "lines": [
            {"name": line.name, "people": line.people, "in": line.crossings_in, "out": line.crossings_out}
            for line in summary.lines
        ],
    }


def _zone(counts: VideoCounts, zone: ZoneSummary) -> dict[str, Any]:
    figures = {
        "name": zone.name,
        "people": zone.people,
        "visits": zone.visits,
        "entered": zone.entered,
        "exited": zone.exited,
        "dwell_median_ms": zone.dwell_median_ms,
        "dwell_p90_ms": zone.dwell_p90_ms,
        "occupancy_mean": round(zone.occupancy.mean, _DECIMALS_MEAN),
        "occupancy_max": zone.occupancy.maximum,
    }
    if calibration := counts.zones_file.calibration:
        [polygon] = [one.polygon for one in counts.zones_file.zones if one.name == zone.name]
        area_m2 = floor_area_m2(calibration.homography, polygon)
        figures["area_m2"] = round(area_m2, _DECIMALS_M)
        figures["density_per_m2"] = round(zone.occupancy.mean / area_m2, _DECIMALS_MEAN)
    return figures


def _floor_facts(counts: VideoCounts) -> dict[str, Any]:
    calibration = counts.zones_file.calibration
    if calibration is None:
        return {}
    errors_m = reprojection_errors_m(calibration.points, calibration.homography)
    return {
        "reprojection_error_m": {
            "mean": round(sum(errors_m) / len(errors_m), _DECIMALS_M),
            "max": round(max(errors_m), _DECIMALS_M),
        }
    }


def _person(person: PersonSeen) -> dict[str, Any]:
    row: dict[str, Any] = {
        "person": person.person,
        "first_ms": person.first_ms,
        "last_ms": person.last_ms,
        "seen_ms": person.seen_ms,
    }
    if person.distance_m is not None:
        row["distance_m"] = round(person.distance_m, _DECIMALS_M)
        speed = person.distance_m / person.seen_ms * 1000 if person.seen_ms else None
        row["speed_m_per_s"] = None if speed is None else round(speed, _DECIMALS_M)
    return row


def _flow_totals(counts: VideoCounts) -> list[dict[str, Any]]:
    return _totals((one.origin, one.destination, one.is_end_to_end) for one in counts.flows)


def _totals(flows: Iterable[tuple[str, str, bool]]) -> list[dict[str, Any]]:
    """Adds up the people of each pair of sections, in the order of the first."""
    people: Counter[tuple[str, str]] = Counter()
    end_to_end: Counter[tuple[str, str]] = Counter()
    for origin, destination, is_end_to_end in flows:
        people[origin, destination] += 1
        end_to_end[origin, destination] += is_end_to_end
    return [
        {
            "origin": origin,
            "destination": destination,
            "people": count,
            "end_to_end": end_to_end[origin, destination],
        }
        for (origin, destination), count in people.items()
    ]


def _csv(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> str:
    """Returns a table. Members of a row that are no column are left out, and missing ones are empty."""
    text = StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
