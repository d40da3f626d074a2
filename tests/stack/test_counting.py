"""Uploads zones and a video to the deployed template, with IAM enforced, and checks what is counted."""

import json
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from devstack.stack import LocalStack
from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.common.clock import utc_time
from people_pathing.pipeline.counting.stored_names import STORED_NAMES
from people_pathing.pipeline.counting.table_files import table_keys
from people_pathing.pipeline.job_record import JobRecord
from people_pathing.results import file_names
from tests.stack.conftest import FRAME_COUNT
from tests.stack.jobs import make_ended_jobs_old, wait_for_job
from tests.unit.cli.programs import people_pathing

pytestmark = pytest.mark.stack

LINES = [{"name": "middle", "start": [0.5, 1], "end": [0.5, 0]}]


def test_people_who_cross_a_line_are_counted_beside_the_results_and_in_tables(
    stack: LocalStack, pipeline: DeployedStack, clip: Path, tmp_path: Path
) -> None:
    put_zones(stack, "zones/counted/.json", {"version": 1, "lines": LINES})
    record = wait_for_job(pipeline, pipeline.upload(clip, "counted/walkers.mp4"))
    assert (record.state, record.reason) == ("SUCCEEDED", None)

    report = json.loads(wait_for_object(stack, record, "analysis.json"))
    assert (report["status"], report["zones"]["key"]) == ("SUCCEEDED", "zones/counted/.json")
    counts = json.loads(wait_for_object(stack, record, "counts.json"))
    assert counts["video"] == f"s3://{record.bucket}/{record.key}"
    assert counts["lines"] == [{"name": "middle", "people": 2, "in": 1, "out": 1}]
    assert b"middle" in wait_for_object(stack, record, "report.html")
    assert stored_names(stack, record) == {*file_names(), *STORED_NAMES} - {"floor_paths.csv"}
    assert query_tables(
        stack,
        record,
        tmp_path,
        """
        SELECT tracker_id, people.observations, count(DISTINCT o.timestamp_ms), any_value(e.section)
        FROM 'tables/people/*/*.parquet' people
        JOIN 'tables/observations/*/*.parquet' o USING (video_id, tracker_id, dt)
        JOIN 'tables/events/*/*.parquet' e USING (video_id, tracker_id, dt)
        GROUP BY ALL ORDER BY ALL
        """,
    ) == [(0, FRAME_COUNT, FRAME_COUNT, "middle"), (1, FRAME_COUNT, FRAME_COUNT, "middle")]
    assert failed_events(stack) == 0

    listed = people_pathing("recount", record.key, "--dry-run", environment=stack.environment())
    assert "zones/counted/.json" in listed.stdout
    people_pathing("recount", record.key, environment=stack.environment())
    wait_for_second_report(stack, record)

    make_ended_jobs_old(stack, pipeline)
    erase(stack, pipeline, record)
    assert stored_names(stack, record) == stored_tables(stack, record) == set()


def test_a_changed_zones_file_counts_stored_results_again(
    stack: LocalStack, pipeline: DeployedStack, clip: Path
) -> None:
    record = wait_for_job(pipeline, pipeline.upload(clip, "recounted/walkers.mp4"))
    assert record.state == "SUCCEEDED"
    assert "counts.json" not in stored_names(stack, record)
    wait_for_tables(stack, record, {"people", "observations"})
    put_zones(stack, "zones/recounted/.json", {"version": 1, "lines": LINES})

    counts = json.loads(wait_for_object(stack, record, "counts.json"))
    wait_for_tables(stack, record, {"people", "observations", "events"})
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
    assert stored_names(stack, record) == {*file_names(), "report.html", "analysis.json"}


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


def wait_for_second_report(stack: LocalStack, record: JobRecord, timeout_s: float = 60) -> None:
    """Waits until the people of a video have been counted twice."""
    deadline, prefix = time.monotonic() + timeout_s, record.results_prefix + "analysis.json"
    request = {"Bucket": stack.outputs["ResultsBucketName"], "Prefix": prefix}
    while len(stack.client("s3").list_object_versions(**request).get("Versions", [])) < 2:
        assert time.monotonic() < deadline, f"the people were not counted again in {timeout_s} s"
        time.sleep(0.2)


def wait_for_tables(stack: LocalStack, record: JobRecord, names: set[str], timeout_s: float = 60) -> None:
    """Waits until a video has exactly these tables."""
    deadline = time.monotonic() + timeout_s
    while {key.split("/")[1] for key in stored_tables(stack, record)} != names:
        assert time.monotonic() < deadline, f"{names} were not stored in {timeout_s} s"
        time.sleep(0.2)


def stored_tables(stack: LocalStack, record: JobRecord) -> set[str]:
    """Returns the keys of the tables of a video, old versions included."""
    found = stack.client("s3").list_object_versions(
        Bucket=stack.outputs["ResultsBucketName"], Prefix="tables/"
    )
    keys = {version["Key"] for version in found.get("Versions", []) if record.video_id in version["Key"]}
    assert keys <= set(table_keys(record.video_id, utc_time(record.uploaded_ms).date()))
    return keys


def query_tables(stack: LocalStack, record: JobRecord, folder: Path, sql: str) -> list[tuple[Any, ...]]:
    """Downloads the tables of a video, and runs a query on them."""
    for key in stored_tables(stack, record):
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        stack.client("s3").download_file(stack.outputs["ResultsBucketName"], key, str(folder / key))
    with duckdb.connect() as connection:
        return connection.execute(sql.replace("tables/", f"{folder}/tables/")).fetchall()


def failed_events(stack: LocalStack) -> int:
    attributes = stack.client("sqs").get_queue_attributes(
        QueueUrl=stack.outputs["FailedEventsUrl"], AttributeNames=["ApproximateNumberOfMessages"]
    )["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"])


def erase(stack: LocalStack, pipeline: DeployedStack, record: JobRecord) -> None:
    from people_pathing.cli.erasing.videos import Selection, VideoErasure

    chosen = Selection(record.bucket, record.key)
    erasure = VideoErasure(pipeline, chosen, keep_video=False, wait_until=lambda _ms: time.sleep(0.2))
    erasure.run(erasure.find())
