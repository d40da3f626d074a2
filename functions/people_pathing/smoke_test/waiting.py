"""Why a clip has no turn: the job limit is reached, or the service throttles."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from people_pathing.common.aws_errors import is_throttling
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.job_table import JobTable

_RECENT_MS = 150_000
"""The schedule tries the oldest waiting job every minute. So a limit that is still reached was met lately."""
_MAX_LISTED = 100


def busy_reason(table: JobTable, clip: JobRecord, now_ms: int) -> str | None:
    """Returns why the service has no room for a clip, or None if something else keeps it from starting.

    The pipeline starts jobs in order and stops at the first one that the service refuses. So a clip behind an
    older video was never tried, and only that video's record says why.

    Args:
        table: the job table.
        clip: the record of the clip, which waits.
        now_ms: the current time in milliseconds since the epoch.

    Raises:
        BotoCoreError, ClientError: the waiting jobs cannot be listed.
    """
    return next((record.reason for record in _queue(table, clip) if _is_refused(record, now_ms)), None)


def _queue(table: JobTable, clip: JobRecord) -> Iterator[JobRecord]:
    """Yields the clip, and then the other waiting jobs, unless the start of the clip itself has failed."""
    yield clip
    if clip.trouble_since_ms is None:
        yield from islice(table.in_state(JobState.WAITING), _MAX_LISTED)


def _is_refused(record: JobRecord, now_ms: int) -> bool:
    """Tells whether the service has lately refused a job because it has no room."""
    recent_ms = now_ms - _RECENT_MS
    if record.trouble_since_ms is not None:
        return record.updated_ms >= recent_ms and is_throttling(record.reason or "")
    return record.limit_reached_ms is not None and record.limit_reached_ms >= recent_ms
