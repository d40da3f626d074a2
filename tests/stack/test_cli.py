"""Commands that need a stack, run as a user runs them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener
from uuid import uuid4

import pytest

from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.results import file_names
from tests.stack.jobs import make_job_old, read_observations, wait_for_job
from tests.stack_under_test import StackUnderTest
from tests.unit.cli.programs import ROOT, people_pathing
from tests.unit.cli.walker_clips import assert_the_walker_shows_its_face, write_face_clip, write_walker_clip

if TYPE_CHECKING:
    from devstack.stack import LocalStack

pytestmark = pytest.mark.stack

# Succeeds if the AWS CLI reaches the service, which then does not know the job.
SQS = "aws sqs list-queues --output text"
UNKNOWN_JOB = "aws rekognition get-person-tracking --job-id none 2>&1 | grep -q ResourceNotFoundException"


@pytest.mark.local_only("starts a local stack of its own")
def test_run_stores_the_results_and_leaves_no_process_running(tmp_path: Path) -> None:
    clip = write_face_clip(tmp_path)
    fake = tmp_path / "fake.mp4"
    fake.write_text("not a video")
    out = tmp_path / "out"
    marker = f"marker-{uuid4()}"

    completed = people_pathing(
        *("run", clip, fake, "--detector", "hog", "--face-model", "centerface", "--out", out),
        environment={"MARKER": marker},
    )

    assert completed.returncode == 1, completed.stderr
    assert "fake.mp4: FAILED:" in completed.stderr
    [version] = (out / clip.name).iterdir()
    assert f"one face.mp4: results in {version}\n" in completed.stdout
    assert sorted(path.name for path in version.iterdir()) == sorted([*file_names(), "report.html"])
    assert_the_walker_shows_its_face(read_observations(version))
    assert not (out / "fake.mp4").exists()
    assert "one face.mp4: 100%" in completed.stderr
    assert "\n1 of 2 videos tracked in " in completed.stderr
    assert processes_with(marker) == {}


@pytest.mark.local_only("starts a local stack of its own")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_up_shows_how_to_use_the_stack_and_stops_on_a_signal(number: signal.Signals, tmp_path: Path) -> None:
    from tests.unit.cli.test_env import USED_SHELL

    marker = f"marker-{uuid4()}"
    with up(tmp_path, marker) as (process, instructions):
        [command] = [line for line in instructions if line.startswith("eval ")]
        [address] = [line for line in instructions if line.startswith("http://127.0.0.1:")]
        page = read(address)
        done = subprocess.run(
            ["bash", "-euc", f"{command}; people-pathing jobs; aws s3 ls; {SQS}; {UNKNOWN_JOB}; env"],
            cwd=ROOT,
            env={
                **os.environ,
                **USED_SHELL,
                "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        process.send_signal(number)
        process.wait(timeout=30)
    after = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100
    )

    assert "<h1>Videos of the local stack</h1>" in page
    with pytest.raises(URLError):
        read(address)
    assert done.returncode == 0, done.stderr
    jobs, *others = done.stdout.splitlines()
    assert jobs.split() == ["state", "age", "key", "job", "reason"]
    assert any("videos" in line for line in others if "=" not in line)
    assert any(line.startswith("QUEUEURLS") for line in others)
    settings = dict(line.split("=", 1) for line in others if "=" in line)
    assert settings["AWS_ENDPOINT_URL_REKOGNITION"].startswith(settings["AWS_ENDPOINT_URL"])
    # The data files are as temporary as the stack.
    assert not Path(settings["AWS_DATA_PATH"]).exists()
    assert any(line.startswith("aws s3 cp") for line in instructions)
    assert process.returncode == 130
    assert processes_with(marker) == {}
    assert "no stack runs on port" in after.stderr


def read(address: str) -> str:
    with build_opener(ProxyHandler({})).open(address, timeout=30) as reply:
        return str(reply.read().decode())


@pytest.mark.local_only("starts a local stack of its own")
def test_up_ends_when_its_server_has_ended(tmp_path: Path) -> None:
    marker = f"marker-{uuid4()}"
    with up(tmp_path, marker) as (process, _):
        [server] = [
            number for number, command in processes_with(marker).items() if "devstack.server" in command
        ]
        os.kill(server, signal.SIGKILL)
        process.wait(timeout=30)

    errors = (tmp_path / "messages.txt").read_text()
    assert process.returncode == 1
    assert "error: the local server has ended (signal SIGKILL), and everything in the stack is lost" in errors
    assert "Traceback" not in errors


@contextmanager
def up(folder: Path, marker: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Runs `people-pathing up` and yields its process and the lines that it prints."""
    messages = folder / "messages.txt"
    # As under `nohup`: the child inherits that SIGINT is ignored.
    original = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with messages.open("w") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", "people_pathing.cli.main", "up", "--detector", "hog", "--port", "0"],
                cwd=ROOT,
                env={**os.environ, "MARKER": marker},
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
    finally:
        signal.signal(signal.SIGINT, original)
    with process:
        try:
            assert process.stdout is not None
            printed = []
            for line in process.stdout:
                printed.append(line.strip())
                if line.startswith("Ctrl-C"):
                    break
            assert printed, messages.read_text()
            yield process, printed
        finally:
            process.kill()


def test_jobs_are_listed_and_erase_deletes_everything_about_a_video(
    deployed: StackUnderTest, pipeline: DeployedStack, own: str, tmp_path: Path
) -> None:
    key = f"{own}to be erased.mp4"
    record = wait_for_job(pipeline, pipeline.upload(write_walker_clip(tmp_path), key))
    environment, named = deployed.environment(), ("--stack-name", deployed.name)
    assert "SUCCEEDED" in people_pathing("jobs", *named, environment=environment).stdout
    assert key in people_pathing("jobs", "--state", "SUCCEEDED", *named, environment=environment).stdout

    counted = people_pathing("jobs", "--count", *named, environment=environment).stdout.splitlines()
    assert counted[0].split() == ["state", "jobs"]
    assert int(dict(line.split() for line in counted)["SUCCEEDED"]) >= 1
    make_job_old(deployed, pipeline, record)
    previewed = people_pathing(
        "erase", "--prefix", f"{own}to be", "--dry-run", *named, environment=environment
    )
    assert key in previewed.stdout

    erased = people_pathing("erase", f"s3://{pipeline.video_bucket}/{key}", *named, environment=environment)

    assert erased.returncode == 0, erased.stderr
    assert "1 versions and 0 delete markers of videos" in erased.stdout
    assert "waiting" not in erased.stderr
    for bucket, prefix in (
        (pipeline.video_bucket, key),
        (pipeline.results_bucket, record.results_prefix),
        (deployed.outputs["ArtifactBucketName"], f"jobs/{record.job_id}/"),
    ):
        assert "Versions" not in pipeline.s3.list_object_versions(Bucket=bucket, Prefix=prefix)
    assert pipeline.job_table.get(record.video_id) is None
    again = people_pathing("erase", key, *named, environment=environment)
    assert again.returncode == 1
    assert "nothing is stored about" in again.stderr


@pytest.mark.local_only("empties the queue of failed events")
def test_redrive_leaves_foreign_messages_in_the_queue_of_the_stack(stack: LocalStack) -> None:
    queue_url = stack.outputs["FailedEventsUrl"]
    stack.client("sqs").send_message(QueueUrl=queue_url, MessageBody="not JSON")

    redriven = people_pathing("redrive", environment=stack.environment())

    assert redriven.returncode == 1
    assert "stays in the queue: it is not JSON" in redriven.stderr
    assert redriven.stdout == "0 events were sent to their functions again\n"
    stack.client("sqs").purge_queue(QueueUrl=queue_url)
    again = people_pathing("redrive", environment=stack.environment())
    assert (again.returncode, again.stdout) == (0, "0 events were sent to their functions again\n")


def processes_with(marker: str) -> dict[int, str]:
    """Returns the command lines of running processes whose environment contains the marker, by process id."""
    commands = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if marker.encode() in (folder / "environ").read_bytes():
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                commands[int(folder.name)] = command.decode(errors="replace")
    return commands
