"""Reads the summary of one video from job.json and people.json."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

from people_pathing.analysis.summaries.figures import Stretch, occupancy
from people_pathing.analysis.zones_file.sections import Rules
from people_pathing.report.overview.entry import TimeMeaning, VideoSummary
from people_pathing.report.overview.sparkline import column_peaks, sparkline_path
from people_pathing.results.recording_time import stated_time
from people_pathing.results.stored_result import MAX_VIDEO_MS, StoredResultError

MAX_PEOPLE_BYTES = 32 * 1024 * 1024
"""Of people.json. The paths of a longer file are not read: reading thousands of videos must end."""


def read_summary(job_json: bytes, people_json: bytes | None) -> VideoSummary:
    """Reads the result files of one video.

    Args:
        job_json: the content of job.json.
        people_json: the content of people.json; None if it is too long.

    Raises:
        StoredResultError: a file is damaged.
    """
    try:
        job = json.loads(job_json)
        duration_ms = int(job["VideoMetadata"].get("DurationMillis", 0))
        people = int(job["counts"]["people"])
        if not 0 <= duration_ms <= MAX_VIDEO_MS or people < 0:
            raise ValueError(f"it says {duration_ms} ms and {people} people")
        at_ms, at_meaning = _time(job)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise StoredResultError(f"job.json is damaged ({error!r})") from error
    if people_json is None:
        return VideoSummary(duration_ms or None, people, at_ms, at_meaning)
    try:
        paths = [person["path"] for person in json.loads(people_json)]
        if len(paths) != people:
            raise ValueError(f"it has {len(paths)} people, but job.json says {people}")
        stretches = [stretch for path in paths for stretch in _stretches(path)]
        end_ms = max([duration_ms, *(last_ms + 1 for _, last_ms in stretches)])
        if end_ms > MAX_VIDEO_MS or any(first_ms < 0 for first_ms, _ in stretches):
            raise ValueError("a time is not in the video")
        most_at_once = occupancy(stretches, 0, end_ms).maximum
        sparkline = sparkline_path(column_peaks(stretches, end_ms)) if end_ms else None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise StoredResultError(f"people.json is damaged ({error!r})") from error
    return VideoSummary(duration_ms or None, people, at_ms, at_meaning, most_at_once, sparkline)


def _time(job: Mapping[str, Any]) -> tuple[int, TimeMeaning] | tuple[None, None]:
    """Returns the time that says most about a video, in milliseconds since the epoch."""
    tracked_at = job.get("provenance", {}).get("tracked_at", "unknown")
    times: tuple[tuple[str | None, TimeMeaning], ...] = (
        (job.get("recorded_at"), "recorded"),
        (job.get("uploaded_at"), "uploaded"),
        # Another service does not report it.
        (None if tracked_at == "unknown" else tracked_at, "tracked"),
    )
    return next(((stated_time(text, UTC), meaning) for text, meaning in times if text), (None, None))


def _stretches(path: list[Any]) -> Iterator[Stretch]:
    """Yields when a person was present, by the rule that counting has without a zones file."""
    if not path:
        return
    start_ms = last_ms = int(path[0][0])
    for at_ms, *_ in path[1:]:
        if at_ms - last_ms > Rules().max_gap_ms:
            yield start_ms, last_ms
            start_ms = at_ms
        last_ms = at_ms
    yield start_ms, last_ms
