"""Jobs that the service has: learning of their end, and storing what they found."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from people_pathing.pipeline.batch import handle_each
from people_pathing.pipeline.completion_notice import API, CompletionStatus, JobCompletion
from people_pathing.pipeline.job_metrics import JobMetrics
from people_pathing.pipeline.job_record import COLLECT_LEASE_MS, JobRecord, JobState
from people_pathing.pipeline.job_table import JobTable
from people_pathing.pipeline.observability import about, logger
from people_pathing.pipeline.person_pages import PersonPage, get_page
from people_pathing.pipeline.results_bucket import ChunkWriter, ResultsBucket
from people_pathing.pipeline.tracking_client import describe

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient

CHUNK_PAGES = 10
# Whoever changes a record under our eyes is at work on the job, or leaves it to us at the next look.
MAX_RACES = 5


class LeaseLostError(Exception):
    """Another function has changed the record meanwhile, and goes on with the job."""


class _Hold:
    """A record that this function holds; changing it fails as soon as another has taken over."""

    def __init__(self, table: JobTable, record: JobRecord) -> None:
        self._table = table
        self.record = record

    def change(self, new: JobRecord) -> None:
        stored = self._table.replace(self.record, new)
        if stored is None:
            raise LeaseLostError(self.record.video_id)
        self.record = stored


@dataclass(frozen=True, slots=True)
class ResultCollector:
    """`deadline_reached` says that this function is about to be stopped, and has to leave the rest to another."""

    table: JobTable
    client: RekognitionClient
    results: ResultsBucket
    job_metrics: JobMetrics
    now_ms: Callable[[], int]
    deadline_reached: Callable[[], bool]

    def handle_completion(self, completion: JobCompletion) -> None:
        """Bring the job that has ended to its end here, unless that has been done or is being done."""
        if completion.api != API or completion.video_id is None:
            logger.info("the notice is not about a job of ours", job_id=completion.job_id, api=completion.api)
            return
        for _ in range(MAX_RACES):
            record = self.table.get(completion.video_id)
            if record is None:
                logger.warning("the notice is about a video that is not recorded", job_id=completion.job_id)
                return
            with about(record):
                if self._is_taken_care_of(record, completion) or self._settle(record, completion):
                    return

    def _is_taken_care_of(self, record: JobRecord, completion: JobCompletion) -> bool:
        if not record.is_open:
            logger.info("the job had ended already: the notice was delivered again")
        elif record.job_id not in (None, completion.job_id):
            logger.warning("the notice is about another job for the video", notice_job_id=completion.job_id)
        elif record.state is JobState.IN_PROGRESS and not record.is_free(self.now_ms()):
            logger.info("the results are being collected by another function")
        else:
            return False
        return True

    def poll(self, record: JobRecord) -> None:
        """Ask the service for the job's state, and collect its results where it has ended."""
        with about(record):
            self._settle(record, None)

    def poll_overdue(self) -> None:
        """Ask after every job of which nothing has been heard, and go on with those that were left off."""
        overdue = self.table.in_state(JobState.IN_PROGRESS, due_ms=self.now_ms())
        handle_each(takewhile(lambda _: not self.deadline_reached(), overdue), self.poll)

    def _settle(self, record: JobRecord, completion: JobCompletion | None) -> bool:
        """False where the record has changed meanwhile, and nothing was done."""
        now_ms = self.now_ms()
        if completion is not None and record.state is JobState.WAITING:
            # The notice was faster than whoever started the job, or that one has died since.
            started = record.in_progress(completion.job_id, now_ms)
        else:
            started = record
        held = self.table.replace(record, started.held(now_ms, COLLECT_LEASE_MS))
        if held is None:
            logger.info("another function has just changed the record")
            return False
        hold = _Hold(self.table, held)
        try:
            if completion is not None and completion.status is not CompletionStatus.SUCCEEDED:
                self._fail(
                    hold, completion.message or f"the job ended as {completion.status}, without a reason"
                )
            else:
                self._collect(hold, was_told=completion is not None)
        except LeaseLostError:
            logger.info("another function has taken over")
        except (ClientError, BotoCoreError) as error:
            reason = describe(error) if isinstance(error, ClientError) else f"{type(error).__name__}: {error}"
            logger.warning("the job could not be collected, and is tried again", reason=reason)
            self._put_off(hold, reason)
        except Exception as error:
            self._put_off(hold, f"{type(error).__name__}: {error}")
            raise
        return True

    def _collect(self, hold: _Hold, *, was_told: bool) -> None:
        progress = hold.record.progress
        try:
            page = self._page(hold, progress.next_token if progress else None)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "ResourceNotFoundException":
                self._fail(hold, f"the service no longer knows the job: {describe(error)}")
                return
            if code == "InvalidPaginationTokenException" and progress is not None:
                logger.info("the place where collecting left off has expired: it begins again")
                hold.change(hold.record.collected_to(None, self.now_ms()))
                self._collect(hold, was_told=was_told)
                return
            raise
        match page.status:
            case "SUCCEEDED":
                self._read_on(hold, page)
            case "FAILED":
                self._fail(hold, page.status_message or "the service gives no reason")
            case "IN_PROGRESS" if was_told:
                hold.change(hold.record.deferred("the job is not yet shown as ended", self.now_ms()))
            case "IN_PROGRESS":
                logger.info("the job is still in progress")
                hold.change(hold.record.polled(self.now_ms()))
            case other:
                raise ValueError(f"JobStatus is {other!r}, and should be SUCCEEDED, FAILED or IN_PROGRESS")

    def _read_on(self, hold: _Hold, page: PersonPage) -> None:
        writer, page_count = ChunkWriter(hold.record.progress), 1
        writer.add(page.observations)
        while page.next_token is not None:
            if page_count % CHUNK_PAGES == 0:
                chunk, progress = writer.cut(page.next_token)
                self.results.put_chunk(hold.record.video_id, progress.chunk_count - 1, chunk)
                hold.change(hold.record.collected_to(progress, self.now_ms()))
                writer = ChunkWriter(progress)
            if self.deadline_reached():
                logger.info("collecting is left off, and goes on in another invocation")
                hold.change(hold.record.paused(self.now_ms()))
                return
            page = self._page(hold, page.next_token)
            writer.add(page.observations)
            page_count += 1
        self._publish(hold, writer, page)

    def _publish(self, hold: _Hold, writer: ChunkWriter, last_page: PersonPage) -> None:
        record = hold.record
        chunk_count = record.progress.chunk_count if record.progress else 0
        job = {
            "job_id": record.job_id,
            "status": JobState.SUCCEEDED,
            "video": {"bucket": record.bucket, "key": record.key, "version": record.version},
            "VideoMetadata": last_page.metadata,
            "counts": {"people": writer.people_count, "observations": writer.observation_count},
        }
        self.results.publish(record, chunk_count, writer.end(), job, on_part=lambda: self._stay(hold))
        hold.change(hold.record.succeeded(self.now_ms()))
        logger.info("the results are stored", results_prefix=record.results_prefix, counts=job["counts"])
        self.job_metrics.finished(hold.record)
        try:
            self.results.discard_chunks(record.video_id, chunk_count)
        except (ClientError, BotoCoreError):
            logger.warning(
                "the chunks could not be removed; the bucket's lifecycle removes them", exc_info=True
            )

    def _page(self, hold: _Hold, next_token: str | None) -> PersonPage:
        return get_page(self.client, str(hold.record.job_id), next_token)

    def _stay(self, hold: _Hold) -> None:
        hold.change(hold.record.held(self.now_ms(), COLLECT_LEASE_MS))

    def _fail(self, hold: _Hold, reason: str) -> None:
        hold.change(hold.record.failed(reason, self.now_ms()))
        logger.error("the job failed", reason=reason)
        self.job_metrics.finished(hold.record)

    def _put_off(self, hold: _Hold, reason: str) -> None:
        self.job_metrics.deferred()
        with suppress(LeaseLostError):
            hold.change(hold.record.deferred(reason, self.now_ms()))
