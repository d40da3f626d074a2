"""Erases what the pipeline stores about a video, for good: results, chunks and job records.

The caller carries out these steps. Each of them can be repeated after a failure, in another process too.

1. `plan` checks the records that `JobTable.find` lists. It changes nothing, and refuses if a job is running
   or being started. A job whose results cannot be collected may be erased.
2. `mark` changes every record, so that waiting jobs do not start, and so that every function that still works
   with an older state of the record has lost its lease.
3. `bury_unrecorded` keeps late events from recording videos that have no record yet.
4. `erase` erases the results at once.
5. From `ErasurePlan.settled_ms` on, `finish` erases the results once more and replaces the records by
   tombstones. The records go last, because they say what there is to erase if the caller has to begin again.

A function that stalls may still write a file after it has lost its lease. Only the end of its invocation
limits that, so `finish` refuses before. A tombstone holds the video id only. It keeps a late S3 event from
recording the video again, and DynamoDB deletes it when no event can be on its way any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from people_pathing.common.clock import now_ms, utc_time
from people_pathing.common.s3_erasure import erase_versions
from people_pathing.pipeline.counting.stored_names import STORED_NAMES
from people_pathing.pipeline.counting.table_files import table_keys
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.job_table import JobTable
from people_pathing.pipeline.results_bucket import chunks_prefix, erase_files
from people_pathing.pipeline.video import Video
from people_pathing.results import annotated_video, file_names

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

MINUTE_MS = 60_000
SETTLING_MS = 20 * MINUTE_MS
"""How long after a change of a record a function may still be working with it.

Lambda ends every invocation after at most 15 minutes. The rest is for clocks that differ.
"""

TOMBSTONE_S = 30 * 24 * 3600
"""Longer than any queue or retry keeps an event. Failed events stay in their queue for 14 days."""

ERASING_REASON = "the video is being erased; if that was interrupted, erase it again"


class JobInProgressError(Exception):
    """A function is at work with a job of the video, so it was not erased."""


class NotSettledError(Exception):
    """A function may still write results of the video. `ErasurePlan.settled_ms` says until when."""


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """What there is to erase.

    Attributes:
        records: the job records of the video's versions.
    """

    records: tuple[JobRecord, ...]

    @property
    def job_ids(self) -> frozenset[str]:
        """The service's ids of the jobs that were started for these records."""
        return frozenset(record.job_id for record in self.records if record.job_id)

    @property
    def settled_ms(self) -> int:
        """When no function can be writing results any more. Usually this time is in the past."""
        return max((record.updated_ms + SETTLING_MS for record in self.records), default=0)


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased.

    Attributes:
        record_count: number of job records.
        object_count: number of objects. Every version and every delete marker counts.
    """

    record_count: int
    object_count: int


@dataclass(frozen=True, slots=True)
class Eraser:
    """Erases what the pipeline stores about a video. Errors of AWS are botocore's.

    Attributes:
        s3: a boto3 client of S3.
        table: the job table.
        results_bucket: the name of the results bucket.
        now_ms: returns the current time in milliseconds since the epoch.
    """

    s3: S3Client
    table: JobTable
    results_bucket: str
    now_ms: Callable[[], int] = now_ms

    def plan(self, records: Iterable[JobRecord]) -> ErasurePlan:
        """Plans the erasure of records that `JobTable.find` has found.

        Raises:
            JobInProgressError: a job is running or being started.
        """
        plan = ErasurePlan(tuple(records))
        for record in plan.records:
            if record.is_open and self._is_at_work(record):
                raise JobInProgressError(f"{_uri(record)} is being tracked; erase it when its job has ended")
        return plan

    def _is_at_work(self, record: JobRecord) -> bool:
        """Tells whether a function owns the job, or the service may be working on it without trouble."""
        is_running = record.state is JobState.IN_PROGRESS and record.trouble_since_ms is None
        return is_running or not record.is_free(self.now_ms())

    def mark(self, plan: ErasurePlan) -> ErasurePlan:
        """Keeps all functions from working with the records, and returns the plan with the marked records.

        Raises:
            JobInProgressError: a job has started since `plan`. Marked records stay marked.
        """
        return ErasurePlan(tuple(map(self._mark, plan.records)))

    def bury_unrecorded(self, videos: Iterable[Video]) -> None:
        """Stores tombstones for videos without a record. Their events may still be on their way.

        Raises:
            JobInProgressError: one of the videos has been recorded since `plan`.
        """
        ttl_s = self.now_ms() // 1000 + TOMBSTONE_S
        for video in videos:
            if not self.table.bury_unrecorded(video.video_id, ttl_s):
                raise _changed(video)

    def erase(self, plan: ErasurePlan) -> int:
        """Erases the results of marked records: all versions, chunks and unfinished uploads.

        Returns:
            How many versions and delete markers were erased.
        """
        return sum(map(self._erase_results, plan.records))

    def finish(self, plan: ErasurePlan) -> Erased:
        """Erases the results of marked records once more, then replaces the records by tombstones.

        Raises:
            NotSettledError: a function may still be writing results. Nothing was erased.
            JobInProgressError: a record has changed since it was marked.
        """
        now_ms = self.now_ms()
        if now_ms < plan.settled_ms:
            raise NotSettledError(f"a function may write results for {plan.settled_ms - now_ms} ms more")
        object_count = self.erase(plan)
        ttl_s = now_ms // 1000 + TOMBSTONE_S
        for record in plan.records:
            if not self.table.bury(record, ttl_s):
                raise _changed(record)
        return Erased(len(plan.records), object_count)

    def _mark(self, record: JobRecord) -> JobRecord:
        # The time of the last change stays, because settled_ms depends on it if the caller begins again.
        state = JobState.FAILED if record.is_open else record.state
        marked = replace(record, state=state, lease_until_ms=0, reason=ERASING_REASON)
        stored = self.table.replace(record, marked)
        if stored is None:
            raise _changed(record)
        return stored

    def _erase_results(self, record: JobRecord) -> int:
        # The prefix may also contain the results of other videos: a key may begin with this video's key and
        # version. So the files are erased by name.
        files = {record.results_prefix + name for name in stored_names()}
        count = self._erase_files(record.results_prefix, files)
        for key in table_keys(record.video_id, utc_time(record.uploaded_ms).date()):
            count += self._erase_files(key, {key})
        return count + erase_versions(self.s3, self.results_bucket, chunks_prefix(record.video_id))

    def _erase_files(self, prefix: str, keys: set[str]) -> int:
        return erase_files(self.s3, self.results_bucket, prefix, keys)


def stored_names() -> tuple[str, ...]:
    """Returns the names of all files that may be stored beside each other for one video."""
    return (*file_names(), *STORED_NAMES, annotated_video.NAME)


def _uri(video: JobRecord | Video) -> str:
    return f"s3://{video.bucket}/{video.key}"


def _changed(video: JobRecord | Video) -> JobInProgressError:
    return JobInProgressError(f"the job of {_uri(video)} changed while it was being erased; erase it again")
