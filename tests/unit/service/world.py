"""What the tests of the service share: names, requests as a Function URL passes them on, stored results."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import boto3
import numpy as np
from aws_lambda_powertools.utilities.typing import LambdaContext

from people_pathing.service.artifacts import ArtifactStore, observations_key
from people_pathing.service.handlers import finish
from people_pathing.service.handlers.api import handler
from people_pathing.service.job import Job, VideoObject
from people_pathing.service.job_store import JobStore
from people_pathing.service.result_pages.from_tracks import FACE, PERSON, BlockStream, Observations, blocks
from people_pathing.service.result_pages.layout import Header

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient
    from types_boto3_s3.client import S3Client

ACCOUNT = "123456789012"
REGION = "us-east-1"
ARTIFACT_BUCKET = "artifacts"
JOB_STORE_TABLE = "job-store"
VIDEO_BUCKET = "videos"
VIDEO_NAME = "lobby/ramp 1.mp4"
VIDEO: dict[str, Any] = {"S3Object": {"Bucket": VIDEO_BUCKET, "Name": VIDEO_NAME}}
METADATA = {
    "Codec": "h264",
    "DurationMillis": 9_000,
    "Format": "QuickTime / MOV",
    "FrameRate": 29.970029830932617,
    "FrameHeight": 1080,
    "FrameWidth": 1920,
}

CONTEXT = cast(
    LambdaContext,
    SimpleNamespace(
        function_name="function",
        memory_limit_in_mb=512,
        invoked_function_arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:function",
        aws_request_id="11111111-2222-3333-4444-555555555555",
        get_remaining_time_in_millis=lambda: 30_000,
    ),
)


class Clock:
    """A clock that advances only when a test sets it or code under test sleeps."""

    def __init__(self, now_s: float = 1_750_000_000.0) -> None:
        self.now_s = now_s

    def now_ms(self) -> int:
        return int(self.now_s * 1000)

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds


@dataclass
class World:
    session: boto3.Session
    state_machine_arn: str
    topic_arn: str
    role_arn: str
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.environment = {
            "ARTIFACT_BUCKET": ARTIFACT_BUCKET,
            "JOB_STORE_TABLE": JOB_STORE_TABLE,
            "STATE_MACHINE_ARN": self.state_machine_arn,
            "MAX_CONCURRENT_JOBS": "20",
            "VIDEO_BUCKETS": VIDEO_BUCKET,
            "NOTIFICATION_ROLE_ARNS": self.role_arn,
            "SERVICE_ROLE_ARNS": f"arn:aws:iam::{ACCOUNT}:role/TrackingApi",
            "SEGMENT_S": "60",
            "SAMPLE_FPS": "all",
            "INPUT_PX": "default",
            "DETECTOR": "auto",
        }

    @property
    def s3(self) -> S3Client:
        return self.session.client("s3")

    @property
    def store(self) -> ArtifactStore:
        return ArtifactStore(self.s3, ARTIFACT_BUCKET)

    @property
    def jobs(self) -> JobStore:
        return JobStore(self.session.client("dynamodb"), JOB_STORE_TABLE)

    @property
    def channel(self) -> dict[str, str]:
        return {"SNSTopicArn": self.topic_arn, "RoleArn": self.role_arn}

    def job(self, job_id: str) -> Job:
        stored = self.jobs.get(job_id)
        assert stored is not None
        return stored.job

    def executions(self) -> list[str]:
        """Returns the names of all executions, which are JobIds."""
        states = self.session.client("stepfunctions")
        executions = states.list_executions(stateMachineArn=self.state_machine_arn)["executions"]
        return [execution["name"] for execution in executions]

    def start(self, **parameters: Any) -> str:
        job_id = call("StartPersonTracking", {"Video": VIDEO} | parameters).body["JobId"]
        assert isinstance(job_id, str)
        return job_id

    def finish(self, job_id: str, observations: Observations, ended_ms: int | None = None) -> None:
        """Stores results as the link step does, and ends the job."""
        job = self.job(job_id)
        header = header_of(job, len(observations), ended_ms or job.started_ms)
        store_results(self.store, header, observations)
        finish.publish({"job_id": job_id, "status": "SUCCEEDED"}, CONTEXT)


def make_job_store(client: DynamoDBClient, name: str = JOB_STORE_TABLE) -> None:
    """Creates the job store's table as the template does."""
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )


@dataclass(frozen=True)
class Answer:
    status_code: int
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def error(self) -> str | None:
        return self.body.get("__type")


def url_event(
    operation: str, body: str | bytes, *, account: str | None = ACCOUNT, method: str = "POST", **headers: str
) -> dict[str, Any]:
    """Returns a request as a Function URL with AuthType AWS_IAM passes it on."""
    iam = {"iam": {"accountId": account, "userArn": f"arn:aws:iam::{account}:user/caller"}}
    return {
        "version": "2.0",
        "rawPath": "/",
        "headers": {
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": f"RekognitionService.{operation}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
        "requestContext": {
            "http": {"method": method, "path": "/"},
            **({} if account is None else {"authorizer": iam}),
        },
        "body": base64.b64encode(body).decode() if isinstance(body, bytes) else body,
        "isBase64Encoded": isinstance(body, bytes),
    }


def call(operation: str, parameters: Mapping[str, Any], *, account: str = ACCOUNT, **headers: str) -> Answer:
    """Calls the handler as a signed client does."""
    return answer_to(url_event(operation, json.dumps(parameters), account=account, **headers))


def answer_to(event: dict[str, Any]) -> Answer:
    reply = cast("dict[str, Any]", handler(event, CONTEXT))
    return Answer(reply["statusCode"], reply["headers"], json.loads(reply["body"]))


def put_video(s3: S3Client, name: str = VIDEO_NAME, body: bytes = b"not empty") -> str:
    return s3.put_object(Bucket=VIDEO_BUCKET, Key=name, Body=body).get("VersionId", "")


def observations_of(
    persons: Sequence[tuple[int, int, tuple[float, float, float, float]]],
    faces: Mapping[int, tuple[Any, ...]] | None = None,
) -> Observations:
    """Builds observations from (timestamp_ms, person's index, box in ratios).

    `faces` has the rows of FACE, by the observation's number in INDEX order.
    """
    rows = np.array(persons, PERSON)
    faces = faces or {}
    return Observations(
        rows[np.lexsort((rows["timestamp_ms"], rows["index"]))],
        np.array(sorted(faces), np.int64),
        np.array([faces[number] for number in sorted(faces)], FACE),
    )


def walking_people(people: int, frames: int) -> Observations:
    """Returns people who are all visible in all frames."""
    box = (0.25, 0.5, 0.125, 0.25)
    return observations_of(
        [(frame * 1000 // 15, person, box) for person in range(people) for frame in range(frames)]
    )


def a_face(left: float = 0.25, confidence: float = 87.5) -> tuple[Any, ...]:
    """Returns a row of FACE, in numbers that float32 can represent exactly."""
    landmarks = [(left + x / 64, 0.5 + y / 64) for x, y in ((1, 1), (3, 1), (2, 2), (1, 3), (3, 3))]
    return (left, 0.5, 0.0625, 0.125), confidence, (-5.5, 3.25, 40.0), (62.5, 12.5), landmarks


def header_of(job: Job, observation_count: int, ended_ms: int, provenance: str | None = None) -> Header:
    return Header(
        job.job_id,
        job.account,
        job.secret,
        ended_ms,
        observation_count,
        job.video.as_requested(),
        job.job_tag,
        METADATA,
        provenance,
    )


def a_header(**changes: Any) -> Header:
    header = header_of(a_job("j", account="1"), 10, 0)
    return replace(header, **changes)


def store_results(store: ArtifactStore, header: Header, observations: Observations) -> None:
    stream = io.BufferedReader(BlockStream(blocks(header, observations)))
    store.write_stream(observations_key(header.job_id), stream)


def a_job(job_id: str = "j" * 64, **changes: Any) -> Job:
    video = VideoObject(VIDEO_BUCKET, VIDEO_NAME, None, "v1", '"etag"', 9)
    fields: dict[str, Any] = {
        "job_id": job_id,
        "account": ACCOUNT,
        "video": video,
        "channel": None,
        "job_tag": None,
        "secret": "00" * 32,
        "started_ms": 1_750_000_000_000,
    }
    return Job(**fields | changes)
