"""The operations, the last step and the sweep over AWS in memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from itertools import count
from typing import Any, cast

import boto3

from people_pathing.service.artifacts import ArtifactStore
from people_pathing.service.executions import Executions
from people_pathing.service.job import CompletionStatus, Job
from people_pathing.service.job_store import JobStore
from people_pathing.service.notification import CallerRoles, NoticePublisher
from people_pathing.service.operations.get import GetPersonTracking
from people_pathing.service.operations.start import StartPersonTracking
from people_pathing.service.protocol.answering import Operations
from people_pathing.service.protocol.wire import Request, reply
from people_pathing.service.steps.publish_completion import publish_completion
from people_pathing.service.steps.tasks import EndedJob
from people_pathing.service.sweep import Sweep
from people_pathing.service.videos.lookup import Videos
from tests.unit.service.fakes import Log, LoggedDynamoDB, MemoryS3, MemorySns, MemoryStates, MemorySts
from tests.unit.service.world import (
    ACCOUNT,
    ARTIFACT_BUCKET,
    REGION,
    VIDEO,
    VIDEO_BUCKET,
    VIDEO_NAME,
    Clock,
    make_job_store,
)

ROLE = f"arn:aws:iam::{ACCOUNT}:role/Completion"
SERVICE_ROLES = [f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("Sweep", "Api")]
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:AmazonRekognitionCompletion"
CHANNEL = {"SNSTopicArn": TOPIC, "RoleArn": ROLE}
_TABLE_NUMBERS = count()
STATE_MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:TrackPeople"


@cache
def dynamodb_client() -> Any:
    """One client for all tests, because creating one takes longer than most tests."""
    session = boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name=REGION)
    return session.client("dynamodb")


class Service:
    """One deployment. Each call of `operations()` stands for a new process of it."""

    def __init__(self, *, limit: int = 20, clock: Clock | None = None) -> None:
        self.log = Log()
        self.clock = clock or Clock()
        self.s3 = MemoryS3(self.log)
        self.states = MemoryStates(self.log)
        self.sts = MemorySts(self.log, REGION)
        self.sns = MemorySns(self.log)
        self.store = ArtifactStore(self.s3.as_client(), ARTIFACT_BUCKET)
        self.limit = limit
        self.roles = {ROLE}
        self.now_ms: Callable[[], int] = self.clock.now_ms
        self.sleep: Callable[[float], None] = self.clock.sleep
        self.s3.put_object(Bucket=VIDEO_BUCKET, Key=VIDEO_NAME, Body=b"a video")
        self.table = f"job-store-{next(_TABLE_NUMBERS)}"
        make_job_store(dynamodb_client(), self.table)
        self.dynamodb = LoggedDynamoDB(self.log, dynamodb_client())

    @property
    def jobs(self) -> JobStore:
        return JobStore(self.dynamodb.as_client(), self.table, now_ms=lambda: self.now_ms(), sleep=self.sleep)

    @property
    def executions(self) -> Executions:
        return Executions(self.states.as_client(), STATE_MACHINE)

    @property
    def publisher(self) -> NoticePublisher:
        return NoticePublisher(CallerRoles(self.sts.as_client()), lambda _: self.sns.as_client())

    def operations(self) -> Operations:
        start = StartPersonTracking(
            self.jobs,
            Videos(self.s3.as_client(), {VIDEO_BUCKET}),
            CallerRoles(self.sts.as_client()),
            self.executions,
            max_concurrent_jobs=self.limit,
            notification_role_arns=self.roles,
            service_role_arns=SERVICE_ROLES,
            now_ms=self.now_ms,
        )
        get = GetPersonTracking(self.jobs, self.store, now_ms=self.now_ms)
        return {"StartPersonTracking": start, "GetPersonTracking": get}

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
        job_id = self.operations()[request.operation](request).structure["JobId"]
        assert isinstance(job_id, str)
        return job_id

    def get(self, job_id: str, *, account: str = ACCOUNT, **parameters: Any) -> dict[str, Any]:
        request = Request("GetPersonTracking", {"JobId": job_id} | parameters, account, invocation_id=None)
        answer = reply(request.operation, self.operations()[request.operation](request), "request")
        structure: dict[str, Any] = json.loads(answer["body"])
        return structure

    def end(self, job_id: str, status: CompletionStatus = "SUCCEEDED", message: str | None = None) -> None:
        """Runs the last step of a job, and ends its execution."""
        self.publish(job_id, status, message)
        self.states.statuses[job_id] = "SUCCEEDED"

    def publish(
        self, job_id: str, status: CompletionStatus = "SUCCEEDED", message: str | None = None
    ) -> EndedJob:
        """Runs the last step of a job."""
        return publish_completion(EndedJob(job_id, status, message), self.jobs, self.publisher)

    def sweep(self) -> None:
        """Runs the sweep for all jobs."""
        Sweep(self.jobs, self.executions, self.publisher, self.sleep).run()

    def notices(self) -> list[dict[str, Any]]:
        """Returns the completion notices that were published."""
        return [cast("dict[str, Any]", json.loads(message)) for message in self.sns.messages]

    def job(self, job_id: str) -> Job:
        stored = self.jobs.get(job_id)
        assert stored is not None
        return stored.job

    def wait(self, seconds: float) -> None:
        self.clock.sleep(seconds)
