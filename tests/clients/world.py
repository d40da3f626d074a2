"""What the scenario needs in the local stack: a video, a text, an ear for notices, a full service."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from devstack.stack import LocalStack
from people_pathing.service.artifacts import JOB_SLOTS_KEY
from tests.stack.walkers import Walker, write_clip

VIDEO = "halle/ramp 1 + ü (2).mp4"
TEXT = "notes.txt"
FRAMES = 20
WALKERS = [
    Walker(80, 6, 400, 240, (40, 40, 160), (60, 40, 30), has_face=True),
    Walker(560, -6, 420, 250, (150, 60, 40), (30, 30, 30), has_face=True),
]


class World:
    """The deployed stack with the scenario's objects in it."""

    def __init__(self, stack: LocalStack) -> None:
        self._stack = stack
        outputs = stack.outputs
        self._s3 = stack.client("s3")
        self._artifacts = outputs["ArtifactBucketName"]
        self.endpoint_url = outputs["RekognitionEndpointUrl"]
        self.environment = stack.environment()
        self.names = {
            "bucket": outputs["VideoBucketName"],
            "private_bucket": self._artifacts,
            "video": VIDEO,
            "text": TEXT,
            "topic": outputs["CompletionTopicArn"],
            "role": outputs["CompletionRoleArn"],
        }
        self._queue_url = self._listen()
        self._upload()

    def notices(self, expected: int, patience_s: float = 60) -> list[dict[str, Any]]:
        """Notices of the scenario's jobs so far; waits until there are as many as expected."""
        sqs = self._stack.client("sqs")
        found: list[dict[str, Any]] = []
        ends_at = time.monotonic() + patience_s
        while len(found) < expected and time.monotonic() < ends_at:
            answer = sqs.receive_message(QueueUrl=self._queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in answer.get("Messages", []):
                notice = json.loads(message["Body"])
                if notice.get("JobTag", "").endswith(":1/a=b"):
                    found.append(notice)
                sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])
        return found

    @contextmanager
    def all_places_taken(self) -> Iterator[None]:
        """The register of running jobs as it is when the service is full."""
        now_ms = int(time.time() * 1000)
        register = {
            "admitted_at_ms": {f"job-{number}": now_ms for number in range(100)},
            "swept_at_ms": now_ms,
        }
        self._s3.put_object(Bucket=self._artifacts, Key=JOB_SLOTS_KEY, Body=json.dumps(register).encode())
        try:
            yield
        finally:
            self._s3.delete_object(Bucket=self._artifacts, Key=JOB_SLOTS_KEY)

    def _listen(self) -> str:
        sqs = self._stack.client("sqs")
        url: str = sqs.create_queue(QueueName="clients-scenario")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        from_topic = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": self.names["topic"]}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [from_topic]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        self._stack.client("sns").subscribe(
            TopicArn=self.names["topic"],
            Protocol="sqs",
            Endpoint=arn,
            Attributes={"RawMessageDelivery": "true"},
        )
        return url

    def _upload(self) -> None:
        with TemporaryDirectory() as folder:
            clip = Path(folder) / "clip.mp4"
            write_clip(clip, WALKERS, FRAMES)
            self._s3.upload_file(str(clip), self.names["bucket"], VIDEO)
        self._s3.put_object(Bucket=self.names["bucket"], Key=TEXT, Body=b"a text about videos")
