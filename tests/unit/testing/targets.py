"""Two things that answer the operations: the testing helper, and the service's own code."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import boto3
import pytest
from moto import mock_aws

from people_pathing.service.handlers import api
from people_pathing.testing import Outcome, PersonTracking, person_tracking
from people_pathing.testing.outcome import to_observations
from tests.contract.in_process_api import InProcessApi
from tests.unit.service.in_memory_service import TOPIC, Service
from tests.unit.service.world import METADATA, REGION, VIDEO_BUCKET, header_of, store_results

if TYPE_CHECKING:
    from types_boto3_rekognition.client import RekognitionClient

LIMIT = 3
NEVER_BY_POLLING = 10**9
FAILING_VIDEO = "fails.mp4"
FAILURE = "The video cannot be decoded"


def reported(index: int, timestamp_ms: int, left: float, **members: Any) -> dict[str, Any]:
    """Returns one person at one time, in numbers that float32 can represent exactly."""
    box = {"Width": 0.125, "Height": 0.25, "Left": left, "Top": 0.5}
    return {"Timestamp": timestamp_ms, "Person": {"Index": index, "BoundingBox": box, **members}}


FACE = {
    "BoundingBox": {"Width": 0.0625, "Height": 0.125, "Left": 0.25, "Top": 0.5},
    "Landmarks": [
        {"Type": name, "X": 0.25 + number / 64, "Y": 0.5}
        for number, name in enumerate(("eyeLeft", "eyeRight", "nose", "mouthLeft", "mouthRight"))
    ],
    "Pose": {"Roll": 3.25, "Yaw": 40.0, "Pitch": -5.5},
    "Quality": {"Brightness": 62.5, "Sharpness": 12.5},
    "Confidence": 87.5,
}
BY_TIME = [
    reported(0, 0, 0.25),
    reported(1, 0, 0.75),
    reported(0, 66, 0.375, Face=FACE),
    reported(1, 66, 0.625),
    reported(0, 133, 0.5),
]
BY_INDEX = [BY_TIME[number] for number in (0, 2, 4, 1, 3)]


class Target(Protocol):
    """What the shared tests need of either."""

    client: RekognitionClient

    def put_video(self, name: str) -> None:
        """Stores a video."""

    def finish(self, job_id: str, name: str) -> None:
        """Ends a job: the one of FAILING_VIDEO fails, all others succeed with BY_TIME."""

    def notices(self) -> list[dict[str, Any]]:
        """Returns the completion notices that were published, and forgets them."""


@cache
def _session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name=REGION)


class Helper:
    """The testing helper, with a topic whose messages arrive in a queue."""

    def __init__(self, tracking: PersonTracking) -> None:
        self._tracking = tracking
        session = _session()
        self.client: RekognitionClient = session.client("rekognition")
        self._s3 = session.client("s3")
        self._s3.create_bucket(Bucket=VIDEO_BUCKET)
        sns, sqs = session.client("sns"), session.client("sqs")
        assert sns.create_topic(Name=TOPIC.rpartition(":")[2])["TopicArn"] == TOPIC
        self._queue = sqs.create_queue(QueueName="notices")["QueueUrl"]
        sns.subscribe(
            TopicArn=TOPIC,
            Protocol="sqs",
            Endpoint=f"arn:aws:sqs:{REGION}:123456789012:notices",
            Attributes={"RawMessageDelivery": "true"},
        )
        self._sqs = sqs

    def put_video(self, name: str) -> None:
        self._s3.put_object(Bucket=VIDEO_BUCKET, Key=name, Body=b"a video")

    def finish(self, job_id: str, name: str) -> None:
        self._tracking.finish_jobs()

    def notices(self) -> list[dict[str, Any]]:
        received = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10)
        messages = received.get("Messages", [])
        for message in messages:
            self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]


class RealService:
    """The API's own handler, over the real job store on moto's DynamoDB."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.client: RekognitionClient = InProcessApi().client()

    def put_video(self, name: str) -> None:
        self._service.s3.put_object(Bucket=VIDEO_BUCKET, Key=name, Body=b"a video")

    def finish(self, job_id: str, name: str) -> None:
        if name == FAILING_VIDEO:
            self._service.end(job_id, "FAILED", FAILURE)
            return
        job = self._service.job(job_id)
        found = to_observations(BY_TIME)
        store_results(self._service.store, header_of(job, len(found), self._service.clock.now_ms()), found)
        self._service.end(job_id)

    def notices(self) -> list[dict[str, Any]]:
        published = self._service.notices()
        self._service.sns.messages.clear()
        return published


@contextmanager
def helper() -> Iterator[Target]:
    """The testing helper, whose jobs end when a test says so."""
    succeeds = Outcome(BY_TIME, polls_in_progress=NEVER_BY_POLLING, video_metadata=METADATA)
    fails = Outcome(failure=FAILURE, polls_in_progress=NEVER_BY_POLLING)
    with person_tracking(succeeds, videos={FAILING_VIDEO: fails}, max_concurrent_jobs=LIMIT) as tracking:
        yield Helper(tracking)


@contextmanager
def real_service() -> Iterator[Target]:
    """The service, whose steps a test replaces."""
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        service = Service(limit=LIMIT)
        service.clock.now_s = time.time()
        patch.setattr(api, "compose_operations", service.operations)
        yield RealService(service)
