"""Simulates many uploads at once with failing calls and a job limit.

The simulation runs the pipeline's own functions. Only time, storage and the service are simulated.
"""

from __future__ import annotations

import heapq
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from itertools import count
from random import Random
from typing import Any

from botocore.config import Config

from people_pathing.pipeline.event_handling import handle_completions, reconcile, start_uploaded
from people_pathing.pipeline.job_record import JobState
from people_pathing.pipeline.recording import RecordingTimes
from people_pathing.pipeline.result_collection import ResultCollector
from people_pathing.pipeline.results_bucket import ResultsBucket
from people_pathing.pipeline.start_queue import StartQueue
from people_pathing.pipeline.tracking_client import TrackingClient
from people_pathing.results import file_names
from people_pathing.results.recording_time import NAME_FORMAT
from tests.fakes.aws_errors import client_error
from tests.fakes.memory_table import MemoryTable
from tests.fakes.person_tracking import FakePersonTracking, ServiceError, person
from tests.fakes.pipeline import MINUTE_MS, RESULTS, ROLE, TOKEN_SECRET, TOPIC, CountedMetrics, upload_event
from tests.fakes.same_thread import SameThread
from tests.faults.injection import Crash

JOB_LIMIT = 20
FAILURE_RATE = 0.05
LOST_NOTICE_RATE = 0.01
# boto3 repeats calls to storage, so such a call fails only if all attempts fail.
STORAGE_ATTEMPTS = 6
# A DynamoDB index shows a change a little later than the table.
INDEX_LAG_MS = 300
# Lambda repeats a failed asynchronous invocation twice. Then the event goes to the dead-letter queue.
RETRY_AFTER_MS = (60_000, 120_000)
MAX_DURATION_MS = 24 * 60 * MINUTE_MS
PEOPLE = [person(index, 66 * step, 100 * index, 0) for index in range(3) for step in range(5)]
NO_RETRIES = Config(retries={"mode": "legacy", "total_max_attempts": 1})


@dataclass(frozen=True)
class BurstReport:
    """The result of a simulation.

    Attributes:
        uploads: The uploaded videos.
        succeeded: The job records in the state SUCCEEDED.
        jobs: The jobs that the service accepted.
        dead_letters: The events in the dead-letter queue.
        crashes: The calls at which the calling function died.
        start_calls_per_job: StartPersonTracking calls for each upload.
        get_calls_per_job: GetPersonTracking calls for each upload.
        duration_s: The simulated time.
        idle_slot_share: While jobs waited: unused slots by time, as a share of all slots by all time.
        all_idle_s: How long jobs waited while no job ran.
    """

    uploads: int
    succeeded: int
    jobs: int
    dead_letters: int
    crashes: int
    start_calls_per_job: float
    get_calls_per_job: float
    duration_s: float
    idle_slot_share: float
    all_idle_s: float


class _MemoryS3:
    """An S3 client in memory. Every video exists, and no result is large enough for a multipart upload."""

    def __init__(self, before: Callable[[str], None]) -> None:
        self._before = before
        self.objects: dict[str, bytes] = {}

    def head_object(self, **_: str) -> dict[str, Any]:
        self._before("HeadObject")
        return {"Metadata": {}}

    def put_object(self, **request: Any) -> None:
        self._before("PutObject")
        self.objects[request["Key"]] = request["Body"]

    def get_object(self, **request: Any) -> dict[str, Any]:
        self._before("GetObject")
        return {"Body": io.BytesIO(self.objects[request["Key"]])}

    def delete_objects(self, **request: Any) -> None:
        self._before("DeleteObjects")
        for entry in request["Delete"]["Objects"]:
            self.objects.pop(entry["Key"], None)


class BurstSimulation:
    """Simulates a burst of uploads until no job is open and no event is under way."""

    def __init__(self, uploads: int, seed: int = 1, crash_rate: float = 0, page_size: int = 1000) -> None:
        """Prepares a simulation.

        Args:
            uploads: The number of videos, which are uploaded within two seconds.
            seed: The seed of all random decisions.
            crash_rate: The share of calls at which the calling function dies, 0..1.
            page_size: The number of observations in one page of a result.
        """
        self._uploads = uploads
        self._crash_rate = crash_rate
        self._crashes = 0
        self._random = Random(seed)
        self._now_ms = 1_769_860_800_000
        self._begin_ms = self._now_ms
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._numbers = count()
        self._deliveries = 0
        self._service = FakePersonTracking(
            limit=JOB_LIMIT, before=self._maybe_fail_service, page_size=page_size
        )
        self._table = MemoryTable(self._maybe_fail_storage, self._clock, INDEX_LAG_MS)
        self._rekognition = self._service.client(NO_RETRIES)
        self._s3: Any = _MemoryS3(self._maybe_fail_storage)
        self._jobs_with_end: set[str] = set()
        self._dead_letters: list[Callable[[], None]] = []
        self._idle_slot_ms = 0
        self._all_idle_ms = 0

    def run(self) -> BurstReport:
        """Uploads the videos and waits for the end of all jobs."""
        for number in range(self._uploads):
            event = upload_event(f"{number}.mp4", f"v{number}", self._now_ms + number)
            self._deliver(self._on_upload, event, delay_ms=self._random.randrange(2000))
        self._after(MINUTE_MS, self._each_minute)
        self._run_to_end()
        return self._report()

    def redrive(self) -> BurstReport:
        """Delivers the events in the dead-letter queue again, as the command `redrive` does."""
        letters, self._dead_letters = self._dead_letters, []
        for deliver in letters:
            deliver()
        self._run_to_end()
        return self._report()

    def results(self) -> list[dict[str, bytes]]:
        """Returns the result files of each job that succeeded, by name."""
        self._crash_rate = 0
        succeeded = self._table.in_state(JobState.SUCCEEDED)
        return [
            {name: self._s3.objects[record.results_prefix + name] for name in file_names()}
            for record in succeeded
        ]

    def _on_upload(self, event: dict[str, Any]) -> None:
        start_uploaded(event, self._queue())

    def _on_notice(self, notice: dict[str, Any]) -> None:
        handle_completions(notice, self._queue(), self._collector())

    def _on_schedule(self, _: dict[str, Any]) -> None:
        reconcile(self._queue(), self._collector())

    def _each_minute(self) -> None:
        self._after(MINUTE_MS, self._each_minute)
        self._deliver(self._on_schedule, {})

    def _end_job(self, job_id: str) -> None:
        notice = self._service.succeed(job_id, PEOPLE)
        if self._random.random() >= LOST_NOTICE_RATE:
            self._deliver(self._on_notice, notice, delay_ms=self._random.randrange(50, 1000))

    def _deliver(
        self,
        function: Callable[[dict[str, Any]], None],
        event: dict[str, Any],
        delay_ms: int = 0,
        attempt: int = 0,
    ) -> None:
        """Invokes a function as Lambda does: with retries, then the dead-letter queue."""

        def invoke() -> None:
            self._deliveries -= 1
            try:
                function(event)
            except (Exception, Crash):
                if attempt == len(RETRY_AFTER_MS):
                    self._dead_letters.append(lambda: self._deliver(function, event))
                else:
                    self._deliver(function, event, RETRY_AFTER_MS[attempt], attempt + 1)

        self._deliveries += 1
        self._after(delay_ms, invoke)

    def _run_to_end(self) -> None:
        deadline_ms = self._now_ms + MAX_DURATION_MS
        while self._deliveries or self._open_jobs():
            assert self._now_ms < deadline_ms, f"{self._open_jobs()} jobs are still open"
            self._advance()

    def _after(self, delay_ms: int, action: Callable[[], None]) -> None:
        # The number keeps actions at the same time in order, because functions cannot be compared.
        heapq.heappush(self._agenda, (self._now_ms + delay_ms, next(self._numbers), action))

    def _advance(self) -> None:
        """Runs the next action, and plans the end of each job that it started."""
        at_ms, _, action = heapq.heappop(self._agenda)
        free_slots = JOB_LIMIT - len(self._service.running())
        slots_wanted = min(free_slots, self._table.counts[JobState.WAITING])
        self._idle_slot_ms += slots_wanted * (at_ms - self._now_ms)
        self._all_idle_ms += (at_ms - self._now_ms) * (slots_wanted > 0 and free_slots == JOB_LIMIT)
        self._now_ms = at_ms
        action()
        for job_id in self._service.jobs.keys() - self._jobs_with_end:
            self._jobs_with_end.add(job_id)
            self._after(self._random.randrange(20_000, 120_000), lambda job_id=job_id: self._end_job(job_id))  # type: ignore[misc]

    def _open_jobs(self) -> int:
        return self._table.counts[JobState.WAITING] + self._table.counts[JobState.IN_PROGRESS]

    def _clock(self) -> int:
        return self._now_ms

    def _maybe_crash(self, operation: str) -> None:
        if self._random.random() < self._crash_rate:
            self._crashes += 1
            raise Crash(operation)

    def _maybe_fail_service(self, operation: str) -> None:
        self._maybe_crash(operation)
        if self._random.random() < FAILURE_RATE:
            raise ServiceError("InternalServerError", status=500)

    def _maybe_fail_storage(self, operation: str) -> None:
        self._maybe_crash(operation)
        if all(self._random.random() < FAILURE_RATE for _ in range(STORAGE_ATTEMPTS)):
            raise client_error("InternalServerError", operation, 500)

    def _queue(self) -> StartQueue:
        return StartQueue(
            self._table, self._tracking(), self._s3, CountedMetrics(), self._clock, lambda: False
        )

    def _tracking(self) -> TrackingClient:
        return TrackingClient(self._rekognition, TOPIC, ROLE, TOKEN_SECRET)

    def _collector(self) -> ResultCollector:
        results = ResultsBucket(self._s3, RESULTS, SameThread())
        times = RecordingTimes(self._s3, UTC, NAME_FORMAT)
        return ResultCollector(
            self._table,
            self._tracking(),
            results,
            times,
            CountedMetrics(),
            self._clock,
            lambda: False,
            SameThread(),
        )

    def _report(self) -> BurstReport:
        duration_ms = self._now_ms - self._begin_ms
        return BurstReport(
            uploads=self._uploads,
            succeeded=self._table.counts[JobState.SUCCEEDED],
            jobs=len(self._service.jobs),
            dead_letters=len(self._dead_letters),
            crashes=self._crashes,
            start_calls_per_job=self._service.calls["StartPersonTracking"] / self._uploads,
            get_calls_per_job=self._service.calls["GetPersonTracking"] / self._uploads,
            duration_s=duration_ms / 1000,
            idle_slot_share=self._idle_slot_ms / (JOB_LIMIT * duration_ms),
            all_idle_s=self._all_idle_ms / 1000,
        )
