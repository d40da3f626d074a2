"""Uploads videos to the deployed template, with IAM enforced, and checks the stored results."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import hypot
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import av
import pytest
from botocore.exceptions import ClientError

import people_pathing
from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.common.clock import now_ms
from people_pathing.pipeline.video import Video
from people_pathing.results import file_names
from tests.stack.conftest import FRAME_COUNT, WALKERS
from tests.stack.jobs import read_observations, wait_for_job
from tests.stack.walkers import HEIGHT_PX, WIDTH_PX
from tests.stack_under_test import StackUnderTest

pytestmark = pytest.mark.stack

REPOSITORY = Path(__file__).parent.parent.parent
DATA_FOLDERS = (
    Path(os.environ.get("TRACKING_DATA", "data")),
    REPOSITORY / "data",
)


@dataclass(frozen=True)
class KnownPosition:
    """The centre of a known person at a known time."""

    person: str
    timestamp_ms: int
    x_px: float
    y_px: float


def test_people_who_cross_keep_their_identities_and_the_key_may_have_special_characters(
    deployed: StackUnderTest, pipeline: DeployedStack, own: str, clip: Path, tmp_path: Path
) -> None:
    key = f"{own}Straße 5/früh + spät [2] (neu) 100%.mp4"
    record = wait_for_job(pipeline, pipeline.upload(clip, key))
    assert (record.state, record.reason, record.key) == ("SUCCEEDED", None, key)
    assert record.results_prefix == f"{key}/{record.version}/"

    pipeline.fetch_results(record, tmp_path)
    indexes = indexes_at(
        read_observations(tmp_path),
        (
            KnownPosition(str(number), frame * 100, *walker.centre(frame))
            for number, walker in enumerate(WALKERS)
            for frame in (*range(15), *range(25, FRAME_COUNT))
        ),
        WIDTH_PX,
        HEIGHT_PX,
    )
    assert all(len(found) == 1 for found in indexes.values()), indexes
    assert indexes["0"] != indexes["1"]

    job = json.loads((tmp_path / "job.json").read_text())
    assert job["VideoMetadata"] == {
        "Codec": "h264",
        "DurationMillis": 4000,
        "Format": "QuickTime / MOV",
        "FrameRate": 10.0,
        "FrameHeight": HEIGHT_PX,
        "FrameWidth": WIDTH_PX,
    }
    made = job["provenance"]
    assert (made["version"], made["sample_fps"]) == (people_pathing.__version__, 10.0)
    assert (made["frames_decoded"], made["frames_expected"]) == (FRAME_COUNT, FRAME_COUNT)
    assert "unknown" not in made.values()
    people = {person["index"] for person in json.loads((tmp_path / "people.json").read_text())}
    assert people == {line["Person"]["Index"] for line in read_observations(tmp_path)}


def test_people_in_a_real_video_keep_their_identities(
    deployed: StackUnderTest, pipeline: DeployedStack, own: str, tmp_path: Path
) -> None:
    clip = tmp_path / "street.avi"
    cut(find_real_video(), clip, frame_count=45)
    record = wait_for_job(pipeline, pipeline.upload(clip, own + clip.name))
    assert record.state == "SUCCEEDED", record.reason
    pipeline.fetch_results(record, tmp_path)
    # The centres of five people, measured by eye in frames 0, 20 and 39.
    positions = (
        KnownPosition("comes from the left", 0, 267, 263),
        KnownPosition("comes from the left", 2000, 378, 234),
        KnownPosition("in black", 0, 662, 280),
        KnownPosition("in black", 2000, 459, 276),
        KnownPosition("red sleeves", 2000, 705, 322),
        KnownPosition("red sleeves", 3900, 592, 283),
        KnownPosition("fair hair", 2000, 742, 318),
        KnownPosition("fair hair", 3900, 621, 279),
        KnownPosition("in jeans", 0, 515, 195),
    )
    indexes = indexes_at(read_observations(tmp_path), positions, width_px=768, height_px=576)
    assert all(len(found) == 1 for found in indexes.values()), indexes
    assert len(set().union(*indexes.values())) == len(indexes) == 5


def test_an_event_that_is_delivered_four_times_starts_one_job_with_one_set_of_results(
    deployed: StackUnderTest, pipeline: DeployedStack, own: str, clip: Path
) -> None:
    video = pipeline.upload(clip, f"{own}again.mp4")
    event = object_created(deployed, video)
    invoke(deployed, "StartTracking", event)
    record = wait_for_job(pipeline, video)
    invoke(deployed, "StartTracking", event)
    invoke(deployed, "StartTracking", event)
    assert pipeline.record(video) == record
    assert pipeline.job_store is not None
    jobs = [stored.job for stored in pipeline.job_store.all_jobs() if stored.job.video.name == video.key]
    assert [job.job_id for job in jobs] == [record.job_id]
    # The report follows the results.
    s3, bucket = deployed.client("s3"), deployed.outputs["ResultsBucketName"]
    report = f"{record.results_prefix}report.html"
    s3.get_waiter("object_exists").wait(
        Bucket=bucket, Key=report, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
    )
    stored = s3.list_object_versions(Bucket=bucket, Prefix=record.results_prefix)["Versions"]
    names = sorted(version["Key"].removeprefix(record.results_prefix) for version in stored)
    assert names == sorted([*file_names(), "report.html"])


def test_the_job_of_a_file_that_is_not_a_video_fails_with_a_reason_that_names_the_file(
    deployed: StackUnderTest, pipeline: DeployedStack, own: str, tmp_path: Path
) -> None:
    fake = tmp_path / "holiday.mp4"
    fake.write_bytes(b"Dear diary, " * 1000)
    record = wait_for_job(pipeline, pipeline.upload(fake, f"{own}holiday.mp4"))
    assert record.state == "FAILED"
    assert "holiday.mp4" in (record.reason or "")
    stored = deployed.client("s3").list_objects_v2(
        Bucket=deployed.outputs["ResultsBucketName"], Prefix=record.results_prefix
    )
    assert stored["KeyCount"] == 0


@pytest.mark.local_only("takes a right away from a function")
def test_a_job_whose_function_lacks_a_permission_waits_and_succeeds_once_it_is_granted(
    deployed: StackUnderTest, pipeline: DeployedStack, own: str, clip: Path
) -> None:
    iam, role = deployed.client("iam"), deployed.physical_id("PlanJobRole")
    denied = {"Effect": "Deny", "Action": "s3:GetObjectVersion", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [denied]}
    iam.put_role_policy(RoleName=role, PolicyName="denied", PolicyDocument=json.dumps(policy))
    try:
        video = pipeline.upload(clip, f"{own}forbidden.mp4")
        wait_for_failed_attempt(deployed, pipeline, video, "forbidden.mp4 cannot be read: it is in a bucket")
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="denied")
    record = wait_for_job(pipeline, video)
    assert (record.state, record.reason) == ("SUCCEEDED", None)


def wait_for_failed_attempt(
    deployed: StackUnderTest, pipeline: DeployedStack, video: Video, reason: str
) -> None:
    """Waits until the history of a job's execution has a failed attempt of a step, with this reason."""
    states, deadline = deployed.client("stepfunctions"), time.monotonic() + 60
    name = deployed.outputs["TrackPeopleArn"].replace(":stateMachine:", ":execution:")
    while time.monotonic() < deadline:
        record = pipeline.record(video)
        if record is not None and record.job_id is not None:
            history = states.get_execution_history(executionArn=f"{name}:{record.job_id}")["events"]
            if any(reason in json.dumps(event, default=str) for event in history):
                return
        time.sleep(0.5)
    raise AssertionError(f"no step of the job for {video.key} failed with: {reason}")


@pytest.mark.local_only("empties the queue of failed events")
def test_an_event_that_a_function_cannot_handle_is_kept_in_the_queue_of_failed_events(
    deployed: StackUnderTest,
) -> None:
    broken = {
        "Records": [
            {"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": {"unexpected": "broken"}}
        ]
    }
    deployed.client("lambda").invoke(
        FunctionName=deployed.physical_id("StartTracking"),
        InvocationType="Event",
        Payload=json.dumps(broken),
    )
    failed = (json.loads(body) for body in receive(deployed, deployed.outputs["FailedEventsUrl"]))
    assert any(event["requestPayload"] == broken for event in failed)


def test_functions_log_into_the_log_groups_of_the_stack(deployed: StackUnderTest, own: str) -> None:
    began_ms = now_ms() - 60_000
    event = json.loads((REPOSITORY / "events" / "s3-put.json").read_text())
    event["Records"][0]["s3"]["object"]["key"] = f"{own}notes.txt"
    invoke(deployed, "StartTracking", event)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        deployed.service().get_person_tracking(JobId="0" * 64)
    for group, function in (("pipeline", "StartTracking"), ("service", "TrackingApi")):
        lines = logged_lines(deployed, group, began_ms)
        assert any(line.startswith("REPORT RequestId") for line in lines)
        assert any(deployed.physical_id(function) in line for line in lines)


def logged_lines(deployed: StackUnderTest, group: str, began_ms: int, timeout_s: float = 60) -> list[str]:
    """Returns what was logged since a time, once there is a report. CloudWatch shows logs with a delay."""
    deadline, logs = time.monotonic() + timeout_s, deployed.client("logs")
    while True:
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=f"/{deployed.name}/{group}", startTime=began_ms
        )
        lines = [event["message"] for page in pages for event in page["events"]]
        if any(line.startswith("REPORT") for line in lines) or time.monotonic() > deadline:
            return lines
        time.sleep(2)


def receive(deployed: StackUnderTest, queue_url: str, timeout_s: float = 60) -> Iterator[str]:
    """Yields the bodies of a queue's messages as they arrive, and deletes each from the queue."""
    sqs = deployed.client("sqs")
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        for message in sqs.receive_message(QueueUrl=queue_url, WaitTimeSeconds=5).get("Messages", []):
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
            yield message["Body"]


def indexes_at(
    lines: list[dict[str, Any]], positions: Iterable[KnownPosition], width_px: int, height_px: int
) -> dict[str, set[int]]:
    """Returns the indexes that the results give to each known person.

    Each position must have an observation within 25 pixels at the same time.
    """
    indexes: dict[str, set[int]] = {}
    for position in positions:
        distances_px = {}
        for line in lines:
            if line["Timestamp"] == position.timestamp_ms:
                box = line["Person"]["BoundingBox"]
                x_px = (box["Left"] + box["Width"] / 2) * width_px
                y_px = (box["Top"] + box["Height"] / 2) * height_px
                distances_px[line["Person"]["Index"]] = hypot(x_px - position.x_px, y_px - position.y_px)
        assert distances_px, f"no observation at {position.timestamp_ms} ms"
        nearest = min(distances_px, key=distances_px.__getitem__)
        assert distances_px[nearest] < 25, f"no observation near {position}: {distances_px}"
        indexes.setdefault(position.person, set()).add(nearest)
    return indexes


def find_real_video() -> Path:
    for folder in DATA_FOLDERS:
        if (path := folder / "vtest.avi").exists():
            return path
    pytest.skip("no data folder has OpenCV's vtest.avi: `make demo` fetches it")


def cut(source: Path, target: Path, frame_count: int) -> None:
    """Copies the first frames of a video without encoding them again."""
    with av.open(source) as whole, av.open(target, "w") as part:
        stream = part.add_stream_from_template(whole.streams.video[0])
        for number, packet in enumerate(whole.demux(whole.streams.video[0])):
            if number == frame_count:
                break
            packet.stream = stream
            part.mux(packet)


def object_created(deployed: StackUnderTest, video: Video) -> dict[str, Any]:
    """Builds the event that S3 sent for an upload."""
    head = deployed.client("s3").head_object(Bucket=video.bucket, Key=video.key)
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "eventName": "ObjectCreated:Put",
                "eventTime": head["LastModified"].strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                "s3": {
                    "bucket": {"name": video.bucket},
                    "object": {
                        "key": quote_plus(video.key),
                        "size": head["ContentLength"],
                        "eTag": head["ETag"].strip('"'),
                        "versionId": video.version,
                        "sequencer": "0055AED6DCD90281E5",
                    },
                },
            }
        ]
    }


def invoke(deployed: StackUnderTest, function: str, event: dict[str, Any]) -> None:
    reply = deployed.client("lambda").invoke(
        FunctionName=deployed.physical_id(function), Payload=json.dumps(event)
    )
    assert "FunctionError" not in reply, reply["Payload"].read()
