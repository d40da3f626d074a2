"""The queue of waiting jobs. They start in the order in which they are due, up to the job limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from people_pathing.pipeline.events.s3_events import UploadedVideo
from people_pathing.pipeline.job_metrics import JobMetrics
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.job_table import PAGE_SIZE, JobTable
from people_pathing.pipeline.observability import log_context, logger
from people_pathing.pipeline.start_request import SentRequests, StartRequest
from people_pathing.pipeline.tracking_client import (
    LimitReached,
    Misconfigured,
    Rejected,
    Started,
    StartOutcome,
    Throttled,
    TrackingClient,
    TransientFailure,
    Unreadable,
)
from people_pathing.pipeline.video import Video
from people_pathing.pipeline.video_bucket import unavailable_reason, unreadable_reason

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

LIMIT_MEMORY_MS = 60_000
"""How long after the service reported its limit new uploads wait without asking again.

The schedule asks every minute in any case.
"""
MAX_FAILURES_IN_A_ROW = 3
"""After so many failures in a row the service is probably down or misconfigured, and the other jobs wait.

One failure is not enough: a single job that always fails must not block the jobs behind it.
"""
MAX_LISTED = 1000
"""How many jobs one listing reads. Reading all of them would take longer the more jobs wait."""
UPLOAD_PAGE_SIZE = 10
"""How many jobs one call reads for an upload.

Most uploads need only the first job: it met the limit a moment ago. In a burst, uploads compete for the same
jobs until the first ones meet the limit. Each page shows the newest state of the jobs, so that small pages
end this sooner.
"""
OLDEST_LISTED = 100
"""How many waiting jobs are read to find the oldest upload.

One would do if no job had been deferred. A deferred job may have an older upload than the jobs before it.
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
        """Records a new job.

        The job of an empty object has failed at once: the service would refuse it.

        Returns:
            The record of a job to start, or None if the video has a record already or is empty.
        """
        record = JobRecord.of(upload.video, upload.uploaded_ms, self.now_ms())
        with log_context(record):
            if upload.is_empty:
                if self.table.add(
                    record.failed("the object is empty: no bytes were uploaded", self.now_ms())
                ):
                    logger.warning("the uploaded object is empty")
                    self.job_metrics.empty()
                return None
            if self.table.add(record):
                logger.info("the job was recorded")
                return record
            logger.info("the job was recorded before: S3 delivered the event again")
            return None

    def start(self, arrivals: Sequence[JobRecord] = ()) -> None:
        """Starts waiting jobs, the oldest upload first.

        Stops at the job limit, if the service throttles, and at the deadline. The other jobs wait for the
        next call.

        Also stops after several failures in a row: the service may be down. But the failures may also have a
        cause that later uploads do not share, such as a bucket that the service must not read. So the newest
        jobs have their turn then, until one fails. A good upload starts however many bad ones wait before
        it, and a service that is down receives one call more.

        Args:
            arrivals: jobs that this invocation has just recorded. If an older job met the limit a moment ago,
                they wait without a call to the service. Otherwise a burst of uploads would mean a burst of
                calls that all meet the limit. The jobs start when another job ends, or within a minute.
        """
        if self._start_each(self._oldest_first(arrivals), MAX_FAILURES_IN_A_ROW):
            self._start_each(self._newest_first(arrivals), max_failures=1)

    def start_one(self, record: JobRecord) -> StartOutcome | None:
        """Starts one waiting job, whether it is its turn or not, and stores the outcome.

        Returns:
            The outcome, or None if another function owns the job.
        """
        with log_context(record):
            fresh = self.tracking.request(record.video)
            requests = record.requests or SentRequests(fresh)
            if not record.may_have_started:
                requests = requests.under(fresh)
            leased = self.table.replace(record, record.starting(requests, self.now_ms()))
            if leased is None:
                return None
            attempt = self._attempt_again if record.may_have_started else self._attempt
            outcome = attempt(record.video, requests.current)
            self._store(leased, outcome, requests.after_refusal(fresh))
            return outcome

    def measure(self) -> None:
        """Records how many jobs wait, and the ages of the oldest waiting job and the oldest job in progress.

        The number of items that it reads is limited, however many jobs there are.
        """
        count = self.table.count_up_to(JobState.WAITING, MAX_LISTED)
        waiting = islice(self.table.in_state(JobState.WAITING), OLDEST_LISTED)
        self.job_metrics.waiting(count, self._oldest_age_s(record.uploaded_ms for record in waiting))
        in_progress = islice(self.table.in_state(JobState.IN_PROGRESS), MAX_LISTED)
        self.job_metrics.in_progress(self._oldest_age_s(record.started_ms for record in in_progress))

    def _oldest_age_s(self, times_ms: Iterable[int | None]) -> float:
        now_ms = self.now_ms()
        oldest_ms = min((time_ms for time_ms in times_ms if time_ms is not None), default=now_ms)
        # S3's clock may be ahead of this one.
        return max(0, now_ms - oldest_ms) / 1000

    def _start_each(self, records: Iterable[JobRecord], max_failures: int) -> bool:
        """Starts jobs one by one. Returns whether it stopped because so many in a row have failed."""
        failures_in_a_row = 0
        for record in records:
            if self.deadline_reached():
                logger.info("this invocation is about to end: the other jobs wait for the next one")
                return False
            outcome = self.start_one(record)
            if isinstance(outcome, LimitReached | Throttled):
                return False
            is_failure = isinstance(outcome, Misconfigured | TransientFailure)
            failures_in_a_row = failures_in_a_row + 1 if is_failure else 0
            if failures_in_a_row == max_failures:
                return True
        return False

    def _oldest_first(self, arrivals: Sequence[JobRecord]) -> Iterator[JobRecord]:
        """Lists the jobs that are due: by the time of upload, or of the next attempt if one has failed.

        Stuck jobs must not keep others from starting, so only one of them has its turn. It shows when the
        trouble is over. The others come last.
        """
        arrived = {record.video_id for record in arrivals}
        listed = set()
        stuck: list[JobRecord] = []
        page_size = UPLOAD_PAGE_SIZE if arrivals else PAGE_SIZE
        waiting = self.table.in_state(JobState.WAITING, due_ms=self.now_ms(), page_size=page_size)
        for record in islice(waiting, MAX_LISTED):
            if arrived and record.video_id not in arrived and self._met_limit_recently(record):
                logger.info("the job limit was reached recently: the new jobs wait")
                return
            listed.add(record.video_id)
            if record.is_stuck:
                stuck.append(record)
            if not record.is_stuck or len(stuck) == 1:
                yield record
        # The table's index may not list a record yet that was just added.
        yield from (record for record in arrivals if record.video_id not in listed)
        yield from stuck[1:]

    def _newest_first(self, arrivals: Sequence[JobRecord]) -> Iterator[JobRecord]:
        """Lists the newest jobs that have had no trouble. `start_one` skips those that changed since."""
        newest = self.table.newest_untroubled(JobState.WAITING, self.now_ms(), MAX_LISTED)
        yield from {record.video_id: record for record in (*reversed(arrivals), *newest)}.values()

    def _met_limit_recently(self, record: JobRecord) -> bool:
        limit_reached_ms = record.limit_reached_ms
        return limit_reached_ms is not None and self.now_ms() - limit_reached_ms < LIMIT_MEMORY_MS

    def _attempt(self, video: Video, request: StartRequest) -> StartOutcome:
        """Calls the service, unless S3 shows that the video must not be tracked."""
        if unavailable := unavailable_reason(self.s3, video):
            return Rejected(unavailable)
        return self._call(video, request)

    def _attempt_again(self, video: Video, request: StartRequest) -> StartOutcome:
        """Calls the service first, which answers with the job if an earlier call has started it.

        Otherwise a video that was deleted since then would be recorded as failed, although its job runs.
        """
        outcome = self._call(video, request)
        if isinstance(outcome, LimitReached | Misconfigured):
            unavailable = unavailable_reason(self.s3, video)
            return Rejected(unavailable) if unavailable else outcome
        return outcome

    def _call(self, video: Video, request: StartRequest) -> StartOutcome:
        outcome = self.tracking.start(request)
        if isinstance(outcome, Unreadable):
            unreadable = unreadable_reason(self.s3, video)
            return Rejected(unreadable) if unreadable else Misconfigured(outcome.reason)
        return outcome

    def _store(self, leased: JobRecord, outcome: StartOutcome, after_refusal: SentRequests) -> None:
        stored = self.table.replace(leased, self._after(leased, outcome, after_refusal))
        if stored is None:
            logger.info("another function has changed the record since")
            return
        match outcome:
            case Started():
                self.job_metrics.started()
            case Rejected():
                self.job_metrics.finished(stored)
            case Throttled():
                self.job_metrics.delayed(stored)
            case Misconfigured() | TransientFailure():
                self.job_metrics.deferred(stored)

    def _after(self, leased: JobRecord, outcome: StartOutcome, after_refusal: SentRequests) -> JobRecord:
        """Returns the record after a start, and logs the outcome."""
        now_ms = self.now_ms()
        match outcome:
            case Started(job_id):
                logger.info("the job was started", job_id=job_id)
                return leased.in_progress(job_id, now_ms)
            case LimitReached(reason):
                logger.info("the job waits: the job limit is reached", reason=reason)
                return leased.limit_reached(reason, now_ms)
            case Throttled(reason):
                logger.info("the job waits: the service throttles", reason=reason)
                return leased.deferred(reason, now_ms)
            case TransientFailure(reason):
                logger.warning("the job could not be started and is tried again", reason=reason)
                return leased.deferred(reason, now_ms)
            case Misconfigured(reason):
                logger.error(
                    "the configuration keeps the job from starting; it is tried again", reason=reason
                )
                return leased.refused(reason, after_refusal, now_ms)
            case Rejected(reason):
                logger.error("the job was rejected", reason=reason)
                return leased.failed(reason, now_ms)
