"""The deployed template at work: what goes in at one end comes out at the other, under enforced IAM."""

import gzip
import json
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import hypot
from pathlib import Path
from typing import Any

import av
import pytest
from botocore.exceptions import ClientError

from devstack.stack import LocalStack, rekognition_client
from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.pipeline.job_record import JobRecord
from people_pathing.pipeline.video import Video
from tests.stack.conftest import FRAME_COUNT, WALKERS
from tests.stack.walkers import HEIGHT_PX, WIDTH_PX

pytestmark = pytest.mark.stack

REPOSITORY = Path(__file__).parent.parent.parent
DATA_FOLDERS = (
    Path(os.environ.get("TRACKING_DATA", "data")),
    REPOSITORY / "data",
    REPOSITORY.parent / "shared" / "data",
)


@dataclass(frozen=True)
class Sighting:
    """Where a known person is at a known time; `index` is what the results call the person there."""

    person: str
    timestamp_ms: int
    x_px: float
    y_px: float


def test_people_who_cross_keep_their_identities_under_a_key_of_all_sorts_of_characters(
    stack: LocalStack, pipeline: DeployedStack, clip: Path, tmp_path: Path
) -> None:
    key = "Straße 5/früh + spät [2] (neu) 100%.mp4"
    record = await_end(pipeline, pipeline.upload(clip, key))
    assert (record.state, record.reason, record.key) == ("SUCCEEDED", None, key)
    assert record.results_prefix == f"{key}/{record.version}/"

    pipeline.fetch_results(record, tmp_path)
    indexes = indexes_at(
        observations(tmp_path),
        (
            Sighting(str(number), frame * 100, *walker.centre(frame))
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
    people = {person["index"] for person in json.loads((tmp_path / "people.json").read_text())}
    assert people == {line["Person"]["Index"] for line in observations(tmp_path)}


def test_people_on_a_real_street_keep_their_identities(
    stack: LocalStack, pipeline: DeployedStack, tmp_path: Path
) -> None:
    clip = tmp_path / "street.avi"
    cut(real_video(), clip, frame_count=45)
    record = await_end(pipeline, pipeline.upload(clip, clip.name))
    assert record.state == "SUCCEEDED", record.reason
    pipeline.fetch_results(record, tmp_path)
    # Middles of five people, read off the frames 0, 20 and 39 by eye.
    sightings = (
        Sighting("comes from the left", 0, 267, 263),
        Sighting("comes from the left", 2000, 378, 234),
        Sighting("in black", 0, 662, 280),
        Sighting("in black", 2000, 459, 276),
        Sighting("red sleeves", 2000, 705, 322),
        Sighting("red sleeves", 3900, 592, 283),
        Sighting("fair hair", 2000, 742, 318),
        Sighting("fair hair", 3900, 621, 279),
        Sighting("in jeans", 0, 515, 195),
    )
    indexes = indexes_at(observations(tmp_path), sightings, width_px=768, height_px=576)
    assert all(len(found) == 1 for found in indexes.values()), indexes
    assert len(set().union(*indexes.values())) == len(indexes) == 5


def test_an_event_delivered_three_times_more_is_one_job_with_one_set_of_results(
    stack: LocalStack, pipeline: DeployedStack, clip: Path
) -> None:
    video = pipeline.upload(clip, "again.mp4")
    event = object_created(stack, video)
    invoke(stack, "StartTracking", event)
    record = await_end(pipeline, video)
    invoke(stack, "StartTracking", event)
    invoke(stack, "StartTracking", event)
    assert pipeline.record(video) == record
    assert [started for started in jobs_started(stack) if started == record.job_id] == [record.job_id]
    stored = stack.client("s3").list_object_versions(
        Bucket=stack.outputs["ResultsBucketName"], Prefix=record.results_prefix
    )["Versions"]
    names = sorted(version["Key"].removeprefix(record.results_prefix) for version in stored)
    assert names == ["job.json", "people.json", "observations.jsonl.gz"]


def test_a_file_that_is_no_video_fails_with_a_message_that_names_it(
    stack: LocalStack, pipeline: DeployedStack, tmp_path: Path
) -> None:
    fake = tmp_path / "holiday.mp4"
    fake.write_bytes(b"Dear diary, " * 1000)
    record = await_end(pipeline, pipeline.upload(fake, "holiday.mp4"))
    assert record.state == "FAILED"
    assert "holiday.mp4" in (record.reason or "")
    stored = stack.client("s3").list_objects_v2(
        Bucket=stack.outputs["ResultsBucketName"], Prefix=record.results_prefix
    )
    assert stored["KeyCount"] == 0


def test_a_function_that_loses_a_right_fails_so_the_policies_are_what_lets_the_others_work(
    stack: LocalStack, pipeline: DeployedStack, clip: Path
) -> None:
    iam, role = stack.client("iam"), physical_id(stack, "PlanJobRole")
    denied = {"Effect": "Deny", "Action": "s3:GetObjectVersion", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [denied]}
    iam.put_role_policy(RoleName=role, PolicyName="lost", PolicyDocument=json.dumps(policy))
    try:
        record = await_end(pipeline, pipeline.upload(clip, "forbidden.mp4"))
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="lost")
    assert record.state == "FAILED"
    assert "forbidden.mp4 may not be read by this service" in (record.reason or "")


def test_an_event_that_a_function_gives_up_on_is_kept_in_the_queue(stack: LocalStack) -> None:
    broken = {
        "Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": {"mark": "broken"}}]
    }
    stack.client("lambda").invoke(
        FunctionName=physical_id(stack, "StartTracking"),
        InvocationType="Event",
        Payload=json.dumps(broken),
    )
    given_up = (json.loads(body) for body in received(stack, stack.outputs["FailedEventsUrl"]))
    assert any(event["requestPayload"] == broken for event in given_up)


def test_functions_write_into_the_stacks_own_log_groups(stack: LocalStack) -> None:
    event = json.loads((REPOSITORY / "events" / "s3-put.json").read_text())
    event["Records"][0]["s3"]["object"]["key"] = "no-video.txt"
    invoke(stack, "StartTracking", event)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        rekognition_client(stack).get_person_tracking(JobId="0" * 64)
    for group, function in (("app", "StartTracking"), ("service", "TrackingApi")):
        events = stack.client("logs").filter_log_events(logGroupName=f"/people-pathing/{group}")["events"]
        lines = [event["message"] for event in events]
        assert any(line.startswith("REPORT RequestId") for line in lines)
        assert any(physical_id(stack, function) in line for line in lines)


# ---- what the tests need


def received(stack: LocalStack, queue_url: str, patience_s: float = 60) -> Iterator[str]:
    """The bodies of a queue's messages as they come in, each taken out of the queue."""
    sqs = stack.client("sqs")
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        for message in sqs.receive_message(QueueUrl=queue_url, WaitTimeSeconds=5).get("Messages", []):
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
            yield message["Body"]


def await_end(pipeline: DeployedStack, video: Video, patience_s: float = 120) -> JobRecord:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        record = pipeline.record(video)
        if record is not None and not record.is_open:
            return record
        time.sleep(0.2)
    raise AssertionError(f"the job of {video.key} came to no end: {pipeline.record(video)}")


def observations(folder: Path) -> list[dict[str, Any]]:
    with gzip.open(folder / "observations.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def indexes_at(
    lines: list[dict[str, Any]], sightings: Iterable[Sighting], width_px: int, height_px: int
) -> dict[str, set[int]]:
    """Who is seen where the known people are, by person. Somebody has to be within 25 pixels."""
    indexes: dict[str, set[int]] = {}
    for sighting in sightings:
        distances = {}
        for line in lines:
            if line["Timestamp"] == sighting.timestamp_ms:
                box = line["Person"]["BoundingBox"]
                x_px = (box["Left"] + box["Width"] / 2) * width_px
                y_px = (box["Top"] + box["Height"] / 2) * height_px
                distances[line["Person"]["Index"]] = hypot(x_px - sighting.x_px, y_px - sighting.y_px)
        assert distances, f"nobody at all at {sighting.timestamp_ms} ms"
        nearest = min(distances, key=distances.__getitem__)
        assert distances[nearest] < 25, f"nobody at {sighting}: {distances}"
        indexes.setdefault(sighting.person, set()).add(nearest)
    return indexes


def real_video() -> Path:
    for folder in DATA_FOLDERS:
        if (path := folder / "vtest.avi").exists():
            return path
    pytest.skip("OpenCV's vtest.avi is at hand in none of the data folders; `make demo` fetches it")


def cut(source: Path, target: Path, frame_count: int) -> None:
    """The first frames of a video, as they are."""
    with av.open(source) as whole, av.open(target, "w") as part:
        stream = part.add_stream_from_template(whole.streams.video[0])
        for number, packet in enumerate(whole.demux(whole.streams.video[0])):
            if number == frame_count:
                break
            packet.stream = stream
            part.mux(packet)


def object_created(stack: LocalStack, video: Video) -> dict[str, Any]:
    """The event that S3 sent for an upload, once more."""
    from urllib.parse import quote_plus

    head = stack.client("s3").head_object(Bucket=video.bucket, Key=video.key)
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


def invoke(stack: LocalStack, function: str, event: dict[str, Any]) -> None:
    reply = stack.client("lambda").invoke(
        FunctionName=physical_id(stack, function), Payload=json.dumps(event)
    )
    assert "FunctionError" not in reply, reply["Payload"].read()


def physical_id(stack: LocalStack, logical_id: str) -> str:
    detail = stack.client("cloudformation").describe_stack_resource(
        StackName="people-pathing", LogicalResourceId=logical_id
    )["StackResourceDetail"]
    return str(detail["PhysicalResourceId"])


def jobs_started(stack: LocalStack) -> list[str]:
    pages = stack.client("stepfunctions").get_paginator("list_executions")
    return [
        execution["name"]
        for page in pages.paginate(stateMachineArn=stack.outputs["TrackPeopleArn"])
        for execution in page["executions"]
    ]
