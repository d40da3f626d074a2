"""Uploads zones and a video to the deployed template, with IAM enforced, and checks what is counted."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from devstack.stack import LocalStack
from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.pipeline.counting.stored_names import STORED_NAMES
from people_pathing.pipeline.job_record import JobRecord
from people_pathing.results import file_names
from tests.stack.jobs import make_ended_jobs_old, wait_for_job

pytestmark = pytest.mark.stack

LINES = [{"name": "middle", "start": [0.5, 1], "end": [0.5, 0]}]


def test_people_who_cross_a_line_are_counted_beside_the_results(
    stack: LocalStack, pipeline: DeployedStack, clip: Path
) -> None:
    put_zones(stack, "zones/counted/.json", {"version": 1, "lines": LINES})
    record = wait_for_job(pipeline, pipeline.upload(clip, "counted/walkers.mp4"))
    assert (record.state, record.reason) == ("SUCCEEDED", None)

    report = json.loads(wait_for_object(stack, record, "analysis.json"))
    assert (report["status"], report["zones"]["key"]) == ("SUCCEEDED", "zones/counted/.json")
    counts = json.loads(wait_for_object(stack, record, "counts.json"))
    assert counts["video"] == f"s3://{record.bucket}/{record.key}"
    assert counts["lines"] == [{"name": "middle", "people": 2, "in": 1, "out": 1}]
    assert stored_names(stack, record) == {*file_names(), *STORED_NAMES} - {"floor_paths.csv"}
    assert failed_events(stack) == 0

    make_ended_jobs_old(stack, pipeline)
    erase(stack, pipeline, record)
    assert stored_names(stack, record) == set()


def test_a_changed_zones_file_counts_stored_results_again(
    stack: LocalStack, pipeline: DeployedStack, clip: Path
) -> None:
    record = wait_for_job(pipeline, pipeline.upload(clip, "recounted/walkers.mp4"))
    assert record.state == "SUCCEEDED"
    assert "counts.json" not in stored_names(stack, record)
    put_zones(stack, "zones/recounted/.json", {"version": 1, "lines": LINES})

    counts = json.loads(wait_for_object(stack, record, "counts.json"))
    assert counts["lines"] == [{"name": "middle", "people": 2, "in": 1, "out": 1}]


def test_a_wrong_zones_file_is_named_beside_the_results(
    stack: LocalStack, pipeline: DeployedStack, clip: Path
) -> None:
    wrong = [{**LINES[0], "end": LINES[0]["start"]}]
    put_zones(stack, "zones/wrong/.json", {"version": 1, "lines": wrong})
    record = wait_for_job(pipeline, pipeline.upload(clip, "wrong/walkers.mp4"))
    assert record.state == "SUCCEEDED"

    report = json.loads(wait_for_object(stack, record, "analysis.json"))
    assert report["status"] == "FAILED"
    assert "start and end are the same point" in report["reason"]
    assert stored_names(stack, record) == {*file_names(), "analysis.json"}


def test_masked_areas_are_never_analysed(stack: LocalStack, pipeline: DeployedStack, clip: Path) -> None:
    everything = {"name": "everything", "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]}
    put_zones(stack, "zones/masked/.json", {"version": 1, "masks": [everything]})
    record = wait_for_job(pipeline, pipeline.upload(clip, "masked/walkers.mp4"))
    assert (record.state, record.reason) == ("SUCCEEDED", None)

    job = json.loads(wait_for_object(stack, record, "job.json"))
    assert (job["counts"]["people"], job["provenance"]["masked_areas"]) == (0, 1)


def test_a_video_whose_masks_cannot_be_read_fails_with_the_reason(
    stack: LocalStack, pipeline: DeployedStack, clip: Path
) -> None:
    put_zones(stack, "zones/unknown/.json", {"version": 1, "mask": []})
    record = wait_for_job(pipeline, pipeline.upload(clip, "unknown/walkers.mp4"))
    assert record.state == "FAILED"
    assert 'did you mean "masks"' in (record.reason or "")


def put_zones(stack: LocalStack, key: str, zones: dict[str, Any]) -> None:
    stack.client("s3").put_object(Bucket=stack.outputs["VideoBucketName"], Key=key, Body=json.dumps(zones))


def wait_for_object(stack: LocalStack, record: JobRecord, name: str, timeout_s: float = 120) -> bytes:
    """Waits until a file is stored beside the results of a job, and returns its content."""
    s3, deadline = stack.client("s3"), time.monotonic() + timeout_s
    while name not in stored_names(stack, record):
        assert time.monotonic() < deadline, f"{name} was not stored in {timeout_s} s"
        time.sleep(0.2)
    reply = s3.get_object(Bucket=stack.outputs["ResultsBucketName"], Key=record.results_prefix + name)
    body: bytes = reply["Body"].read()
    return body


def stored_names(stack: LocalStack, record: JobRecord) -> set[str]:
    """Returns the names of all files beside the results of a job, old versions included."""
    found = stack.client("s3").list_object_versions(
        Bucket=stack.outputs["ResultsBucketName"], Prefix=record.results_prefix
    )
    return {version["Key"].removeprefix(record.results_prefix) for version in found.get("Versions", [])}


def failed_events(stack: LocalStack) -> int:
    attributes = stack.client("sqs").get_queue_attributes(
        QueueUrl=stack.outputs["FailedEventsUrl"], AttributeNames=["ApproximateNumberOfMessages"]
    )["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"])


def erase(stack: LocalStack, pipeline: DeployedStack, record: JobRecord) -> None:
    from people_pathing.cli.erasure import Selection, VideoErasure

    chosen = Selection(record.bucket, record.key)
    erasure = VideoErasure(pipeline, chosen, keep_video=False, wait_until=lambda _ms: time.sleep(0.2))
    erasure.run(erasure.find())
