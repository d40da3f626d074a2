"""The queue of waiting jobs. The oldest upload starts first, until the service's job limit is reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from people_pathing.pipeline.job_metrics import JobMetrics
from people_pathing.pipeline.job_record import START_LEASE_MS, JobRecord, JobState
from people_pathing.pipeline.job_table import JobTable
from people_pathing.pipeline.observability import log_context, logger
from people_pathing.pipeline.s3_events import UploadedVideo
from people_pathing.pipeline.tracking_client import (
    LimitReached,
    Rejected,
    Started,
    StartOutcome,
    Throttled,
    TrackingClient,
    TransientFailure,
)
from people_pathing.pipeline.video_bucket import unavailable_reason

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

LIMIT_MEMORY_MS = 60_000
"""How long after the service reported its limit new uploads wait without asking again.

The schedule asks every minute in any case.
"""
MAX_FAILURES_IN_A_ROW = 3
"""After so many transient errors in a row the service is probably down, and the other jobs wait.

One failure is not enough: a single job that always fails must not block the jobs behind it.
"""


@dataclass(frozen=True, slots=True)
class StartQueue:
    """The queue of waiting jobs, which the job table holds.

    Attributes:
        table: the job table.
        tracking: starts jobs.
        s3: a boto3 client of S3, to check that a video still exists.
        job_metrics: counts jobs as they change state.
        now_ms: returns the current time in milliseconds since the epoch.
        deadline_reached: tells whether this invocation must not start another job.
    """

    table: JobTable
    tracking: TrackingClient
    s3: S3Client
    job_metrics: JobMetrics
    now_ms: Callable[[], int]
    deadline_reached: Callable[[], bool]

    def admit(self, upload: UploadedVideo) -> JobRecord | None:
        """Records a new job. Returns its record, or None if the video has one already."""
        record = JobRecord.of(upload.video, upload.uploaded_ms, self.now_ms())
        with log_context(record):
            if self.table.add(record):
                logger.info("the job was recorded")
                return record
            logger.info("the job was recorded before: S3 delivered the event again")
            return None

    def start(self, arrivals: Sequence[JobRecord] = ()) -> None:
        """Starts waiting jobs, the oldest upload first.

        Stops at the job limit, if the service throttles, after several transient errors in a row, and at the
        deadline. The other jobs wait for the next call.

        Args:
            arrivals: jobs that this invocation has just recorded. If an older job met the limit a moment ago,
                they wait without a call to the service. Otherwise a burst of uploads would mean a burst of
                calls that all meet the limit. The jobs start when another job ends, or within a minute.
        """
        failures_in_a_row = 0
        arrived = {record.video_id for record in arrivals}
        for record in self._in_order(arrivals):
            if arrived and record.video_id not in arrived and self._met_limit_recently(record):
                logger.info("the job limit was reached recently: the new jobs wait")
                return
            if self.deadline_reached():
                logger.info("this invocation is about to end: the other jobs wait for the next one")
                return
            with log_context(record):
                outcome = self._start(record)
            if isinstance(outcome, LimitReached | Throttled):
                return
            failures_in_a_row = failures_in_a_row + 1 if isinstance(outcome, TransientFailure) else 0
            if failures_in_a_row == MAX_FAILURES_IN_A_ROW:
                return

    def measure(self) -> None:
        """Records how many jobs wait, and the age of the oldest."""
        uploads_ms = [record.uploaded_ms for record in self.table.in_state(JobState.WAITING)]
        oldest_age_ms = self.now_ms() - min(uploads_ms) if uploads_ms else 0
        # S3's clock may be ahead of this one.
        self.job_metrics.waiting(len(uploads_ms), max(0, oldest_age_ms) / 1000)

    def _in_order(self, arrivals: Sequence[JobRecord]) -> Iterator[JobRecord]:
        listed = set()
        for record in self.table.in_state(JobState.WAITING, due_ms=self.now_ms()):
            listed.add(record.video_id)
            yield record
        # The table's index may not list a record yet that was just added.
        yield from (record for record in arrivals if record.video_id not in listed)

    def _met_limit_recently(self, record: JobRecord) -> bool:
        limit_reached_ms = record.limit_reached_ms
        return limit_reached_ms is not None and self.now_ms() - limit_reached_ms < LIMIT_MEMORY_MS

    def _start(self, record: JobRecord) -> StartOutcome | None:
        """Starts one job and stores the outcome. Returns None if another function owns the job."""
        leased = self.table.replace(record, record.leased(self.now_ms(), START_LEASE_MS))
        if leased is None:
            return None
        unavailable = unavailable_reason(self.s3, leased.video)
        outcome = Rejected(unavailable) if unavailable else self.tracking.start(leased.video)
        new = self._after(leased, outcome)
        if self.table.replace(leased, new) is None:
            # The completion notice of a very short job may arrive before this.
            logger.info("another function has changed the record since")
        elif not new.is_open:
            self.job_metrics.finished(new)
        return outcome

    def _after(self, leased: JobRecord, outcome: StartOutcome) -> JobRecord:
        """Returns the record after a start, and reports the outcome."""
        now_ms = self.now_ms()
        match outcome:
            case Started(job_id):
                logger.info("the job was started", job_id=job_id)
                self.job_metrics.started()
                return leased.in_progress(job_id, now_ms)
            case LimitReached(reason):
                logger.info("the job waits: the job limit is reached", reason=reason)
                return leased.limit_reached(reason, now_ms)
            case Throttled(reason):
                logger.info("the job waits: the service throttles", reason=reason)
                return leased.deferred(reason, now_ms)
            case TransientFailure(reason):
                logger.warning("the job could not be started and is tried again", reason=reason)
                self.job_metrics.deferred()
                return leased.deferred(reason, now_ms)
            case Rejected(reason):
                logger.error("the job was rejected", reason=reason)
                return leased.failed(reason, now_ms)
