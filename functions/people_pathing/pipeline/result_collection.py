"""Collects the results of jobs that have ended.

A long result has thousands of pages, more than one invocation can read. So pages become chunks. The record
says how many chunks are stored, and a later invocation resumes from there. The lease on the record keeps two
functions from collecting one job at the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Executor
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from itertools import takewhile

from botocore.exceptions import BotoCoreError, ClientError

from people_pathing.common.aws_errors import describe, error_code
from people_pathing.common.read_ahead import reading
from people_pathing.pipeline.events.completion_notice import JobCompletion
from people_pathing.pipeline.job_metrics import JobMetrics
from people_pathing.pipeline.job_record import COLLECT_LEASE_MS, JobRecord, JobState
from people_pathing.pipeline.job_table import JobTable, Lease, LeaseLostError
from people_pathing.pipeline.observability import log_context, logger
from people_pathing.pipeline.recording import RecordingTimes
from people_pathing.pipeline.results_bucket import ResultsBucket
from people_pathing.pipeline.tracking_client import (
    INVALID_PAGINATION_CODE,
    JOB_NOT_FOUND_CODE,
    PersonPage,
    TrackingClient,
)
from people_pathing.results.chunks import ChunkWriter
from people_pathing.results.files.job_summary import JobSummary, StoredVideo

CHUNK_PAGES = 10
"""Pages per chunk. At most this many are read again after a crash.

Smaller chunks would mean more objects and calls. The number shows in the bytes of a compressed file, because
each chunk is a gzip member of its own.
"""

MAX_RACES = 5
"""How often a notice is tried again because the record has just changed.

Only the function that starts the job changes it at this time, and it does so twice. If a notice is given up,
the schedule polls the job.
"""


FORGOTTEN_AFTER_MS = 8 * 24 * 3600 * 1000
"""When the service has forgotten a job, counted from its start. It ends a job within a day, and keeps it for
seven more. If it does not know a younger job, another service is asked: the endpoint was changed.
"""


class OtherVideoError(Exception):
    """The service returned results of another video than the one that the job was started for."""


@dataclass(frozen=True, slots=True)
class ResultCollector:
    """Finishes jobs: stores their results, or records why they failed.

    Attributes:
        table: the job table.
        tracking: reads the pages of a job's results.
        results: the results bucket.
        recording_times: finds out when a video was recorded.
        job_metrics: counts jobs as they change state.
        now_ms: returns the current time in milliseconds since the epoch.
        deadline_reached: tells whether this invocation has to leave the rest to another one.
        background: reads a page while the one before it is stored.
    """

    table: JobTable
    tracking: TrackingClient
    results: ResultsBucket
    recording_times: RecordingTimes
    job_metrics: JobMetrics
    now_ms: Callable[[], int]
    deadline_reached: Callable[[], bool]
    background: Executor

    def handle_completion(self, completion: JobCompletion, start: Callable[[JobRecord], object]) -> None:
        """Finishes the job that a completion notice is about, unless that is done or being done.

        Args:
            completion: the notice.
            start: starts a waiting job. If the notice is about it, the function that started it has not
                recorded the start, and may have died. The service answers a second start with the same job.
                The job id in the notice is no proof: others may publish to the topic.
        """
        video_id = completion.video_id
        if video_id is None:
            logger.info("the notice is not about one of the pipeline's jobs", job_id=completion.job_id)
            return
        for _ in range(MAX_RACES):
            record = self.table.get(video_id)
            if record is not None and record.state is JobState.WAITING and record.is_free(self.now_ms()):
                start(record)
                record = self.table.get(video_id)
            if record is None:
                logger.warning("the notice names a video that has no record", job_id=completion.job_id)
                return
            with log_context(record):
                if self._is_settled(record, completion) or self._finish(record, self._not_yet_shown):
                    return

    def poll(self, record: JobRecord) -> None:
        """Asks the service for a job's state without a notice, and finishes the job if it has ended."""
        with log_context(record):
            self._finish(record, self._polled)

    def overdue(self) -> Iterator[JobRecord]:
        """Lists the jobs to be polled, until the deadline is reached.

        These are jobs whose notice is long overdue, and jobs that were deferred or paused.
        """
        due = self.table.in_state(JobState.IN_PROGRESS, due_ms=self.now_ms())
        return takewhile(lambda _: not self.deadline_reached(), due)

    def _is_settled(self, record: JobRecord, completion: JobCompletion) -> bool:
        """Tells whether a notice needs no action, and logs why."""
        if not record.is_open:
            logger.info("the job was finished before: the notice was delivered again")
        elif record.state is JobState.WAITING:
            # Its first poll comes soon after the start is recorded.
            logger.info("the start of the job is not recorded yet", notice_job_id=completion.job_id)
        elif record.job_id != completion.job_id:
            # Other publishers to the topic can name any job. Only the job that was started counts.
            logger.warning("the notice names another job for the video", notice_job_id=completion.job_id)
        elif not record.is_free(self.now_ms()):
            logger.info("another function collects the results")
        else:
            return False
        return True

    def _finish(self, record: JobRecord, if_in_progress: Callable[[JobRecord], JobRecord]) -> bool:
        """Leases a job, collects its results, and defers it if that fails.

        Args:
            record: the record as it was read.
            if_in_progress: returns the next state of the record if the job has not ended.

        Returns:
            False if the record has changed since it was read. Nothing was done then.
        """
        leased = self.table.replace(record, record.leased(self.now_ms(), COLLECT_LEASE_MS))
        if leased is None:
            logger.info("another function has just changed the record")
            return False
        lease = Lease(self.table, leased)
        try:
            self._collect(lease, if_in_progress)
        except LeaseLostError:
            logger.info("another function has taken over the job")
        except (ClientError, BotoCoreError) as error:
            logger.warning("the job could not be collected and is tried again", reason=describe(error))
            self._defer(lease, describe(error))
        except OtherVideoError as error:
            logger.error("the results are not accepted", reason=str(error))
            self._defer(lease, str(error))
        except Exception as error:
            # This is a defect in the program. It is deferred all the same, so that a fixed version resumes.
            self._defer(lease, f"{type(error).__name__}: {error}")
            raise
        return True

    def _collect(self, lease: Lease, if_in_progress: Callable[[JobRecord], JobRecord]) -> None:
        """Reads the job's pages and finishes it.

        Args:
            lease: the leased job, with the progress of an earlier collector.
            if_in_progress: returns the next state of the record if the job has not ended.
        """
        progress = lease.record.progress
        if progress is not None and not progress.can_be_resumed():
            logger.info("the chunks were stored by another version of the program: collecting starts again")
            self._start_again(lease, if_in_progress)
            return
        try:
            page = self._page(lease.record, progress.next_token if progress else None)
        except ClientError as error:
            if error_code(error) == JOB_NOT_FOUND_CODE and self._is_forgotten(lease.record):
                self._fail(lease, f"the service no longer knows the job: {describe(error)}")
                return
            if error_code(error) == INVALID_PAGINATION_CODE and progress is not None:
                logger.info("the page token has expired: collecting starts again")
                self._start_again(lease, if_in_progress)
                return
            raise
        match page.status:
            case "SUCCEEDED":
                self._store_results(lease, page)
            case "FAILED":
                self._fail(lease, page.status_message or "the service gave no reason")
            case "IN_PROGRESS":
                lease.change(if_in_progress(lease.record))
            case other:
                raise ValueError(f"JobStatus is {other!r}; it must be SUCCEEDED, FAILED or IN_PROGRESS")

    def _is_forgotten(self, record: JobRecord) -> bool:
        return record.started_ms is None or self.now_ms() - record.started_ms > FORGOTTEN_AFTER_MS

    def _start_again(self, lease: Lease, if_in_progress: Callable[[JobRecord], JobRecord]) -> None:
        """Collects from the first page on. The stored chunks are replaced one by one."""
        lease.change(lease.record.collected_to(None, self.now_ms()))
        self._collect(lease, if_in_progress)

    def _polled(self, record: JobRecord) -> JobRecord:
        logger.info("the job is still in progress")
        return record.polled(self.now_ms())

    def _not_yet_shown(self, record: JobRecord) -> JobRecord:
        """The job has ended, but GetPersonTracking may report it a moment later than the notice."""
        return record.deferred("the service does not report the end of the job yet", self.now_ms())

    def _store_results(self, lease: Lease, page: PersonPage) -> None:
        """Reads all pages from the given one on. Stores a chunk after every CHUNK_PAGES pages."""
        writer = ChunkWriter(lease.record.progress)
        with closing(self._pages(lease.record, page)) as pages:
            for page_count, page in enumerate(pages, start=1):
                writer.add(page.observations)
                if page.next_token is not None and page_count % CHUNK_PAGES == 0:
                    chunk, progress = writer.cut(page.next_token)
                    self.results.put_chunk(lease.record.video_id, progress.chunk_count - 1, chunk)
                    lease.change(lease.record.collected_to(progress, self.now_ms()))
                    writer = ChunkWriter(progress)
        if page.next_token is None:
            self._publish(lease, writer, page)
        else:
            # Pages since the last chunk are read again, so that chunks always end at the same pages.
            logger.info("this invocation is about to end: another one resumes collecting")
            lease.change(lease.record.paused(self.now_ms()))

    def _pages(self, record: JobRecord, page: PersonPage) -> Generator[PersonPage, None, None]:
        """Yields a page and those after it, until the deadline. Reads the next page while one is stored."""
        while page.next_token is not None and not self.deadline_reached():
            with reading(self.background, partial(self._page, record), page.next_token) as next_page:
                yield page
            page = next_page.result()
        yield page

    def _publish(self, lease: Lease, writer: ChunkWriter, last_page: PersonPage) -> None:
        record = lease.record
        chunk_count = record.progress.chunk_count if record.progress else 0
        summary = JobSummary(
            video=StoredVideo(record.bucket, record.key, record.version),
            video_metadata=last_page.metadata,
            counts=writer.counts,
            provenance=last_page.provenance,
            job_id=record.job_id,
            uploaded_ms=record.uploaded_ms,
            recording_time=self.recording_times.of(record.video, last_page.provenance.container_created_at),
        )
        # A function that stalls may write after it has lost its lease. Checking the lease before each write
        # makes that unlikely.
        self.results.publish(
            record, chunk_count, writer.end(), summary, before_write=lambda: self._renew(lease)
        )
        lease.change(lease.record.succeeded(self.now_ms()))
        logger.info("the results are stored", results_prefix=record.results_prefix, counts=summary.counts)
        self.job_metrics.finished(lease.record)
        try:
            self.results.discard_chunks(record.video_id, chunk_count)
        except (ClientError, BotoCoreError):
            logger.warning("the chunks could not be deleted; the bucket's lifecycle does it", exc_info=True)

    def _page(self, record: JobRecord, next_token: str | None) -> PersonPage:
        page = self.tracking.get_page(str(record.job_id), next_token)
        if page.status == "SUCCEEDED" and page.video != (record.bucket, record.key, record.version):
            raise OtherVideoError(f"the service returns results of another video: {page.video}")
        return page

    def _renew(self, lease: Lease) -> None:
        lease.change(lease.record.leased(self.now_ms(), COLLECT_LEASE_MS))

    def _fail(self, lease: Lease, reason: str) -> None:
        lease.change(lease.record.failed(reason, self.now_ms()))
        logger.error("the job failed", reason=reason)
        self.job_metrics.finished(lease.record)

    def _defer(self, lease: Lease, reason: str) -> None:
        with suppress(LeaseLostError):
            lease.change(lease.record.deferred(reason, self.now_ms()))
            self.job_metrics.deferred(lease.record)
