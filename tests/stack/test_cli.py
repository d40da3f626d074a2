"""Commands that need a stack, run as a user runs them."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest

from devstack.stack import LocalStack
from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.results import file_names
from tests.stack.jobs import read_observations, wait_for_job
from tests.unit.cli.programs import ROOT, people_pathing
from tests.unit.cli.walker_clips import assert_the_walker_shows_its_face, write_face_clip, write_walker_clip

pytestmark = pytest.mark.stack


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
    assert "one face.mp4: results in" in completed.stdout
    assert "fake.mp4: FAILED:" in completed.stderr
    assert sorted(path.name for path in (out / clip.name).iterdir()) == sorted(file_names())
    assert_the_walker_shows_its_face(read_observations(out / clip.name))
    assert not (out / "fake.mp4").exists()
    assert "100%" in completed.stderr
    assert processes_with(marker) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_up_shows_how_to_use_the_stack_and_stops_on_a_signal(number: signal.Signals, tmp_path: Path) -> None:
    messages = tmp_path / "messages.txt"
    marker = f"marker-{uuid4()}"
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
            settings = [line.removeprefix("export ") for line in printed if line.startswith("export ")]
            environment = dict(setting.split("=", 1) for setting in settings)
            listed = people_pathing("jobs", environment=environment)
            process.send_signal(number)
            process.wait(timeout=30)
        finally:
            process.kill()

    assert listed.returncode == 0, listed.stderr
    assert listed.stdout.split() == ["state", "age", "key", "job", "reason"]
    assert any(line.startswith("aws s3 cp") for line in printed)
    assert (Path(environment["AWS_DATA_PATH"]) / "rekognition").is_dir()
    assert process.returncode == 130
    assert processes_with(marker) == []


def test_jobs_are_listed_and_erase_deletes_everything_about_a_video(
    stack: LocalStack, pipeline: DeployedStack, tmp_path: Path
) -> None:
    key = "to be erased.mp4"
    record = wait_for_job(pipeline, pipeline.upload(write_walker_clip(tmp_path), key))
    environment = stack.environment()
    assert "SUCCEEDED" in people_pathing("jobs", environment=environment).stdout
    assert key in people_pathing("jobs", "--state", "SUCCEEDED", environment=environment).stdout

    erased = people_pathing("erase", key, environment=environment)

    assert erased.returncode == 0, erased.stderr
    assert "1 versions of the video" in erased.stdout
    for bucket, prefix in (
        (pipeline.video_bucket, key),
        (pipeline.results_bucket, record.results_prefix),
        (stack.outputs["ArtifactBucketName"], f"jobs/{record.job_id}/"),
    ):
        assert "Versions" not in pipeline.s3.list_object_versions(Bucket=bucket, Prefix=prefix)
    assert pipeline.job_table.get(record.video_id) is None
    again = people_pathing("erase", key, environment=environment)
    assert again.returncode == 1
    assert "nothing was stored about" in again.stderr


def test_redrive_finds_the_queue_of_the_stack(stack: LocalStack) -> None:
    redriven = people_pathing("redrive", environment=stack.environment())

    assert redriven.returncode == 0, redriven.stderr
    assert redriven.stdout == "0 events were sent to their functions again\n"


def processes_with(marker: str) -> list[str]:
    """Returns the command lines of running processes whose environment contains the marker."""
    lines = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if marker.encode() in (folder / "environ").read_bytes():
                lines.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return lines
