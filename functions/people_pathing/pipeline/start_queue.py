"""Starting jobs: the oldest upload first, until the service has no room."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from people_pathing.pipeline.job_metrics import JobMetrics
from people_pathing.pipeline.job_record import START_LEASE_MS, JobRecord, JobState
from people_pathing.pipeline.job_table import JobTable
from people_pathing.pipeline.observability import about, logger
from people_pathing.pipeline.s3_events import UploadedVideo
from people_pathing.pipeline.tracking_client import Failed, NoRoom, Refused, Started, TrackingClient
from people_pathing.pipeline.video_bucket import unavailable_reason

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# Whoever finds the service full says so in the record, and for so long an upload behind it need not ask.
FULL_FOR_MS = 60_000
MAX_FAILURES_IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class StartQueue:
    """The queue of jobs to be started; the table holds it.

    `deadline_reached` says that this function is about to be stopped: no further job is begun with.
    """

    table: JobTable
    requests: TrackingClient
    s3: S3Client
    job_metrics: JobMetrics
    now_ms: Callable[[], int]
    deadline_reached: Callable[[], bool]

    def admit(self, upload: UploadedVideo) -> JobRecord | None:
        """The record of a new job; None where the upload has one already."""
        record = JobRecord.of(upload.video, upload.uploaded_ms, self.now_ms())
        with about(record):
            if self.table.add(record):
                logger.info("the video was recorded")
                return record
            logger.info("the video is recorded already: the event was delivered again")
            return None

    def start(self, arrivals: Sequence[JobRecord] = ()) -> None:
        """Start jobs in the order of upload until the service has no room or none is left.

        An arrival waits behind those before it, and does not ask where one of them was told just now that
        there is no room: when a job ends, the queue is gone through anyway.
        """
        failures = 0
        arrived = {record.video_id for record in arrivals}
        for record in self._in_turn(arrivals):
            if arrived and record.video_id not in arrived and self._was_refused_lately(record):
                logger.info("the service is full: the arrivals wait")
                return
            if self.deadline_reached():
                logger.info("the other jobs wait for the next invocation")
                return
            with about(record):
                outcome = self._start(record)
            if isinstance(outcome, NoRoom):
                return
            failures = failures + 1 if isinstance(outcome, Failed) else 0
            if failures == MAX_FAILURES_IN_A_ROW:
                return

    def measure(self) -> None:
        """How many jobs wait, and how long the oldest has."""
        uploads_ms = [record.uploaded_ms for record in self.table.in_state(JobState.WAITING)]
        oldest_age_ms = self.now_ms() - min(uploads_ms) if uploads_ms else 0
        self.job_metrics.waiting(len(uploads_ms), max(0, oldest_age_ms) / 1000)

    def _in_turn(self, arrivals: Sequence[JobRecord]) -> Iterator[JobRecord]:
        seen = set()
        for record in self.table.in_state(JobState.WAITING, due_ms=self.now_ms()):
            seen.add(record.video_id)
            yield record
        # The index may not show a record that was added just now.
        yield from (record for record in arrivals if record.video_id not in seen)

    def _was_refused_lately(self, record: JobRecord) -> bool:
        return record.limit_reached_ms is not None and self.now_ms() - record.limit_reached_ms < FULL_FOR_MS

    def _start(self, record: JobRecord) -> Started | NoRoom | Refused | Failed | None:
        """None where another function is at the job."""
        now_ms = self.now_ms()
        held = self.table.replace(record, record.held(now_ms, START_LEASE_MS))
        if held is None:
            return None
        gone = unavailable_reason(self.s3, held.video)
        outcome = Refused(gone) if gone else self.requests.start(held.video)
        now_ms = self.now_ms()
        match outcome:
            case Started(job_id):
                new = held.in_progress(job_id, now_ms)
                logger.info("the job was started", job_id=job_id)
                self.job_metrics.started()
            case NoRoom(reason, limit_reached):
                new = held.refused(reason, now_ms) if limit_reached else held.deferred(reason, now_ms)
                logger.info("the job waits", reason=reason)
            case Failed(reason):
                new = held.deferred(reason, now_ms)
                logger.warning("the job could not be started, and is tried again", reason=reason)
                self.job_metrics.deferred()
            case Refused(reason):
                new = held.failed(reason, now_ms)
                logger.error("the job was refused", reason=reason)
        if self.table.replace(held, new) is None:
            logger.info("the job has gone on meanwhile")
        elif not new.is_open:
            self.job_metrics.finished(new)
        return outcome
