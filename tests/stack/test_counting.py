"""Uploads zones and a video to the deployed template, with IAM enforced, and checks what is counted."""

import json
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.common.clock import utc_time
from people_pathing.pipeline.counting.stored_names import STORED_NAMES
from people_pathing.pipeline.counting.table_files import table_keys
from people_pathing.pipeline.job_record import JobRecord
from people_pathing.results import file_names
from tests.stack.conftest import FRAME_COUNT
from tests.stack.jobs import make_job_old, wait_for_job
from tests.stack_under_test import LOCAL_ACCOUNT, StackUnderTest
from tests.unit.cli.programs import people_pathing

pytestmark = pytest.mark.stack

LINES = [{"name": "middle", "start": [0.5, 1], "end": [0.5, 0]}]


def test_people_who_cross_a_line_are_counted_beside_the_results_and_in_tables(
    deployed: StackUnderTest, pipeline: DeployedStack, own: str, clip: Path, tmp_path: Path
) -> None:
    put_zones(deployed, f"zones/{own}counted/.json", {"version": 1, "lines": LINES})
    record = wait_for_job(pipeline, pipeline.upload(clip, f"{own}counted/walkers.mp4"))
    assert (record.state, record.reason) == ("SUCCEEDED", None)

    report = json.loads(wait_for_object(deployed, record, "analysis.json"))
    assert (report["status"], report["zones"]["key"]) == ("SUCCEEDED", f"zones/{own}counted/.json")
    counts = json.loads(wait_for_object(deployed, record, "counts.json"))
    assert counts["video"] == f"s3://{record.bucket}/{record.key}"
    assert counts["lines"] == [{"name": "middle", "people": 2, "in": 1, "out": 1}]
    assert b"middle" in wait_for_object(deployed, record, "report.html")
    assert stored_names(deployed, record) == {*file_names(), *STORED_NAMES} - {"floor_paths.csv"}
    assert query_tables(
        deployed,
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
    assert_no_event_failed(deployed)

    named = (record.key, "--stack-name", deployed.name)
    listed = people_pathing("recount", *named, "--dry-run", environment=deployed.environment())
    assert f"zones/{own}counted/.json" in listed.stdout
    people_pathing("recount", *named, environment=deployed.environment())
    wait_for_second_report(deployed, record)

    make_job_old(deployed, pipeline, record)
    erase(deployed, pipeline, record)
    assert stored_names(deployed, record) == stored_tables(deployed, record) == set()


@pytest.mark.local_only("needs a stack with RecountOnZonesChange")
def test_a_changed_zones_file_counts_stored_results_again(
    deployed: StackUnderTest, pipeline: DeployedStack, own: str, clip: Path
) -> None:
    record = wait_for_job(pipeline, pipeline.upload(clip, f"{own}recounted/walkers.mp4"))
    assert record.state == "SUCCEEDED"
    assert "counts.json" not in stored_names(deployed, record)
    wait_for_tables(deployed, record, {"people", "observations"})
    put_zones(deployed, f"zones/{own}recounted/.json", {"version": 1, "lines": LINES})

    counts = json.loads(wait_for_object(deployed, record, "counts.json"))
    wait_for_tables(deployed, record, {"people", "observations", "events"})
    assert counts["lines"] == [{"name": "middle", "people": 2, "in": 1, "out": 1}]


def test_a_wrong_zones_file_is_named_beside_the_results(
    deployed: StackUnderTest, pipeline: DeployedStack, own: str, clip: Path
) -> None:
    wrong = [{**LINES[0], "end": LINES[0]["start"]}]
    put_zones(deployed, f"zones/{own}wrong/.json", {"version": 1, "lines": wrong})
    record = wait_for_job(pipeline, pipeline.upload(clip, f"{own}wrong/walkers.mp4"))
    assert record.state == "SUCCEEDED"

    report = json.loads(wait_for_object(deployed, record, "analysis.json"))
    assert report["status"] == "FAILED"
    assert "start and end are the same point" in report["reason"]
    assert stored_names(deployed, record) == {*file_names(), "report.html", "analysis.json"}


def test_masked_areas_are_never_analysed(
    deployed: StackUnderTest, pipeline: DeployedStack, own: str, clip: Path
) -> None:
    everything = {"name": "everything", "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]}
    put_zones(deployed, f"zones/{own}masked/.json", {"version": 1, "masks": [everything]})
    record = wait_for_job(pipeline, pipeline.upload(clip, f"{own}masked/walkers.mp4"))
    assert (record.state, record.reason) == ("SUCCEEDED", None)

    job = json.loads(wait_for_object(deployed, record, "job.json"))
    assert (job["counts"]["people"], job["provenance"]["masked_areas"]) == (0, 1)


def test_a_video_whose_masks_cannot_be_read_fails_with_the_reason(
    deployed: StackUnderTest, pipeline: DeployedStack, own: str, clip: Path
) -> None:
    put_zones(deployed, f"zones/{own}unknown/.json", {"version": 1, "mask": []})
    record = wait_for_job(pipeline, pipeline.upload(clip, f"{own}unknown/walkers.mp4"))
    assert record.state == "FAILED"
    assert 'did you mean "masks"' in (record.reason or "")


def put_zones(deployed: StackUnderTest, key: str, zones: dict[str, Any]) -> None:
    deployed.client("s3").put_object(
        Bucket=deployed.outputs["VideoBucketName"], Key=key, Body=json.dumps(zones)
    )


def wait_for_object(deployed: StackUnderTest, record: JobRecord, name: str, timeout_s: float = 120) -> bytes:
    """Waits until a file is stored beside the results of a job, and returns its content."""
    s3, deadline = deployed.client("s3"), time.monotonic() + timeout_s
    while name not in stored_names(deployed, record):
        assert time.monotonic() < deadline, f"{name} was not stored in {timeout_s} s"
        time.sleep(0.2)
    reply = s3.get_object(Bucket=deployed.outputs["ResultsBucketName"], Key=record.results_prefix + name)
    body: bytes = reply["Body"].read()
    return body


def stored_names(deployed: StackUnderTest, record: JobRecord) -> set[str]:
    """Returns the names of all files beside the results of a job, old versions included."""
    found = deployed.client("s3").list_object_versions(
        Bucket=deployed.outputs["ResultsBucketName"], Prefix=record.results_prefix
    )
    return {version["Key"].removeprefix(record.results_prefix) for version in found.get("Versions", [])}


def wait_for_second_report(deployed: StackUnderTest, record: JobRecord, timeout_s: float = 60) -> None:
    """Waits until the people of a video have been counted twice."""
    deadline, prefix = time.monotonic() + timeout_s, record.results_prefix + "analysis.json"
    request = {"Bucket": deployed.outputs["ResultsBucketName"], "Prefix": prefix}
    while len(deployed.client("s3").list_object_versions(**request).get("Versions", [])) < 2:
        assert time.monotonic() < deadline, f"the people were not counted again in {timeout_s} s"
        time.sleep(0.2)


def wait_for_tables(
    deployed: StackUnderTest, record: JobRecord, names: set[str], timeout_s: float = 60
) -> None:
    """Waits until a video has exactly these tables."""
    deadline = time.monotonic() + timeout_s
    while {key.split("/")[1] for key in stored_tables(deployed, record)} != names:
        assert time.monotonic() < deadline, f"{names} were not stored in {timeout_s} s"
        time.sleep(0.2)


def stored_tables(deployed: StackUnderTest, record: JobRecord) -> set[str]:
    """Returns the keys of the tables of a video, old versions included."""
    found = deployed.client("s3").list_object_versions(
        Bucket=deployed.outputs["ResultsBucketName"], Prefix="tables/"
    )
    keys = {version["Key"] for version in found.get("Versions", []) if record.video_id in version["Key"]}
    assert keys <= set(table_keys(record.video_id, utc_time(record.uploaded_ms).date()))
    return keys


def query_tables(
    deployed: StackUnderTest, record: JobRecord, folder: Path, sql: str
) -> list[tuple[Any, ...]]:
    """Downloads the tables of a video, and runs a query on them."""
    for key in stored_tables(deployed, record):
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        deployed.client("s3").download_file(deployed.outputs["ResultsBucketName"], key, str(folder / key))
    with duckdb.connect() as connection:
        return connection.execute(sql.replace("tables/", f"{folder}/tables/")).fetchall()


def assert_no_event_failed(deployed: StackUnderTest) -> None:
    """Checks the queue of failed events. In an account, it may have those of other uploads."""
    if deployed.account == LOCAL_ACCOUNT:
        attributes = deployed.client("sqs").get_queue_attributes(
            QueueUrl=deployed.outputs["FailedEventsUrl"], AttributeNames=["ApproximateNumberOfMessages"]
        )["Attributes"]
        assert attributes["ApproximateNumberOfMessages"] == "0"


def erase(deployed: StackUnderTest, pipeline: DeployedStack, record: JobRecord) -> None:
    from people_pathing.cli.erasing.videos import Selection, VideoErasure

    chosen = Selection(record.bucket, record.key)
    erasure = VideoErasure(pipeline, chosen, keep_video=False, wait_until=lambda _ms: time.sleep(0.2))
    erasure.run(erasure.find())
