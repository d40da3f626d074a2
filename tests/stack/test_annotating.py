"""Annotates a video of the deployed template as a user does, and erases it with its copy."""

from pathlib import Path

import av
import pytest

from devstack.stack import LocalStack
from people_pathing.cli.deployed_stack import DeployedStack
from tests.stack.jobs import make_ended_jobs_old, wait_for_job
from tests.stack.walkers import Walker, write_clip
from tests.unit.cli.programs import people_pathing

pytestmark = pytest.mark.stack

FRAME_COUNT = 20


def test_a_video_of_the_stack_is_annotated_beside_its_results_and_erased_with_them(
    stack: LocalStack, pipeline: DeployedStack, tmp_path: Path
) -> None:
    clip = tmp_path / "walker.mp4"
    write_clip(clip, [Walker(140, 9, 380, 200, coat=(60, 30, 30), legs=(40, 40, 45))], FRAME_COUNT)
    record = wait_for_job(pipeline, pipeline.upload(clip, "annotated/walker.mp4"))
    assert (record.state, record.reason) == ("SUCCEEDED", None)

    completed = people_pathing(
        *("annotate", record.key, "--stack-name", "people-pathing", "--blur", "people"),
        environment=stack.environment(),
    )

    assert completed.returncode == 0, completed.stderr
    key = record.results_prefix + "annotated.webm"
    assert completed.stdout == f"s3://{results_bucket(stack)}/{key}\n"
    copy = tmp_path / "copy.webm"
    stack.client("s3").download_file(results_bucket(stack), key, str(copy))
    with av.open(copy) as file:
        assert sum(1 for _ in file.decode(video=0)) == FRAME_COUNT

    make_ended_jobs_old(stack, pipeline)
    erased = people_pathing("erase", record.key, environment=stack.environment())
    assert erased.returncode == 0, erased.stderr
    found = stack.client("s3").list_object_versions(
        Bucket=results_bucket(stack), Prefix=record.results_prefix
    )
    assert not found.get("Versions")
    assert not found.get("DeleteMarkers")


def results_bucket(stack: LocalStack) -> str:
    return stack.outputs["ResultsBucketName"]
