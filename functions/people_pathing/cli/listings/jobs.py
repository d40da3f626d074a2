"""Job records as the command line shows them: as a line, in detail, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from people_pathing.cli.errors import CommandError
from people_pathing.cli.progress import format_duration
from people_pathing.common.clock import utc_text_to_second

if TYPE_CHECKING:
    from people_pathing.pipeline.job_record import JobRecord

HEADINGS = ("state", "age", "key", "job", "reason")
SHORT_ID_DIGITS = 12
"""Digits of a job id that a line shows. They distinguish jobs, and name one on the command line."""
MANY = 20
"""How many jobs an error message lists at most."""


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job record with the time at which it was listed.

    Attributes:
        record: the job record.
        listed_ms: milliseconds since the epoch.
    """

    record: JobRecord
    listed_ms: int

    def cells(self, *, wide: bool) -> tuple[str, ...]:
        """Returns a text for each of HEADINGS.

        Args:
            wide: whether the whole job id is shown.
        """
        record, job_id = self.record, self.record.job_id or ""
        return (
            record.state.value,
            format_duration(self.listed_ms - record.uploaded_ms),
            record.key,
            job_id if wide else job_id[:SHORT_ID_DIGITS],
            record.reason or "",
        )


def oldest_first(records: Iterable[JobRecord]) -> list[JobRecord]:
    """Sorts records by the time of the upload."""
    return sorted(records, key=lambda record: (record.uploaded_ms, record.video_id))


def summary(records: Sequence[JobRecord]) -> str:
    """Returns how many jobs there are, and how many in each state."""
    if not records:
        return "no jobs"
    counts = Counter(record.state for record in records)
    states = ", ".join(f"{count:,} {state.value}" for state, count in sorted(counts.items()))
    return f"{len(records):,} {'job' if len(records) == 1 else 'jobs'}: {states}"


def only_job(records: Iterable[JobRecord], name: str) -> JobRecord:
    """Finds the job that a user names.

    Args:
        records: all jobs.
        name: the key of a video, or at least the first digits of a job id or video id.

    Raises:
        CommandError: no job or several jobs have this name.
    """
    found = [
        record
        for record in oldest_first(records)
        if record.key == name or (record.job_id or "").startswith(name) or record.video_id.startswith(name)
    ]
    if not found:
        raise CommandError(
            f"there is no job {name}; give the key of a video, a job id or the beginning of one, "
            "as `people-pathing jobs` lists them"
        )
    if len(found) > 1:
        lines = [f"  {one.job_id or one.video_id}  {one.state}  {one.key}" for one in found[:MANY]]
        if len(found) > MANY:
            lines.append(f"  and {len(found) - MANY:,} more")
        raise CommandError(f"{name} names {len(found)} jobs; give the id of one of them", details=lines)
    return found[0]


def details(record: JobRecord, progress: float | None = None) -> list[tuple[str, str]]:
    """Returns what is known about a job, as names and texts.

    Args:
        record: the job.
        progress: share of its work that is done, 0..1; None if it is not known.
    """
    known = {
        "state": record.state.value if progress is None else f"{record.state.value}, {progress:.0%} done",
        "reason": record.reason,
        "key": record.key,
        "bucket": record.bucket,
        "version": record.version,
        "video id": record.video_id,
        "job": record.job_id,
        "uploaded": _utc(record.uploaded_ms),
        "started": _utc(record.started_ms),
        "finished": _utc(record.finished_ms),
        "next attempt": _utc(record.due_ms) if record.is_open else None,
        "failing since": _utc(record.trouble_since_ms),
        "results": record.results_prefix,
    }
    return [(name, text) for name, text in known.items() if text is not None]


def json_members(record: JobRecord) -> dict[str, str | None]:
    """Returns a job as an object for JSON."""
    return {
        "state": record.state.value,
        "bucket": record.bucket,
        "key": record.key,
        "version": record.version,
        "video_id": record.video_id,
        "job_id": record.job_id,
        "reason": record.reason,
        "uploaded_at": _utc(record.uploaded_ms),
        "started_at": _utc(record.started_ms),
        "finished_at": _utc(record.finished_ms),
        "results_prefix": record.results_prefix,
    }


def _utc(time_ms: int | None) -> str | None:
    return None if time_ms is None else utc_text_to_second(time_ms)
