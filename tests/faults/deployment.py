"""A deployed stack, and what the fault tests do to it."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from devstack.stack import STACK_NAME, LocalStack
from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.cli.erasing.videos import ErasedCount, Selection, VideoErasure
from people_pathing.cli.progress import wait_until
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.video import Video
from tests.fakes.pipeline import upload_event
from tests.stack.jobs import make_ended_jobs_old

TIMEOUT_S = 120


class Deployment:
    """A deployed stack with one job slot.

    Attributes:
        stack: The local stack.
        s3: A boto3 client of S3.
        pipeline: The resources of the stack, as the command line sees them.
        results_bucket: The name of the results bucket.
    """

    def __init__(self, stack: LocalStack, clip: Path) -> None:
        """Creates the clients.

        Args:
            stack: A running stack.
            clip: The video file that `upload` uploads.
        """
        self.stack = stack
        self.s3 = stack.client("s3")
        self.pipeline = DeployedStack.of(stack.outputs, self.s3, stack.client("dynamodb"))
        self.results_bucket = stack.outputs["ResultsBucketName"]
        self._clip = clip

    def upload(self, key: str) -> Video:
        """Uploads the clip."""
        return self.pipeline.upload(self._clip, key)

    def event(self, video: Video) -> dict[str, Any]:
        """Returns the event of an upload, as S3 may deliver it again."""
        record = self.wait_for_state(video, *JobState)
        return upload_event(video.key, video.version, record.uploaded_ms, bucket=video.bucket)

    def wait_for_state(self, video: Video, *states: JobState) -> JobRecord:
        """Waits until a video's job is in one of the states, and returns its record."""
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            record = self.pipeline.record(video)
            if record is not None and record.state in states:
                return record
            time.sleep(0.1)
        raise AssertionError(f"{video.key} is not {' or '.join(states)}: {self.pipeline.record(video)}")

    def wait_until(self, condition: Callable[[], object]) -> None:
        """Waits until a condition is true."""
        deadline = time.monotonic() + TIMEOUT_S
        while not condition():
            assert time.monotonic() < deadline, f"the condition is still false after {TIMEOUT_S} s"
            time.sleep(0.1)

    def current(self, record: JobRecord) -> JobRecord:
        """Reads a record again."""
        current = self.pipeline.job_table.get(record.video_id)
        assert current is not None, f"the record of {record.key} no longer exists"
        return current

    def is_open(self, video: Video) -> bool:
        """Tells whether the video's job has not ended, or is not recorded yet."""
        record = self.pipeline.record(video)
        return record is None or record.is_open

    def is_waiting(self, video: Video) -> bool:
        """Tells whether the video's job waits for a slot."""
        record = self.pipeline.record(video)
        return record is not None and record.state is JobState.WAITING

    def invoke(self, function: str, event: object, invocation_type: str = "RequestResponse") -> None:
        """Invokes a function by its logical id in the template."""
        reply = self.stack.client("lambda").invoke(
            FunctionName=self.physical_id(function), InvocationType=invocation_type, Payload=json.dumps(event)
        )
        assert "FunctionError" not in reply, reply["Payload"].read()

    def reconcile_as_if_due(self, record: JobRecord) -> None:
        """Makes a record due and invokes ReconcileJobs, so that the test need not wait for the schedule."""
        changed = self.pipeline.job_table.replace(record, replace(record, due_ms=0))
        assert changed is not None, "a function changed the record at the same time"
        self.invoke("ReconcileJobs", {})

    def erase(self, video: Video) -> ErasedCount:
        """Erases what is stored about a video, but not the video. Its job has to have ended."""
        make_ended_jobs_old(self.stack, self.pipeline)
        erasure = VideoErasure(self.pipeline, Selection(video.bucket, video.key), True, wait_until)
        erasure.run(erasure.find())
        return erasure.erased

    def physical_id(self, logical_id: str) -> str:
        """Returns the name of a resource of the template."""
        detail = self.stack.client("cloudformation").describe_stack_resource(
            StackName=STACK_NAME, LogicalResourceId=logical_id
        )["StackResourceDetail"]
        return str(detail["PhysicalResourceId"])

    def execution_arn(self, record: JobRecord) -> str:
        """Returns the ARN of the execution that tracks a job's video."""
        prefix = self.stack.outputs["TrackPeopleArn"].replace(":stateMachine:", ":execution:")
        return f"{prefix}:{record.job_id}"

    def execution_status(self, record: JobRecord) -> str:
        """Returns the status of a job's execution, as Step Functions names it."""
        states = self.stack.client("stepfunctions")
        return str(states.describe_execution(executionArn=self.execution_arn(record))["status"])

    def executions(self) -> Counter[str]:
        """Returns the number of executions of each job, by job id."""
        paginator = self.stack.client("stepfunctions").get_paginator("list_executions")
        pages = paginator.paginate(stateMachineArn=self.stack.outputs["TrackPeopleArn"])
        return Counter(execution["name"] for page in pages for execution in page["executions"])

    def files_written(self, record: JobRecord) -> list[str]:
        """Returns the names of a job's result files, once for each time that a file was written."""
        prefix = record.results_prefix
        reply = self.s3.list_object_versions(Bucket=self.results_bucket, Prefix=prefix)
        return sorted(version["Key"].removeprefix(prefix) for version in reply.get("Versions", []))

    def failed_event_count(self) -> int:
        """Returns the number of events in the dead-letter queue."""
        attributes = self.stack.client("sqs").get_queue_attributes(
            QueueUrl=self.stack.outputs["FailedEventsUrl"], AttributeNames=["ApproximateNumberOfMessages"]
        )["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"])

    def take_failed_events(self, wait_s: int) -> list[Any]:
        """Removes the events from the dead-letter queue and returns them."""
        queue = {"QueueUrl": self.stack.outputs["FailedEventsUrl"]}
        sqs = self.stack.client("sqs")
        reply = sqs.receive_message(**queue, WaitTimeSeconds=wait_s, MaxNumberOfMessages=10)
        messages = reply.get("Messages", [])
        for message in messages:
            sqs.delete_message(**queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"])["requestPayload"] for message in messages]
