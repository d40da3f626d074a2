"""Thousands of uploads at once against a service that takes twenty, with calls failing, in simulated time."""

from __future__ import annotations

import heapq
import io
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from people_pathing.pipeline.event_handling import handle_completions, reconcile, start_uploaded
from people_pathing.pipeline.job_record import JobState
from people_pathing.pipeline.result_collection import ResultCollector
from people_pathing.pipeline.results_bucket import ResultsBucket
from people_pathing.pipeline.start_queue import StartQueue
from people_pathing.pipeline.tracking_client import TrackingClient
from people_pathing.results import file_names
from tests.fakes.memory_table import MemoryTable
from tests.fakes.person_tracking import FakePersonTracking, ServiceError, person
from tests.fakes.pipeline import RESULTS, ROLE, TOPIC, CountedMetrics, upload_event

LIMIT = 20
FAILING = 0.05
LOST_NOTICES = 0.01
STORAGE_ATTEMPTS = 6
INDEX_LAG_MS = 300
# Lambda tries an asynchronous invocation twice more, and then gives it to the dead-letter queue.
RETRY_AFTER_MS = (60_000, 120_000)
PEOPLE = [person(index, 66 * step, 100 * index, 0) for index in range(3) for step in range(5)]
NO_RETRIES = Config(retries={"mode": "legacy", "total_max_attempts": 1})


@dataclass(frozen=True)
class BurstReport:
    """Slot time is time by the number of jobs that the service takes at once."""

    uploads: int
    succeeded: int
    jobs: int
    dead_letters: int
    deaths: int
    start_calls_per_job: float
    get_calls_per_job: float
    duration_s: float
    idle_slot_share: float
    all_idle_s: float


class Died(BaseException):
    """The function was stopped in the middle: nothing in it may catch this."""


class _MemoryS3:
    """An S3 client as far as videos that are there and results of a few pages need one."""

    def __init__(self, before: Callable[[str], None]) -> None:
        self._before = before
        self.objects: dict[str, bytes] = {}

    def head_object(self, **_: str) -> dict[str, Any]:
        self._before("HeadObject")
        return {}

    def put_object(self, **request: Any) -> None:
        self._before("PutObject")
        self.objects[request["Key"]] = request["Body"]

    def get_object(self, **request: Any) -> dict[str, Any]:
        self._before("GetObject")
        return {"Body": io.BytesIO(self.objects[request["Key"]])}

    def delete_objects(self, **request: Any) -> None:
        self._before("DeleteObjects")
        for one in request["Delete"]["Objects"]:
            self.objects.pop(one["Key"], None)


class Burst:
    """One run. Calls to the service fail without another attempt; those to storage beneath six attempts.

    `dying` is the share of calls at which the function that is about to make them dies.
    """

    def __init__(self, uploads: int, seed: int = 1, dying: float = 0, page_size: int = 1000) -> None:
        self._uploads = uploads
        self._dying = dying
        self._deaths = 0
        self._random = Random(seed)
        self._now_ms = 1_769_860_800_000
        self._begin_ms = self._now_ms
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._numbers = count()
        self._deliveries = 0
        self._service = FakePersonTracking(limit=LIMIT, before=self._fail_service, page_size=page_size)
        self._table = MemoryTable(self._fail_storage, self._clock, INDEX_LAG_MS)
        self._rekognition = self._service.client(NO_RETRIES)
        self._s3: Any = _MemoryS3(self._fail_storage)
        self._followed: set[str] = set()
        self._dead_letters: list[Callable[[], None]] = []
        self._idle_slot_ms = 0
        self._all_idle_ms = 0

    def run(self) -> BurstReport:
        for number in range(self._uploads):
            event = upload_event(f"{number}.mp4", f"v{number}", self._now_ms + number)
            self._deliver(self._arrive, event, delay_ms=self._random.randrange(2000))
        self._after(60_000, self._minute)
        self._let_pass()
        return self._report()

    def redrive(self) -> BurstReport:
        """Have what lies in the dead-letter queue handled again, as docs/operations.md says."""
        letters, self._dead_letters = self._dead_letters, []
        for letter in letters:
            letter()
        self._let_pass()
        return self._report()

    def results(self) -> list[dict[str, bytes]]:
        """Of every job that succeeded, the files by their names."""
        self._dying = 0
        succeeded = self._table.in_state(JobState.SUCCEEDED)
        return [
            {name: self._s3.objects[record.results_prefix + name] for name in file_names()}
            for record in succeeded
        ]

    # ---- what happens, each at its time

    def _arrive(self, event: dict[str, Any]) -> None:
        start_uploaded(event, self._waiting())

    def _hear(self, notice: dict[str, Any]) -> None:
        handle_completions(notice, self._waiting(), self._running())

    def _reconcile(self, _: dict[str, Any]) -> None:
        reconcile(self._waiting(), self._running())

    def _minute(self) -> None:
        self._after(60_000, self._minute)
        self._deliver(self._reconcile, {})

    def _end(self, job_id: str) -> None:
        notice = self._service.succeed(job_id, PEOPLE)
        if self._random.random() >= LOST_NOTICES:
            self._deliver(self._hear, notice, delay_ms=self._random.randrange(50, 1000))

    # ---- how it is made to happen

    def _deliver(
        self,
        function: Callable[[dict[str, Any]], None],
        event: dict[str, Any],
        delay_ms: int = 0,
        attempt: int = 0,
    ) -> None:
        """Invoke a function as Lambda does."""

        def invoke() -> None:
            self._deliveries -= 1
            try:
                function(event)
            except (Exception, Died):
                if attempt == len(RETRY_AFTER_MS):
                    self._dead_letters.append(lambda: self._deliver(function, event))
                else:
                    self._deliver(function, event, RETRY_AFTER_MS[attempt], attempt + 1)

        self._deliveries += 1
        self._after(delay_ms, invoke)

    def _let_pass(self) -> None:
        """Until nothing more is to come and no job is open."""
        while self._deliveries or self._open_jobs():
            self._advance()

    def _after(self, delay_ms: int, what: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (self._now_ms + delay_ms, next(self._numbers), what))

    def _advance(self) -> None:
        at_ms, _, what = heapq.heappop(self._agenda)
        free_slots = LIMIT - len(self._service.running())
        slots_wanted = min(free_slots, self._table.counts[JobState.WAITING])
        self._idle_slot_ms += slots_wanted * (at_ms - self._now_ms)
        self._all_idle_ms += (at_ms - self._now_ms) * (slots_wanted > 0 and free_slots == LIMIT)
        self._now_ms = at_ms
        what()
        for job_id in self._service.jobs.keys() - self._followed:
            self._followed.add(job_id)
            self._after(self._random.randrange(20_000, 120_000), lambda job_id=job_id: self._end(job_id))  # type: ignore[misc]

    def _open_jobs(self) -> int:
        return self._table.counts[JobState.WAITING] + self._table.counts[JobState.IN_PROGRESS]

    def _clock(self) -> int:
        return self._now_ms

    def _die(self) -> None:
        if self._random.random() < self._dying:
            self._deaths += 1
            raise Died

    def _fail_service(self, _operation: str) -> None:
        self._die()
        if self._random.random() < FAILING:
            raise ServiceError("InternalServerError", status=500)

    def _fail_storage(self, operation: str) -> None:
        self._die()
        if all(self._random.random() < FAILING for _ in range(STORAGE_ATTEMPTS)):
            raise ClientError({"Error": {"Code": "InternalServerError", "Message": "no"}}, operation)

    def _waiting(self) -> StartQueue:
        return StartQueue(
            self._table, self._tracking(), self._s3, CountedMetrics(), self._clock, lambda: False
        )

    def _tracking(self) -> TrackingClient:
        return TrackingClient(self._rekognition, TOPIC, ROLE)

    def _running(self) -> ResultCollector:
        results = ResultsBucket(self._s3, RESULTS)
        return ResultCollector(
            self._table, self._tracking(), results, CountedMetrics(), self._clock, lambda: False
        )

    def _report(self) -> BurstReport:
        duration_ms = self._now_ms - self._begin_ms
        return BurstReport(
            uploads=self._uploads,
            succeeded=self._table.counts[JobState.SUCCEEDED],
            jobs=len(self._service.jobs),
            dead_letters=len(self._dead_letters),
            deaths=self._deaths,
            start_calls_per_job=self._service.calls["StartPersonTracking"] / self._uploads,
            get_calls_per_job=self._service.calls["GetPersonTracking"] / self._uploads,
            duration_s=duration_ms / 1000,
            idle_slot_share=self._idle_slot_ms / (LIMIT * duration_ms),
            all_idle_s=self._all_idle_ms / 1000,
        )
