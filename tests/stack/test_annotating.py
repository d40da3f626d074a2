"""Annotates a video of the deployed template as a user does, and erases it with its copy."""

from pathlib import Path

import av
import pytest

from people_pathing.cli.deployed_stack import DeployedStack
from tests.stack.jobs import make_job_old, wait_for_job
from tests.stack.walkers import Walker, write_clip
from tests.stack_under_test import StackUnderTest
from tests.unit.cli.programs import people_pathing

pytestmark = pytest.mark.stack

FRAME_COUNT = 20


def test_a_video_of_the_stack_is_annotated_beside_its_results_and_erased_with_them(
    deployed: StackUnderTest, pipeline: DeployedStack, own: str, tmp_path: Path
) -> None:
    clip = tmp_path / "walker.mp4"
    write_clip(clip, [Walker(140, 9, 380, 200, coat=(60, 30, 30), legs=(40, 40, 45))], FRAME_COUNT)
    record = wait_for_job(pipeline, pipeline.upload(clip, own + "annotated/walker.mp4"))
    assert (record.state, record.reason) == ("SUCCEEDED", None)

    completed = people_pathing(
        *("annotate", record.key, "--stack-name", deployed.name, "--blur", "people"),
        environment=deployed.environment(),
    )

    assert completed.returncode == 0, completed.stderr
    key = record.results_prefix + "annotated.webm"
    assert completed.stdout == f"s3://{results_bucket(deployed)}/{key}\n"
    copy = tmp_path / "copy.webm"
    deployed.client("s3").download_file(results_bucket(deployed), key, str(copy))
    with av.open(copy) as file:
        assert sum(1 for _ in file.decode(video=0)) == FRAME_COUNT

    make_job_old(deployed, pipeline, record)
    erased = people_pathing(
        "erase", record.key, "--stack-name", deployed.name, environment=deployed.environment()
    )
    assert erased.returncode == 0, erased.stderr
    found = deployed.client("s3").list_object_versions(
        Bucket=results_bucket(deployed), Prefix=record.results_prefix
    )
    assert not found.get("Versions")
    assert not found.get("DeleteMarkers")


def results_bucket(deployed: StackUnderTest) -> str:
    return deployed.outputs["ResultsBucketName"]
