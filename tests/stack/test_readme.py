"""Every command that the README shows, run as it stands there."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devstack.stack import LocalStack
from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.pipeline.video import Video
from tests.stack.jobs import wait_for_job
from tests.stack.walkers import Walker, write_clip

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)
COMMANDS = [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]
SNIPPETS = [text for kind, text in BLOCKS if kind == "python"]
# Needs a terminal to answer at, an AWS account and Docker; the local stack runs `sam build` and `sam deploy`.
DEPLOYMENT = {"sam build", "sam deploy --guided"}
# Run until Ctrl-C; see test_cli.
ENDLESS = {".venv/bin/people-pathing up"}

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a reader might stand: the repository's tools at hand, and two videos."""
    folder = tmp_path_factory.mktemp("reader")
    write_clip(folder / "street.mp4", [Walker(140, 9, 380, 200, coat=(60, 30, 30), legs=(40, 40, 45))], 20)
    shutil.copy(folder / "street.mp4", folder / "yard.mov")
    (folder / "aws-data").symlink_to(ROOT / "aws-data")
    tools = folder / ".venv" / "bin"
    tools.mkdir(parents=True)
    for tool in ("people-pathing", "aws"):
        (tools / tool).symlink_to(Path(sys.executable).with_name(tool))
    return folder


@pytest.fixture(scope="module")
def environment(stack: LocalStack, folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        **stack.environment(),
        "PATH": os.pathsep.join((str(folder / ".venv" / "bin"), os.environ["PATH"])),
        "AWS_ENDPOINT_URL_REKOGNITION": stack.outputs["RekognitionEndpointUrl"],
    }


def in_place(text: str, stack: LocalStack) -> str:
    """The text with its placeholders filled in."""
    return (
        text.replace("VIDEO_BUCKET", stack.outputs["VideoBucketName"])
        .replace("RESULTS_BUCKET", stack.outputs["ResultsBucketName"])
        .replace("https://….lambda-url.eu-central-1.on.aws/", stack.outputs["RekognitionEndpointUrl"])
    )


def test_the_make_targets_exist() -> None:
    targets = [command.split()[1] for command in COMMANDS if command.startswith("make ")]
    assert {"demo", "test"} <= set(targets)
    for target in targets:
        subprocess.run(["make", "-n", target], cwd=ROOT, check=True, capture_output=True)


def test_the_commands_work_in_their_order(
    stack: LocalStack, pipeline: DeployedStack, folder: Path, environment: dict[str, str]
) -> None:
    script = [
        in_place(command, stack)
        for command in COMMANDS
        if not command.startswith("make ") and command not in DEPLOYMENT | ENDLESS
    ]
    assert len(script) >= 8
    for command in script:
        if command.startswith("export "):
            name, value = command.removeprefix("export ").split("=", 1)
            environment[name] = value.replace("$PWD", str(folder))
            continue
        if " erase " in command:
            # A job that is running is not to be erased.
            version = pipeline.s3.head_object(Bucket=pipeline.video_bucket, Key="street.mp4")["VersionId"]
            wait_for_job(pipeline, Video(pipeline.video_bucket, "street.mp4", version, version))
            await_called_jobs(pipeline)
        done = subprocess.run(
            shlex.split(command), cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def await_called_jobs(pipeline: DeployedStack, patience_s: float = 120) -> None:
    """Wait for the jobs that commands have started by calling the service."""
    deadline = time.monotonic() + patience_s
    bucket = str(pipeline.artifact_bucket)
    while True:
        pages = pipeline.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="jobs/")
        keys = [one["Key"].split("/") for page in pages for one in page.get("Contents", [])]
        ended = {key[1] for key in keys if key[2] in ("observations.bin", "job.json")}
        running = {key[1] for key in keys} - ended
        if not running:
            return
        assert time.monotonic() < deadline, f"these jobs came to no end: {running}"
        time.sleep(0.2)


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_the_snippets_work(
    snippet: str, stack: LocalStack, pipeline: DeployedStack, folder: Path, environment: dict[str, str]
) -> None:
    pipeline.upload(folder / "street.mp4", "street.mp4")
    program = in_place(snippet, stack) + "\nprint('done')"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.endswith("done\n"), done.stderr


def test_the_files_that_are_pointed_to_exist() -> None:
    links = re.findall(r"\]\(([^):]+)\)", (ROOT / "README.md").read_text())
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_list_of_files_names_files_that_are_there() -> None:
    [listing] = [text for kind, text in BLOCKS if not kind and "template.yaml" in text]
    package, missing = "", []
    for line in listing.splitlines():
        names = line.split("   ")[0].split()
        if line.startswith("functions/"):
            package = names[0]
        for name in names:
            path = ROOT / package / name if line.startswith("  ") else ROOT / name
            if not path.exists():
                missing.append(name)
    assert missing == []
