"""The videos of a deployed stack: their job records, and what their results say in short."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from people_pathing.common.aws_errors import error_code
from people_pathing.pipeline.job_record import JobState
from people_pathing.report.overview.entry import VideoEntry, VideoSummary
from people_pathing.report.overview.summary_reading import MAX_PEOPLE_BYTES, read_summary
from people_pathing.results.files import job_summary, people
from people_pathing.results.stored_result import StoredResultError

if TYPE_CHECKING:
    from people_pathing.cli.deployed_stack import DeployedStack
    from people_pathing.pipeline.job_record import JobRecord
    from people_pathing.pipeline.job_table import JobTable

READS_AT_ONCE = 8
"""boto3 keeps up to ten connections."""
GONE = "its results are gone: they have expired, or were erased"


@dataclass(frozen=True, slots=True)
class NewestJobs:
    """The jobs that were uploaded last.

    Attributes:
        records: the newest first.
        count: how many jobs there are, with those that are left out.
    """

    records: Sequence[JobRecord]
    count: int


@dataclass(frozen=True, slots=True)
class ReadSummary:
    """The summary of a video's results, or why there is none."""

    summary: VideoSummary | None = None
    problem: str | None = None


def newest_jobs(table: JobTable, limit: int, prefix: str = "") -> NewestJobs:
    """Reads the job table.

    Args:
        table: the job records.
        limit: how many jobs are returned.
        prefix: what the keys of the videos begin with.
    """
    # A job that changes its state between two queries is listed twice. The later state is right.
    found = {
        record.video_id: record
        for state in JobState
        for record in table.in_state(state)
        if record.key.startswith(prefix)
    }
    newest = heapq.nlargest(limit, found.values(), key=lambda one: (one.uploaded_ms, one.video_id))
    return NewestJobs(newest, len(found))


class SummaryReader:
    """Reads what results say in short: several videos at once, and results that have not changed once.

    Errors are botocore's, except for results that are missing or damaged.

    Args:
        stack: the deployed stack.
    """

    def __init__(self, stack: DeployedStack) -> None:
        self._stack = stack
        self._known: dict[tuple[str, int], ReadSummary] = {}

    def read_all(
        self, records: Sequence[JobRecord], report: Callable[[float], None] = lambda _: None
    ) -> dict[str, ReadSummary]:
        """Reads the results of those jobs that succeeded.

        Args:
            records: the jobs.
            report: is called with the share of the work that is done.

        Returns:
            What was read, by video id.
        """
        # Erasing people from results changes the record, too.
        ended = {
            (record.video_id, record.revision): record
            for record in records
            if record.state is JobState.SUCCEEDED
        }
        found = {key: self._known[key] for key in ended.keys() & self._known.keys()}
        new = [key for key in ended if key not in found]
        with ThreadPoolExecutor(READS_AT_ONCE) as pool:
            for number, read in enumerate(pool.map(self._read, [ended[key] for key in new])):
                found[new[number]] = read
                report((number + 1) / len(new))
        # Results that cannot be read now may be complete later.
        self._known = {key: read for key, read in found.items() if read.summary}
        return {video_id: read for (video_id, _), read in found.items()}

    def _read(self, record: JobRecord) -> ReadSummary:
        from botocore.exceptions import ClientError

        try:
            job = self._content(record.results_prefix + job_summary.NAME)
            return ReadSummary(read_summary(job or b"", self._content(record.results_prefix + people.NAME)))
        except StoredResultError as error:
            return ReadSummary(problem=str(error))
        except ClientError as error:
            if error_code(error) != "NoSuchKey":
                raise
            return ReadSummary(problem=GONE)

    def _content(self, key: str) -> bytes | None:
        """Returns a file's content; None if it is too long."""
        reply = self._stack.s3.get_object(Bucket=self._stack.results_bucket, Key=key)
        with closing(reply["Body"]) as body:
            content: bytes | None = body.read() if reply["ContentLength"] <= MAX_PEOPLE_BYTES else None
        return content


def stack_entry(
    record: JobRecord,
    read: ReadSummary | None,
    *,
    progress: float | None = None,
    report_address: str | None = None,
    command: str | None = None,
) -> VideoEntry:
    """Returns the row of a video.

    Args:
        record: of its job.
        read: what its results say; None if it has none.
        progress: share of the work that is done, 0..1; None if that is not known.
        report_address: of the report, relative to the page.
        command: what shows the report. Neither address nor command is shown if there are no results.
    """
    summary = read.summary if read else None
    is_recorded = summary is not None and summary.at_meaning == "recorded"
    return VideoEntry(
        id=record.video_id,
        name=record.key,
        state=record.state.value,
        at_ms=summary.at_ms if summary and is_recorded else record.uploaded_ms,
        at_meaning="recorded" if is_recorded else "uploaded",
        version=record.version,
        reason=record.reason or (read.problem if read else None),
        progress=progress,
        summary=summary,
        report_address=report_address if summary else None,
        command=command if summary else None,
    )
