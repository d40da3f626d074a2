"""The two operations over AWS in memory."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from people_pathing.common.json_values import from_json, to_json
from people_pathing.service.artifacts import ArtifactStore, outcome_key, request_key
from people_pathing.service.executions import Executions
from people_pathing.service.job import Job, Outcome
from people_pathing.service.job_slots import JobSlots
from people_pathing.service.notification import CallerRoles
from people_pathing.service.operations.get import GetPersonTracking
from people_pathing.service.operations.start import StartPersonTracking
from people_pathing.service.protocol.answering import Operations
from people_pathing.service.protocol.wire import Request
from people_pathing.service.start_tokens import StartTokens
from people_pathing.service.videos import Videos
from tests.unit.service.fakes import Log, MemoryS3, MemoryStates, MemorySts
from tests.unit.service.world import ACCOUNT, ARTIFACT_BUCKET, REGION, VIDEO, VIDEO_BUCKET, VIDEO_NAME, Clock

ROLE = f"arn:aws:iam::{ACCOUNT}:role/Completion"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:AmazonRekognitionCompletion"
CHANNEL = {"SNSTopicArn": TOPIC, "RoleArn": ROLE}
STATE_MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:TrackPeople"


class Service:
    """One deployment. Each call of `operations()` stands for a new process of it."""

    def __init__(self, *, limit: int = 20, clock: Clock | None = None) -> None:
        self.log = Log()
        self.clock = clock or Clock()
        self.s3 = MemoryS3(self.log)
        self.states = MemoryStates(self.log)
        self.sts = MemorySts(self.log, REGION)
        self.store = ArtifactStore(self.s3.as_client(), ARTIFACT_BUCKET)
        self.limit = limit
        self.now_ms: Callable[[], int] = self.clock.now_ms
        self.sleep: Callable[[float], None] = self.clock.sleep
        self._numbers = count()
        self.s3.put_object(Bucket=VIDEO_BUCKET, Key=VIDEO_NAME, Body=b"a video")

    def new_job_id(self) -> str:
        return f"job-{next(self._numbers)}"

    def operations(self) -> Operations:
        executions = Executions(self.states.as_client(), STATE_MACHINE)
        start = StartPersonTracking(
            self.store,
            Videos(self.s3.as_client(), {VIDEO_BUCKET}),
            CallerRoles(self.sts.as_client()),
            executions,
            StartTokens(self.store, self.new_job_id, now_ms=self.now_ms, sleep=self.sleep),
            self.job_slots(),
            max_concurrent_jobs=self.limit,
            notification_role_arns={ROLE},
            now_ms=self.now_ms,
        )
        get = GetPersonTracking(self.store, executions, now_ms=self.now_ms)
        return {"StartPersonTracking": start, "GetPersonTracking": get}

    def job_slots(self) -> JobSlots:
        return JobSlots(self.store, now_ms=self.now_ms, sleep=self.sleep)

    def start(
        self,
        token: str | None = None,
        *,
        account: str = ACCOUNT,
        call_id: str | None = None,
        **parameters: Any,
    ) -> str:
        tokens = {} if token is None else {"ClientRequestToken": token}
        request = Request(
            "StartPersonTracking", {"Video": VIDEO} | tokens | parameters, account, invocation_id=call_id
        )
        job_id = self.operations()[request.operation](request)["JobId"]
        assert isinstance(job_id, str)
        return job_id

    def get(self, job_id: str, *, account: str = ACCOUNT, **parameters: Any) -> dict[str, Any]:
        request = Request("GetPersonTracking", {"JobId": job_id} | parameters, account, invocation_id=None)
        return self.operations()[request.operation](request)

    def end(self, job_id: str) -> None:
        """Runs a job to its end, up to the release of its slot."""
        self.states.statuses[job_id] = "SUCCEEDED"
        self.job_slots().release(job_id)

    def job(self, job_id: str) -> Job:
        return from_json(Job, self.store.read_existing(request_key(job_id)))

    def store_outcome(self, job_id: str, outcome: Outcome) -> None:
        """Records that a job failed."""
        self.store.write(outcome_key(job_id), to_json(outcome).encode())

    def wait(self, seconds: float) -> None:
        self.clock.sleep(seconds)
