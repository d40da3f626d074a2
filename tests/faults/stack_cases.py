"""What may go wrong in a deployed stack, done to the real template on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from devstack.stack import LocalStack
from people_pathing.cli.commands.erase import erase_video
from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.video import Video
from tests.fakes.pipeline import upload_event
from tests.stack.walkers import Walker, write_clip

STACK_NAME = "people-pathing"
# One job at a time: every other upload meets a full service.
PARAMETERS = {"Detector": "hog", "MaxConcurrentJobs": "1"}
PATIENCE_S = 120
WALKERS = [Walker(140, 9, 380, 200, coat=(60, 30, 30), legs=(40, 40, 45))]


class Deployment:
    """A deployed stack, and ways to do to it what may happen to it."""

    def __init__(self, stack: LocalStack, clip: Path) -> None:
        self.stack = stack
        self.clip = clip
        self.s3 = stack.client("s3")
        self.pipeline = DeployedStack.of(stack.outputs, self.s3, stack.client("dynamodb"))
        self.results_bucket = stack.outputs["ResultsBucketName"]

    def upload(self, key: str) -> Video:
        return self.pipeline.upload(self.clip, key)

    def event(self, video: Video) -> dict[str, Any]:
        """The event of an upload, as it may be delivered again."""
        record = self.await_state(video, *JobState)
        return upload_event(video.key, video.version, record.uploaded_ms, bucket=video.bucket)

    def await_state(self, video: Video, *states: JobState) -> JobRecord:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            record = self.pipeline.record(video)
            if record is not None and record.state in states:
                return record
            time.sleep(0.1)
        raise AssertionError(f"{video.key} is not {' or '.join(states)}: {self.pipeline.record(video)}")

    def await_that(self, what: str, is_so: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not is_so():
            assert time.monotonic() < deadline, f"it did not come about that {what}"
            time.sleep(0.1)

    def invoke(self, function: str, event: object, kind: str = "RequestResponse") -> None:
        reply = self.stack.client("lambda").invoke(
            FunctionName=self.physical_id(function), InvocationType=kind, Payload=json.dumps(event)
        )
        assert "FunctionError" not in reply, reply["Payload"].read()

    def reconcile_as_if_due(self, record: JobRecord) -> None:
        """What the schedule does, without waiting for the time."""
        changed = self.pipeline.job_table.replace(record, replace(record, due_ms=0))
        assert changed is not None, "the record changed meanwhile"
        self.invoke("ReconcileJobs", {})

    def physical_id(self, logical_id: str) -> str:
        detail = self.stack.client("cloudformation").describe_stack_resource(
            StackName=STACK_NAME, LogicalResourceId=logical_id
        )["StackResourceDetail"]
        return str(detail["PhysicalResourceId"])

    def execution_status(self, record: JobRecord) -> str:
        arn = self.stack.outputs["TrackPeopleArn"].replace(":stateMachine:", ":execution:")
        states = self.stack.client("stepfunctions")
        return str(states.describe_execution(executionArn=f"{arn}:{record.job_id}")["status"])

    def executions(self) -> Counter[str]:
        """How many executions each job has had."""
        pages = self.stack.client("stepfunctions").get_paginator("list_executions")
        found = pages.paginate(stateMachineArn=self.stack.outputs["TrackPeopleArn"])
        return Counter(one["name"] for page in found for one in page["executions"])

    def files_written(self, record: JobRecord) -> list[str]:
        """The names of the results, once for each time they were written."""
        prefix = record.results_prefix
        found = self.s3.list_object_versions(Bucket=self.results_bucket, Prefix=prefix).get("Versions", [])
        return sorted(one["Key"].removeprefix(prefix) for one in found)

    def failed_event_count(self) -> int:
        attributes = self.stack.client("sqs").get_queue_attributes(
            QueueUrl=self.stack.outputs["FailedEventsUrl"], AttributeNames=["ApproximateNumberOfMessages"]
        )["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"])

    def failed_events(self, wait_s: int) -> list[Any]:
        """What the functions have given up on; taken out of the queue."""
        queue = {"QueueUrl": self.stack.outputs["FailedEventsUrl"]}
        sqs = self.stack.client("sqs")
        messages = sqs.receive_message(**queue, WaitTimeSeconds=wait_s, MaxNumberOfMessages=10).get(
            "Messages", []
        )
        for message in messages:
            sqs.delete_message(**queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"])["requestPayload"] for message in messages]


@dataclass(frozen=True)
class StackCase:
    done: str
    expected: str
    run: Callable[[Deployment], str]


STACK_CASES: list[StackCase] = []
ALL_FILES = ["job.json", "people.json", "observations.jsonl.gz"]


def stack_case(
    done: str, expected: str
) -> Callable[[Callable[[Deployment], str]], Callable[[Deployment], str]]:
    def add(run: Callable[[Deployment], str]) -> Callable[[Deployment], str]:
        STACK_CASES.append(StackCase(done, expected, run))
        return run

    return add


def make_clip(folder: Path) -> Path:
    clip = folder / "walker.mp4"
    write_clip(clip, WALKERS, frame_count=6)
    return clip


@stack_case("the results bucket is away when a job ends", "the job stays open; collected once it is back")
def bucket_away(deployment: Deployment) -> str:
    s3, bucket = deployment.s3, deployment.results_bucket
    s3.delete_bucket(Bucket=bucket)
    try:
        video = deployment.upload("bucket-away.mp4")
        record = deployment.await_state(video, JobState.IN_PROGRESS)
        deployment.await_that("collecting failed", lambda: _current(deployment, record).attempts > 0)
        reason = _current(deployment, record).reason
    finally:
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    if _current(deployment, record).is_open:
        deployment.reconcile_as_if_due(_current(deployment, record))
    record = deployment.await_state(video, JobState.SUCCEEDED)
    assert deployment.files_written(record) == ALL_FILES, deployment.files_written(record)
    return f"put off ({reason}), then SUCCEEDED"


@stack_case("an upload event is delivered 6 times, 5 of them at once", "one job, one set of results")
def same_event(deployment: Deployment) -> str:
    video = deployment.upload("again.mp4")
    event = deployment.event(video)
    with ThreadPoolExecutor(5) as threads:
        list(threads.map(lambda _: deployment.invoke("StartTracking", event), range(5)))
    record = deployment.await_state(video, JobState.SUCCEEDED)
    count = deployment.executions()[str(record.job_id)]
    assert count == 1, f"{count} executions"
    assert deployment.files_written(record) == ALL_FILES, deployment.files_written(record)
    return f"{count} job, {len(ALL_FILES)} files"


@stack_case(
    "a video is so long that it is tracked in two spans", "who walks across their border is one person"
)
def two_spans(deployment: Deployment) -> str:
    duration_s, around_border = 1380, [690 + step / 10 for step in range(-10, 10)]
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "long.mp4"
        times_s = [0, *around_border, duration_s]
        write_clip(clip, WALKERS, len(times_s), times_s)
        video = deployment.pipeline.upload(clip, "long.mp4")
    record = deployment.await_state(video, JobState.SUCCEEDED)
    stored = deployment.s3.list_objects_v2(
        Bucket=deployment.stack.outputs["ArtifactBucketName"], Prefix=f"jobs/{record.job_id}/windows/"
    )
    assert stored["KeyCount"] == 2, stored
    people = deployment.s3.get_object(
        Bucket=deployment.results_bucket, Key=f"{record.results_prefix}people.json"
    )
    paths = [[point[0] for point in person["path"]] for person in json.load(people["Body"])]
    longest = max(paths, key=len)
    assert longest[0] <= 689_200, longest
    assert longest[-1] >= 690_700, longest
    return f"{stored['KeyCount']} spans; one person from {longest[0]} to {longest[-1]} ms"


@stack_case("6 uploads at once to a service that takes one job at a time", "all SUCCEEDED, each started once")
def full_service(deployment: Deployment) -> str:
    begin_s = time.monotonic()
    with ThreadPoolExecutor(6) as threads:
        videos = list(threads.map(deployment.upload, (f"burst/{number}.mp4" for number in range(6))))
    waited = set()
    while open_videos := [video for video in videos if _is_open(deployment, video)]:
        waited |= {video.key for video in open_videos if _waits(deployment, video)}
        assert time.monotonic() - begin_s < PATIENCE_S, f"still open: {open_videos}"
        time.sleep(0.2)
    records = [deployment.await_state(video, JobState.SUCCEEDED) for video in videos]
    counts = deployment.executions()
    assert {counts[str(record.job_id)] for record in records} == {1}, counts
    assert waited, "the service never was full"
    return f"6 SUCCEEDED in {time.monotonic() - begin_s:.0f} s, {len(waited)} of them were seen waiting"


@stack_case("the subscription to the notices is gone", "asked after, and collected")
def no_notices(deployment: Deployment) -> str:
    sns, topic = deployment.stack.client("sns"), deployment.stack.outputs["CompletionTopicArn"]
    subscriptions = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    for subscription in subscriptions:
        sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
    try:
        video = deployment.upload("unheard.mp4")
        record = deployment.await_state(video, JobState.IN_PROGRESS)
        deployment.await_that("the job ended", lambda: deployment.execution_status(record) == "SUCCEEDED")
        state = _current(deployment, record).state
        assert state is JobState.IN_PROGRESS, f"{state} without a notice"
    finally:
        for subscription in subscriptions:
            sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=subscription["Endpoint"])
    deployment.reconcile_as_if_due(_current(deployment, record))
    deployment.await_state(video, JobState.SUCCEEDED)
    return "IN_PROGRESS when the job had ended, SUCCEEDED after the schedule"


@stack_case("a notice is published 5 times more", "the results are not written again")
def repeated_notice(deployment: Deployment) -> str:
    record = deployment.await_state(deployment.upload("told-often.mp4"), JobState.SUCCEEDED)
    notice = {
        "JobId": record.job_id,
        "Status": "SUCCEEDED",
        "API": "StartPersonTracking",
        "JobTag": record.video_id,
        "Timestamp": record.finished_ms,
        "Video": {"S3ObjectName": record.key, "S3Bucket": record.bucket},
    }
    for _ in range(5):
        deployment.stack.client("sns").publish(
            TopicArn=deployment.stack.outputs["CompletionTopicArn"], Message=json.dumps(notice)
        )
    following = deployment.await_state(deployment.upload("after.mp4"), JobState.SUCCEEDED)
    assert deployment.files_written(record) == ALL_FILES, deployment.files_written(record)
    return f"{len(deployment.files_written(record))} files, and the next job was {following.state}"


@stack_case("a poison event and a good upload", "the poison is kept in the queue; the upload is tracked")
def poison(deployment: Deployment) -> str:
    poison_event = {"Records": [{"eventVersion": "9.9"}]}
    deployment.invoke("StartTracking", poison_event, kind="Event")
    video = deployment.upload("healthy.mp4")
    deployment.await_state(video, JobState.SUCCEEDED)
    kept = deployment.failed_events(wait_s=20)
    assert kept == [poison_event], f"the queue holds {kept}"
    return "1 event kept, healthy.mp4 SUCCEEDED"


@stack_case("the job table refuses an upload at every try", "the event is kept; tracked after the redrive")
def table_refuses(deployment: Deployment) -> str:
    iam, role = deployment.stack.client("iam"), deployment.physical_id("StartTrackingRole")
    denied = {"Effect": "Deny", "Action": "dynamodb:PutItem", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [denied]}
    iam.put_role_policy(RoleName=role, PolicyName="refused", PolicyDocument=json.dumps(policy))
    try:
        video = deployment.upload("refused.mp4")
        deployment.await_that("the event was given up", lambda: deployment.failed_event_count() > 0)
        assert deployment.pipeline.record(video) is None, "it was recorded after all"
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="refused")
    redrive = subprocess.run(
        [sys.executable, "-m", "people_pathing.cli.main", "redrive", "--stack-name", STACK_NAME],
        env={**os.environ, **deployment.stack.environment()},
        check=True,
        capture_output=True,
        text=True,
    )
    record = deployment.await_state(video, JobState.SUCCEEDED)
    return f"not recorded; {redrive.stdout.strip()}; then {record.state}"


@stack_case("an upload waits while its object is deleted", "FAILED, and no job")
def deleted_while_waiting(deployment: Deployment) -> str:
    first, second = (deployment.upload(key) for key in ("first.mp4", "deleted.mp4"))
    deployment.s3.delete_object(Bucket=second.bucket, Key=second.key)
    deployment.await_state(first, JobState.SUCCEEDED)
    record = deployment.await_state(second, JobState.FAILED, JobState.SUCCEEDED)
    assert record.state is JobState.FAILED, "it was started before it could be deleted"
    return f"FAILED: {record.reason}"


@stack_case(
    "a video is erased, and then its upload event comes once more", "nothing is left; not tracked anew"
)
def late_event_after_erasure(deployment: Deployment) -> str:
    video = deployment.upload("erased.mp4")
    first = deployment.await_state(video, JobState.SUCCEEDED)
    event = deployment.event(video)
    pipeline, executions = deployment.pipeline, deployment.executions()
    erased = erase_video(pipeline, video.key, None, keep_video=True)
    assert deployment.files_written(first) == [], deployment.files_written(first)
    assert pipeline.record(video) is None, "its record is left"
    deployment.invoke("StartTracking", event)
    deployment.reconcile_as_if_due(deployment.await_state(video, JobState.IN_PROGRESS))
    record = deployment.await_state(video, JobState.FAILED)
    assert deployment.executions() == executions, "it was tracked anew"
    assert deployment.files_written(record) == [], deployment.files_written(record)
    return f"{erased.object_count} objects erased; the event came to nothing: {record.reason}"


@stack_case("a job's execution is stopped by hand", "FAILED, and says so")
def stopped_job(deployment: Deployment) -> str:
    video = deployment.upload("stopped.mp4")
    record = deployment.await_state(video, JobState.IN_PROGRESS)
    arn = deployment.stack.outputs["TrackPeopleArn"].replace(":stateMachine:", ":execution:")
    try:
        deployment.stack.client("stepfunctions").stop_execution(executionArn=f"{arn}:{record.job_id}")
    except ClientError as error:
        raise AssertionError(f"the job ended before it could be stopped: {error}") from error
    deployment.reconcile_as_if_due(_current(deployment, record))
    record = deployment.await_state(video, JobState.FAILED)
    return f"FAILED: {record.reason}"


@stack_case("all of the above", "nothing is left in a dead-letter queue, and no job is open")
def nothing_left(deployment: Deployment) -> str:
    table = deployment.pipeline.job_table
    counts = {state.value: len(list(table.in_state(state))) for state in JobState}
    assert not counts["WAITING"] + counts["IN_PROGRESS"], counts
    kept = deployment.failed_events(wait_s=1)
    assert kept == [], kept
    return ", ".join(f"{count} {state}" for state, count in counts.items())


def _current(deployment: Deployment, record: JobRecord) -> JobRecord:
    current = deployment.pipeline.job_table.get(record.video_id)
    assert current is not None, "the record is gone"
    return current


def _is_open(deployment: Deployment, video: Video) -> bool:
    record = deployment.pipeline.record(video)
    return record is None or record.is_open


def _waits(deployment: Deployment, video: Video) -> bool:
    record = deployment.pipeline.record(video)
    return record is not None and record.state is JobState.WAITING
