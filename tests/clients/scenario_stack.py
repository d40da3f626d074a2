"""Prepares a deployed stack for the scenario: a video, a text file and a queue for the notices."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from devstack.stack import LocalStack
from people_pathing.service.artifacts import plan_key
from people_pathing.service.job_items import REGISTER_KEY
from tests.stack.walkers import Walker, write_clip

VIDEO = "halle/ramp 1 + ü (2).mp4"
TEXT = "notes.txt"
FRAMES = 20
UNKNOWN_JOBS = [number.to_bytes(32, "big") for number in range(100)]
WALKERS = [
    Walker(80, 6, 400, 240, (40, 40, 160), (60, 40, 30), has_face=True),
    Walker(560, -6, 420, 250, (150, 60, 40), (30, 30, 30), has_face=True),
]


class ScenarioStack:
    """A deployed stack with the scenario's objects in it.

    Attributes:
        endpoint_url: The address of the service.
        outputs: The outputs of the stack.
        environment: The credentials and the region, as AWS's environment variables.
        names: What the names in the scenario's braces stand for.
    """

    def __init__(self, stack: LocalStack) -> None:
        """Uploads the objects and subscribes a queue to the notices."""
        self._stack = stack
        self.outputs = outputs = stack.outputs
        self._s3 = stack.client("s3")
        self._dynamodb = stack.client("dynamodb")
        self._job_store = outputs["JobStoreTableName"]
        self.endpoint_url = outputs["RekognitionEndpointUrl"]
        self.environment = stack.environment()
        self.names = {
            "bucket": outputs["VideoBucketName"],
            "private_bucket": outputs["ArtifactBucketName"],
            "private_key": plan_key("0" * 64),
            "video": VIDEO,
            "text": TEXT,
            "topic": outputs["CompletionTopicArn"],
            "role": outputs["CompletionRoleArn"],
        }
        self._queue_url = self._subscribe()
        self._upload()

    def client(self, service: str) -> Any:
        """Returns a boto3 client of an administrator of the stack's account."""
        return self._stack.client(service)

    def notices(self, expected: int, timeout_s: float = 60) -> list[dict[str, Any]]:
        """Removes the notices of the scenario's jobs from the queue and returns them.

        Args:
            expected: The number of notices after which to stop.
            timeout_s: How long to wait for that number.
        """
        sqs = self._stack.client("sqs")
        found: list[dict[str, Any]] = []
        deadline = time.monotonic() + timeout_s
        while len(found) < expected and time.monotonic() < deadline:
            reply = sqs.receive_message(QueueUrl=self._queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in reply.get("Messages", []):
                notice = json.loads(message["Body"])
                if notice.get("JobTag", "").endswith(":1/a=b"):
                    found.append(notice)
                sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])
        return found

    @contextmanager
    def all_slots_taken(self) -> Iterator[None]:
        """Makes the service reach its job limit: adds unknown jobs to the register.

        The sweep removes unknown jobs, but each takes it SETTLING_S. So many more are added than there are
        slots. The jobs of the clients keep their slots.
        """
        self._change_running("ADD")
        try:
            yield
        finally:
            self._change_running("DELETE")

    def _change_running(self, action: Literal["ADD", "DELETE"]) -> None:
        self._dynamodb.update_item(
            TableName=self._job_store,
            Key={"pk": {"S": REGISTER_KEY}},
            UpdateExpression=f"{action} running :unknown",
            ExpressionAttributeValues={":unknown": {"BS": UNKNOWN_JOBS}},
        )

    def _subscribe(self) -> str:
        sqs = self._stack.client("sqs")
        url: str = sqs.create_queue(QueueName="clients-scenario")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        topic_may_send = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": self.names["topic"]}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [topic_may_send]})
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
        self._s3.put_object(Bucket=self.names["bucket"], Key=TEXT, Body=b"This is no video.")
