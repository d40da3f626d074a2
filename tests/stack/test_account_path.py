"""Runs some of these tests as they run in an account, with the local server in its place.

The stack was deployed by another process. The tests get its name and AWS's own settings, and cannot import
devstack.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devstack.clients import environment_without_aws
from devstack.stack import STACK_NAME, LocalStack
from people_pathing.cli.deployed_stack import DeployedStack
from tests.stack.inventory import inventory
from tests.stack.jobs import wait_for_job
from tests.stack.test_counting import wait_for_object, wait_for_tables
from tests.stack_under_test import StackUnderTest
from tests.unit.cli.programs import ROOT

pytestmark = [pytest.mark.stack, pytest.mark.local_only("runs tests as in an account")]

SUBSET = ("test_open.py", "test_callers.py", "test_erasing_people.py")
BLOCK_DEVSTACK = """
import sys

class DevstackIsBlocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "devstack":
            raise ImportError(f"a test in an account imports {name}")

sys.meta_path.insert(0, DevstackIsBlocked())
"""


def run_in_account(
    folder: Path, settings: dict[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Runs pytest with STACK_NAME, in a process that cannot import devstack."""
    (folder / "block_devstack.py").write_text(BLOCK_DEVSTACK)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "block_devstack", "-m", "stack", *arguments],
        cwd=ROOT,
        env={**environment_without_aws(), **settings, "PYTHONPATH": os.fspath(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_tests_in_an_account_pass_without_the_local_stack_and_leave_everything_else_as_it_was(
    stack: LocalStack, deployed: StackUnderTest, pipeline: DeployedStack, clip: Path, tmp_path: Path
) -> None:
    record = wait_for_job(pipeline, pipeline.upload(clip, "another user's/walkers.mp4"))
    wait_for_object(deployed, record, "report.html")
    wait_for_tables(deployed, record, {"people", "observations"})
    before = set(inventory(deployed))
    settings = {**stack.environment(), "STACK_NAME": STACK_NAME}

    done = run_in_account(tmp_path, settings, *(f"tests/stack/{name}" for name in SUBSET))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "18 passed, 8 skipped" in done.stdout
    assert "only with the local stack: needs a stack with OtherVideoBuckets" in done.stdout
    assert set(inventory(deployed)) == before


def test_a_stack_that_does_not_exist_is_named(stack: LocalStack, tmp_path: Path) -> None:
    settings = {**stack.environment(), "STACK_NAME": "there-is-no-such-stack"}

    done = run_in_account(tmp_path, settings, "tests/stack/test_open.py")

    assert done.returncode == 1
    assert "there-is-no-such-stack does not exist" in done.stdout
