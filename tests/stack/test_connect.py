"""`people-pathing connect` against the deployed template, and programs that then call it without a change."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stack_under_test import StackUnderTest

pytestmark = pytest.mark.stack

BOTO3_PROGRAM = """
import sys, boto3
rekognition = boto3.client("rekognition")
try:
    rekognition.get_person_tracking(JobId="an-unknown-job")
except rekognition.exceptions.ResourceNotFoundException as error:
    print(rekognition.meta.endpoint_url, error.operation_name)
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(deployed: StackUnderTest, tmp_path: Path) -> Run:
    """Runs a command as a user whose settings name the stack's account, but no endpoint of Rekognition."""
    tools = Path(sys.executable).parent
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        **deployed.environment(),
        "HOME": str(tmp_path),
        "PATH": os.pathsep.join((str(tools), os.environ["PATH"])),
    }

    def run_command(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
        )

    return run_command


def test_programs_reach_the_stack_until_the_files_are_removed(
    deployed: StackUnderTest, run: Run, tmp_path: Path
) -> None:
    named = ("--stack-name", deployed.name)
    connected = run("people-pathing", "connect", *named)
    checked = run("people-pathing", "connect", "--check", *named)
    program = run(sys.executable, "-c", BOTO3_PROGRAM)
    cli = run("aws", "rekognition", "get-person-tracking", "--job-id", "an-unknown-job")
    removed = run("people-pathing", "connect", "--remove")
    after = run("aws", "rekognition", "get-person-tracking", "--job-id", "an-unknown-job")

    assert (connected.returncode, connected.stderr) == (0, "")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert deployed.outputs["RekognitionEndpointUrl"] in checked.stdout
    assert program.stdout.split()[1:] == ["GetPersonTracking"], program.stderr
    assert "(ResourceNotFoundException) when calling the GetPersonTracking operation" in cli.stderr
    assert removed.returncode == 0, removed.stderr
    assert "ResourceNotFoundException" not in after.stderr
    assert not list(tmp_path.rglob("*.json"))


def test_a_stack_that_does_not_exist_is_named(run: Run) -> None:
    done = run("people-pathing", "connect", "--stack-name", "there-is-no-such-stack")

    assert done.returncode == 1
    assert "does not exist" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_check_finds_that_the_stacks_address_has_changed(
    deployed: StackUnderTest, run: Run, tmp_path: Path
) -> None:
    named = ("--stack-name", deployed.name)
    run("people-pathing", "connect", *named)
    [rules] = tmp_path.rglob("endpoint-rule-set-1.sdk-extras.json")
    file = json.loads(rules.read_text())
    file["peoplePathing"]["routes"][0]["url"] = "https://old.example/"
    rules.write_text(json.dumps(file))

    done = run("people-pathing", "connect", "--check", *named)

    assert done.returncode == 1
    assert (
        f"not https://old.example/; run `people-pathing connect --stack-name {deployed.name} "
        f"--region {deployed.region}` again" in done.stderr
    )
