"""Replays beliefs with the local server in place of an account, and shows what a difference looks like."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devstack.clients import environment_without_aws
from devstack.stack import LocalStack
from tests.aws_beliefs.marks import ROOT
from tests.stack.inventory import inventory
from tests.stack_under_test import LOCAL_ACCOUNT, StackUnderTest

pytestmark = [pytest.mark.stack, pytest.mark.local_only("replays beliefs as in an account")]

SUBSET = ("tests/aws_beliefs/test_s3.py", "tests/aws_beliefs/test_iam.py")
# What S3 would have to answer for a belief to be wrong.
OTHER_ANSWER = """
from tests.stack_under_test import StackUnderTest

original = StackUnderTest.client

def client(self, service, caller=None, config=None):
    made = original(self, service, caller, config)
    if service == "s3":
        made.meta.events.register("after-call.s3.GetObject", answer)
    return made

def answer(parsed, **_):
    if parsed.get("Error", {}).get("Code") == "NoSuchVersion":
        parsed["Error"]["Code"] = "VersionIsGone"

StackUnderTest.client = client
"""


def replay(
    stack: LocalStack, folder: Path, *arguments: str, account: str = LOCAL_ACCOUNT
) -> subprocess.CompletedProcess[str]:
    (folder / "other_answer.py").write_text(OTHER_ANSWER)
    settings = {**stack.environment(), "STACK_NAME": "people-pathing", "ACCOUNT": account}
    return subprocess.run(
        [sys.executable, "-m", "tests.aws_beliefs.replay", *arguments],
        cwd=ROOT,
        env={**environment_without_aws(), **settings, "PYTHONPATH": os.fspath(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_a_replay_counts_what_holds_and_leaves_nothing_behind(
    stack: LocalStack, deployed: StackUnderTest, tmp_path: Path
) -> None:
    before = set(inventory(deployed))

    done = replay(stack, tmp_path, *SUBSET)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("account 000000000000, region us-east-1, stack people-pathing\n")
    assert "9 beliefs hold, 0 differ, 5 known differences of the local server" in done.stdout
    assert set(inventory(deployed)) == before


def test_an_answer_that_differs_is_printed_with_what_relies_on_it(stack: LocalStack, tmp_path: Path) -> None:
    done = replay(stack, tmp_path, "-p", "other_answer", SUBSET[0])

    assert done.returncode == 1, done.stdout + done.stderr
    assert (
        "DIFFERENCE: a version that does not exist is no such version\n"
        "  expected: 'NoSuchVersion'\n"
        "  happened: 'VersionIsGone'\n"
        "  relies on it: functions/people_pathing/service/videos/access.py\n"
        "  source: Error responses in the Amazon S3 API Reference\n"
    ) in done.stdout
    assert ", 1 differ," in done.stdout


@pytest.mark.parametrize("account", ["", "123456789012"])
def test_nothing_is_replayed_in_an_account_that_was_not_chosen(
    stack: LocalStack, deployed: StackUnderTest, tmp_path: Path, account: str
) -> None:
    before = set(inventory(deployed))

    done = replay(stack, tmp_path, account=account)

    assert done.returncode == 2
    assert done.stdout.startswith("account 000000000000, region us-east-1, stack people-pathing\n")
    assert done.stderr == "nothing was replayed; to replay there, set ACCOUNT=000000000000\n"
    assert set(inventory(deployed)) == before
