"""The rows of the tables, in the order of the columns. Times in UTC are milliseconds since the epoch."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from people_pathing.analysis.count_files import event_values
from people_pathing.analysis.path_points import stored_path_points
from people_pathing.analysis.summaries.intervals import Recording
from people_pathing.analysis.video_counts import VideoCounts, count_video
from people_pathing.analysis.zones_file.sections import ZonesFile
from people_pathing.common.clock import utc_text
from people_pathing.results.files.people import MAX_GAP_MS
from people_pathing.results.observation import Observation
from people_pathing.results.stored_result import StoredResult
from people_pathing.tables.columns import AT_UTC, ROW

Row = tuple[str | int | float | None, ...]

PERSON_CLASS = 0
"""The class `person` of COCO, numbered from 0 as supervision does."""

PIXEL_DECIMALS = 2
_INTERVAL_MINUTES = 60
"""Events do not depend on the length of intervals."""


def sink_rows(stored: StoredResult) -> Iterator[Row]:
    """Yields the rows of `columns.ROW`: by person, then by time."""
    for observation in stored.observations():
        yield _sink_row(stored, observation)


def observation_rows(stored: StoredResult) -> Iterator[Row]:
    """Yields the rows of `columns.OBSERVATIONS`: by person, then by time."""
    video = _video_values(stored)
    for observation in stored.observations():
        box = observation.box
        ratios = (box.left, box.top, box.width, box.height) if box else (None,) * 4
        yield (*video, *_sink_row(stored, observation), *ratios)


def people_rows(stored: StoredResult) -> Iterator[Row]:
    """Yields the rows of `columns.PEOPLE`: by person."""
    for _, person in groupby(stored.observations(), lambda one: one.person_index):
        yield _person_row(stored, person)


def event_rows(stored: StoredResult, counts: VideoCounts) -> Iterator[Row]:
    """Yields the rows of `columns.EVENTS`: by time.

    Args:
        stored: names the video.
        counts: of this video.
    """
    video = _video_values(stored)
    for event in counts.events:
        at_ms = event.moment.at_ms
        yield (
            *(*video, event.person, at_ms, stored.at_utc_ms(at_ms)),
            *event_values(counts, event),
        )


def count_stored(stored: StoredResult, zones_file: ZonesFile) -> VideoCounts:
    """Counts the people of a video whose frame size is known.

    Raises:
        ObservationsError: a time is impossible, or the file of observations is damaged.
        PointOrderError: the observations are not sorted.
    """
    return count_video(
        stored_path_points(stored),
        zones_file,
        aspect_ratio=stored.frame_width_px / stored.frame_height_px,
        recording=Recording(stored.duration_ms, stored.recorded_at_ms),
        interval_minutes=_INTERVAL_MINUTES,
    )


def sink_values(row: Row) -> dict[str, str | int | float | None]:
    """Returns the values of a row of `columns.ROW` by name, with UTC as "2026-03-02T08:00:00.250Z"."""
    values = dict(zip(ROW.names, row, strict=True))
    at_ms = values[AT_UTC.name]
    return {**values, AT_UTC.name: utc_text(at_ms) if isinstance(at_ms, int) else None}


def _video_values(stored: StoredResult) -> Row:
    """Returns the values of `columns.VIDEO_COLUMNS`."""
    return stored.video_id, stored.bucket, stored.key, stored.version


def _person_row(stored: StoredResult, person: Iterator[Observation]) -> Row:
    first = last = next(person)
    dwell_ms, count = 0, 1
    for observation in person:
        gap_ms = observation.timestamp_ms - last.timestamp_ms
        dwell_ms += gap_ms if gap_ms <= MAX_GAP_MS else 0
        count += 1
        last = observation
    seen = first.timestamp_ms, stored.at_utc_ms(first.timestamp_ms), last.timestamp_ms
    return (*_video_values(stored), first.person_index, *seen, dwell_ms, count)


def _sink_row(stored: StoredResult, observation: Observation) -> Row:
    time_ms, box = observation.timestamp_ms, observation.box
    width_px, height_px = stored.frame_width_px, stored.frame_height_px
    edges: tuple[float | None, ...] = (None,) * 4
    if box and width_px and height_px:
        edges = (
            round(box.left * width_px, PIXEL_DECIMALS),
            round(box.top * height_px, PIXEL_DECIMALS),
            round((box.left + box.width) * width_px, PIXEL_DECIMALS),
            round((box.top + box.height) * height_px, PIXEL_DECIMALS),
        )
    place = observation.person_index, stored.frame_number(time_ms), time_ms, stored.at_utc_ms(time_ms)
    return (*edges, PERSON_CLASS, None, *place)
