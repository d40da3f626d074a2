"""Erases one person from the results that the deployed template stores, as a user does."""

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyarrow import parquet

from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.common.clock import utc_time
from people_pathing.pipeline.counting.table_files import table_keys
from people_pathing.pipeline.job_record import JobRecord
from tests.stack.jobs import make_job_old, wait_for_job
from tests.stack.test_counting import LINES, assert_no_event_failed, put_zones, wait_for_object
from tests.stack_under_test import StackUnderTest
from tests.unit.cli.programs import people_pathing
from tests.unit.report.pages import embedded_in

pytestmark = pytest.mark.stack

ERASED = 0


def test_an_erased_person_is_in_no_version_of_any_result_and_the_others_are_counted_again(
    deployed: StackUnderTest, pipeline: DeployedStack, own: str, clip: Path
) -> None:
    put_zones(deployed, f"zones/{own}erased/.json", {"version": 1, "lines": LINES})
    record = wait_for_job(pipeline, pipeline.upload(clip, f"{own}erased/walkers.mp4"))
    wait_for_object(deployed, record, "report.html")
    assert any(ERASED in people for people in stored_people(deployed, record).values())
    make_job_old(deployed, pipeline, record)

    command = ("erase", record.key, "--index", str(ERASED), "--stack-name", deployed.name)
    erased = people_pathing(*command, environment=deployed.environment())

    assert erased.returncode == 0, erased.stderr
    assert "erased 1 people with" in erased.stdout
    wait_for_object(deployed, record, "report.html")
    found = stored_people(deployed, record)
    assert {key: people for key, people in found.items() if ERASED in people} == {}
    assert set().union(*found.values()) == {1}
    counts = json.loads(wait_for_object(deployed, record, "counts.json"))
    assert [line["people"] for line in counts["lines"]] == [1]
    assert counts["provenance"]["erased"]["people"] == 1
    assert_no_event_failed(deployed)

    jobs = deployed.client("s3").list_object_versions(
        Bucket=deployed.outputs["ArtifactBucketName"], Prefix=f"jobs/{record.job_id}/"
    )
    assert not jobs.get("Versions")
    again = people_pathing(*command, environment=deployed.environment())
    assert f"person {ERASED} is not in the results" in again.stderr


def stored_people(deployed: StackUnderTest, record: JobRecord) -> dict[str, set[int]]:
    """Returns which people each stored version of each result of a video is about."""
    s3, bucket = deployed.client("s3"), deployed.outputs["ResultsBucketName"]
    tables = table_keys(record.video_id, utc_time(record.uploaded_ms).date())
    found: dict[str, set[int]] = {}
    for prefix in (record.results_prefix, *tables):
        for entry in s3.list_object_versions(Bucket=bucket, Prefix=prefix).get("Versions", []):
            key, version = entry["Key"], entry["VersionId"]
            body = s3.get_object(Bucket=bucket, Key=key, VersionId=version)["Body"].read()
            found[f"{key} {version}"] = set(people_in(key, body))
    return found


def people_in(key: str, body: bytes) -> Iterator[int]:
    if key.endswith(".parquet"):
        yield from parquet.read_table(io.BytesIO(body)).column("tracker_id").to_pylist()
    elif key.endswith("observations.jsonl.gz"):
        yield from (json.loads(line)["Person"]["Index"] for line in gzip.decompress(body).splitlines())
    elif key.endswith("people.json"):
        yield from (person["index"] for person in json.loads(body))
    elif key.endswith("counts.json"):
        yield from (person["person"] for person in json.loads(body)["people"])
    elif key.endswith("report.html"):
        yield from (index for index, _ in embedded_in(body.decode())["observations"]["people"])
