"""Opens the report of a video in the deployed stack, with IAM enforced, and reads the video like the page."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.request import urlopen

import pytest

from people_pathing.cli.deployed_stack import DeployedStack
from tests.stack.jobs import wait_for_job
from tests.stack_under_test import StackUnderTest
from tests.unit.cli.programs import people_pathing
from tests.unit.report.pages import embedded, rows

pytestmark = pytest.mark.stack


def test_the_page_of_a_stored_result_plays_the_video(
    deployed: StackUnderTest, pipeline: DeployedStack, own: str, clip: Path
) -> None:
    record = wait_for_job(pipeline, pipeline.upload(clip, f"{own}opened/clip of 1.mp4"))
    assert (record.state, record.reason) == ("SUCCEEDED", None)

    completed = people_pathing(
        *("open", record.key, "--stack-name", deployed.name, "--no-browser"),
        environment=deployed.environment(),
    )

    assert completed.returncode == 0, completed.stderr
    page = Path(completed.stdout.strip())
    assert rows(page)
    with urlopen(embedded(page)["video"]["source"]) as reply:
        assert reply.read() == clip.read_bytes()
    assert "the page can play the video until 20" in completed.stderr
    shutil.rmtree(page.parent)
