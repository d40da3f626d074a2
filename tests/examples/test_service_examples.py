"""Runs the examples that call the service, against the template deployed on this machine."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from devstack.clients import write_data_files
from devstack.stack import LocalStack
from tests.stack.walkers import Walker, write_clip

EXAMPLES = Path(__file__).parents[2] / "examples"

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def bucket(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The video bucket, with `street.mp4` in it: one person who walks from left to right."""
    path = tmp_path_factory.mktemp("clips") / "street.mp4"
    write_clip(path, [Walker(140, 9, 380, 200, coat=(60, 30, 30), legs=(40, 40, 45))], 20)
    bucket = stack.outputs["VideoBucketName"]
    stack.client("s3").upload_file(str(path), bucket, "examples/street.mp4")
    return bucket


@pytest.fixture(scope="module")
def data_path(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of data files that `people-pathing connect` would write."""
    folder = tmp_path_factory.mktemp("models")
    write_data_files(folder, stack.outputs["RekognitionEndpointUrl"])
    return folder


def run(stack: LocalStack, data_path: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs a command as a user of the stack does, with the tools of the development environment first."""
    tools = Path(sys.executable).parent
    return subprocess.run(
        command,
        env={
            **os.environ,
            **stack.environment(),
            "PATH": os.pathsep.join((str(tools), os.environ["PATH"])),
            "AWS_DATA_PATH": str(data_path),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_boto3_prints_when_each_person_is_seen(stack: LocalStack, data_path: Path, bucket: str) -> None:
    program = EXAMPLES / "boto3_tracking.py"

    completed = run(stack, data_path, sys.executable, program, bucket, "examples/street.mp4")

    assert completed.returncode == 0, completed.stderr
    assert re.fullmatch(r"person 0: 0 to 1900 ms\n", completed.stdout)


def test_the_aws_cli_prints_every_detection(stack: LocalStack, data_path: Path, bucket: str) -> None:
    completed = run(stack, data_path, EXAMPLES / "aws_cli_tracking.sh", bucket, "examples/street.mp4")

    assert completed.returncode == 0, completed.stderr
    rows = [line.split("\t") for line in completed.stdout.splitlines()]
    assert [(row[0], row[1]) for row in rows] == [(str(100 * frame), "0") for frame in range(20)]
    for row in rows:
        assert all(0 <= float(ratio) <= 1 for ratio in row[2:])
        assert len(row) == 6


@pytest.mark.parametrize("program", ["boto3_tracking.py", "aws_cli_tracking.sh"])
def test_a_missing_video_is_an_error(stack: LocalStack, data_path: Path, bucket: str, program: str) -> None:
    interpreter = [sys.executable] if program.endswith(".py") else []

    completed = run(stack, data_path, *interpreter, EXAMPLES / program, bucket, "examples/missing.mp4")

    assert completed.returncode != 0
    assert "InvalidS3ObjectException" in completed.stderr
