"""What docs/testing-your-code.md shows: the example runs, and the patch applies to the installed moto."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import moto
import pytest

from tests.unit.cli.programs import ROOT

PAGE = (ROOT / "docs" / "testing-your-code.md").read_text("utf-8")
USE_THE_PATCH = """
import boto3, moto, sys
assert moto.__file__.startswith(sys.argv[1]), moto.__file__
with moto.mock_aws():
    client = boto3.client("rekognition", region_name="us-east-1")
    video = {"S3Object": {"Bucket": "videos", "Name": "street.mp4"}}
    job_ids = [client.start_person_tracking(Video=video)["JobId"] for _ in range(2)]
    assert len(set(job_ids)) == 2 and {len(job_id) for job_id in job_ids} == {64}
    reply = client.get_person_tracking(JobId=job_ids[0])
    assert reply["JobStatus"] == "SUCCEEDED" and reply["VideoMetadata"]["FrameWidth"] == 1280
    found = [(person["Timestamp"], person["Person"]["Index"]) for person in reply["Persons"]]
    assert found == [(0, 0), (0, 1), (66, 0), (66, 1)]
    assert "NextToken" not in reply
    assert client.get_face_search(JobId=job_ids[0])["Persons"][0]["FaceMatches"]
    assert len(client.start_text_detection(Video=video)["JobId"]) == 64
print("moto has the operations")
"""


def block(language: str) -> str:
    [found] = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return str(found)


def run(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTEST_"))}
    return subprocess.run(
        arguments,
        cwd=cwd,
        env={**settings, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def test_the_example_runs(tmp_path: Path) -> None:
    (tmp_path / "test_paths.py").write_text(block("python"))

    command = (sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "test_paths.py")
    done = run(*command, cwd=tmp_path, PYTHONPATH=str(ROOT / "functions"))

    assert re.search(r"^4 passed in ", done.stdout, re.MULTILINE), done.stdout + done.stderr


def test_the_patch_adds_the_two_operations_to_moto(tmp_path: Path) -> None:
    installed = Path(moto.__file__).parent
    copy = tmp_path / "moto"
    copy.mkdir()
    for entry in installed.iterdir():
        if entry.name == "rekognition":
            shutil.copytree(entry, copy / entry.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif entry.name != "__pycache__":
            (copy / entry.name).symlink_to(entry)
    (tmp_path / "moto.patch").write_text(block("diff"))

    applied = run("git", "apply", "moto.patch", cwd=tmp_path, GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
    if applied.returncode:
        reason = f"the patch does not apply to moto {version('moto')}: {applied.stderr}"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    used = run(sys.executable, "-c", USE_THE_PATCH, str(tmp_path), cwd=tmp_path, PYTHONPATH=str(tmp_path))

    assert used.stdout == "moto has the operations\n", used.stderr


def test_the_page_names_the_version_of_moto_that_the_patch_is_for() -> None:
    if f"applies to moto {version('moto')} " not in " ".join(PAGE.split()):
        reason = f"docs/testing-your-code.md names another version of moto than {version('moto')}"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
