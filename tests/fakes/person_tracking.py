"""A fake of the two operations. It answers the requests of a real boto3 client on the wire.

So botocore's own model of the API checks every request and parses every reply.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.awsrequest import AWSResponse
from moto.core.models import botocore_stubber

from people_pathing.pipeline.composition import TRACKING_CONFIG

if TYPE_CHECKING:
    from botocore.config import Config
    from types_boto3_rekognition import RekognitionClient

METADATA = {
    "Codec": "h264",
    "DurationMillis": 10010,
    "Format": "QuickTime / MOV",
    "FrameRate": 29.97,
    "FrameHeight": 1080,
    "FrameWidth": 1920,
    "ColorRange": "LIMITED",
}


class ServiceError(Exception):
    """An error that the service returns instead of a result."""

    def __init__(self, code: str, message: str = "the fake was told to fail", status: int = 400) -> None:
        super().__init__(code)
        self.code, self.message, self.status = code, message, status


@cache
def session() -> boto3.Session:
    """Returns one session for all tests, because each session parses the models of the services again."""
    return boto3.Session(aws_access_key_id="fake", aws_secret_access_key="fake", region_name="eu-central-1")


@dataclass
class Job:
    """A job of the service."""

    job_id: str
    request: dict[str, Any]
    status: str = "IN_PROGRESS"
    message: str | None = None
    persons: Sequence[dict[str, Any]] = ()
    by_order: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def sorted_by(self, order: str) -> list[dict[str, Any]]:
        if order not in self.by_order:
            self.by_order[order] = _ordered(self.persons, order)
        return self.by_order[order]


@dataclass
class FakePersonTracking:
    """The service. `before` is called with the name of each operation first, and may raise ServiceError.

    All its replies have `headers`.
    """

    limit: int = 20
    before: Callable[[str], None] = lambda _operation: None
    page_size: int = 1000
    headers: Mapping[str, str] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    page_tokens: set[str] = field(default_factory=set)

    def client(self, config: Config = TRACKING_CONFIG) -> RekognitionClient:
        client = session().client("rekognition", config=config)
        self.attach(client)
        return client

    def attach(self, client: RekognitionClient) -> None:
        """Answers a client's requests instead of the network."""
        events: Any = client.meta.events
        # Inside mock_aws, moto would answer this client, too.
        events.unregister("before-send", botocore_stubber)
        events.register("before-send.rekognition", self.send)

    def running(self) -> list[Job]:
        return [job for job in self.jobs.values() if job.status == "IN_PROGRESS"]

    def succeed(self, job_id: str, persons: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
        """Ends a job and returns the event with its completion notice."""
        job = self.jobs[job_id]
        job.status, job.persons = "SUCCEEDED", persons
        # A poll may have sorted the observations of the running job, which has none.
        job.by_order.clear()
        return self.notice(job_id)

    def fail(self, job_id: str, message: str, status: str = "FAILED") -> dict[str, Any]:
        """Ends a job and returns the event with its completion notice."""
        job = self.jobs[job_id]
        job.status, job.message = "FAILED", message
        return self.notice(job_id, status=status, Message=message)

    def notice(self, job_id: str, status: str = "SUCCEEDED", **more: str) -> dict[str, Any]:
        job = self.jobs[job_id]
        s3_object = job.request["Video"]["S3Object"]
        message = {
            "JobId": job_id,
            "Status": status,
            "API": "StartPersonTracking",
            "Timestamp": 1769860991000,
            "Video": {"S3ObjectName": s3_object["Name"], "S3Bucket": s3_object["Bucket"]},
            **({"JobTag": job.request["JobTag"]} if "JobTag" in job.request else {}),
            **more,
        }
        return {"Records": [{"EventSource": "aws:sns", "Sns": {"Message": json.dumps(message)}}]}

    def expire_page_tokens(self) -> None:
        self.page_tokens.clear()

    def forget(self, job_id: str) -> None:
        del self.jobs[job_id]

    def send(self, request: Any, **_: object) -> AWSResponse:
        target = request.headers["X-Amz-Target"]
        operation = (target if isinstance(target, str) else target.decode()).rpartition(".")[2]
        self.calls[operation] += 1
        answer = {"StartPersonTracking": self._start, "GetPersonTracking": self._get}[operation]
        try:
            self.before(operation)
            return _reply(200, answer(json.loads(request.body)), self.headers)
        except ServiceError as error:
            return _reply(error.status, {"__type": error.code, "Message": error.message}, self.headers)

    def _start(self, request: dict[str, Any]) -> dict[str, Any]:
        token = request["ClientRequestToken"]
        if token in self.tokens:
            job_id = self.tokens[token]
            if job_id in self.jobs and self.jobs[job_id].request != request:
                raise ServiceError("IdempotentParameterMismatchException")
            return {"JobId": job_id}
        if len(self.running()) >= self.limit:
            raise ServiceError("LimitExceededException", f"{self.limit} jobs are running")
        job_id = f"job-{len(self.tokens) + 1}"
        self.tokens[token] = job_id
        self.jobs[job_id] = Job(job_id, request)
        return {"JobId": job_id}

    def _get(self, request: dict[str, Any]) -> dict[str, Any]:
        job = self.jobs.get(request["JobId"])
        if job is None:
            raise ServiceError("ResourceNotFoundException", f"no job {request['JobId']}")
        start = self._offset(request)
        end = start + min(request.get("MaxResults", 1000), self.page_size)
        reply: dict[str, Any] = {
            "JobStatus": job.status,
            "JobId": job.job_id,
            "VideoMetadata": METADATA,
            "Video": job.request["Video"],
            "Persons": job.sorted_by(request.get("SortBy", "TIMESTAMP"))[start:end],
        }
        if job.message:
            reply["StatusMessage"] = job.message
        if end < len(job.persons):
            reply["NextToken"] = f"{job.job_id}:{end}"
            self.page_tokens.add(reply["NextToken"])
        return reply

    def _offset(self, request: dict[str, Any]) -> int:
        token = request.get("NextToken")
        if token is None:
            return 0
        if token not in self.page_tokens:
            raise ServiceError("InvalidPaginationTokenException", "the token has expired")
        return int(token.rpartition(":")[2])


def person(index: int, timestamp_ms: int, left_px: int, top_px: int) -> dict[str, Any]:
    """Returns an observation of a person of 96 by 216 pixels in a frame of 1920 by 1080 pixels."""
    box = {"Left": left_px / 1920, "Top": top_px / 1080, "Width": 0.05, "Height": 0.2}
    return {"Timestamp": timestamp_ms, "Person": {"Index": index, "BoundingBox": box}}


def _ordered(persons: Sequence[dict[str, Any]], order: str) -> list[dict[str, Any]]:
    def by_index(one: dict[str, Any]) -> tuple[int, int]:
        return one["Person"]["Index"], one["Timestamp"]

    def by_time(one: dict[str, Any]) -> tuple[int, int]:
        return one["Timestamp"], one["Person"]["Index"]

    return sorted(persons, key=by_index if order == "INDEX" else by_time)


def _reply(status: int, body: dict[str, Any], more: Mapping[str, str]) -> AWSResponse:
    headers: Any = {"Content-Type": "application/x-amz-json-1.1", **more}
    raw = _Raw(json.dumps(body).encode())
    return AWSResponse("https://fake", status, headers, raw)


class _Raw(io.BytesIO):
    def stream(self) -> list[bytes]:
        return [self.read()]
