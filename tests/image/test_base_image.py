"""The base image is named once, and its digest comes from a workflow that looks it up."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "functions" / "worker" / "Dockerfile"
WORKFLOWS = ROOT / ".github" / "workflows"
SCRIPT = ROOT / ".github" / "scripts" / "pin_base_image.sh"
DIGEST = f"sha256:{'0123456789abcdef' * 4}"


def workflow(name: str) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml_parse((WORKFLOWS / name).read_text())
    return parsed


def pin(dockerfile: Path, digest: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(SCRIPT), digest, str(dockerfile)], capture_output=True, text=True, check=False)


@pytest.fixture
def dockerfile(tmp_path: Path) -> Path:
    copy = tmp_path / "Dockerfile"
    shutil.copyfile(DOCKERFILE, copy)
    return copy


def test_a_digest_replaces_the_one_before(dockerfile: Path) -> None:
    before = dockerfile.read_text()

    for digest in (f"sha256:{'f' * 64}", DIGEST):
        assert pin(dockerfile, digest).returncode == 0

    [line] = re.findall("^ARG BASE_IMAGE=.*$", dockerfile.read_text(), re.MULTILINE)
    assert line == f"ARG BASE_IMAGE=public.ecr.aws/lambda/python:3.13@{DIGEST}"
    unpinned = re.sub("@sha256:[0-9a-f]{64}", "", dockerfile.read_text())
    assert unpinned == re.sub("@sha256:[0-9a-f]{64}", "", before)


@pytest.mark.parametrize("digest", ["", "latest", DIGEST[:-1], f"{DIGEST}\nRUN true", f"{DIGEST}|e id"])
def test_something_else_than_a_digest_is_refused(dockerfile: Path, digest: str) -> None:
    before = dockerfile.read_text()

    done = pin(dockerfile, digest)

    assert done.returncode == 1
    assert "is not a digest" in done.stderr
    assert dockerfile.read_text() == before


def test_a_dockerfile_without_the_argument_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "Dockerfile"
    other.write_text("FROM scratch\n")

    done = pin(other, DIGEST)

    assert (done.returncode, other.read_text()) == (1, "FROM scratch\n")
    assert "has no line ARG BASE_IMAGE" in done.stderr


def test_the_dockerfile_works_with_every_builder() -> None:
    instructions = [line for line in DOCKERFILE.read_text().splitlines() if not line.startswith("#")]

    # By default, SAM uses Docker's classic builder, which does not know --chmod and --mount.
    assert [line for line in instructions if re.match(r"(COPY|RUN) --|.*<<", line)] == []
    assert "FROM ${BASE_IMAGE}" in instructions


def test_only_the_job_that_proposes_a_digest_may_write() -> None:
    proposing = workflow("base-image.yml")

    assert proposing["permissions"] == {}
    assert {name: job["permissions"] for name, job in proposing["jobs"].items()} == {
        "look-up": {"contents": "read"},
        "check": {"contents": "read"},
        "propose": {"actions": "write", "contents": "write", "pull-requests": "write"},
    }
    assert proposing["jobs"]["propose"]["needs"] == ["look-up", "check"]
    assert workflow("image.yml")["permissions"] == {"contents": "read"}


@pytest.mark.parametrize("path", sorted(WORKFLOWS.glob("*.yml")), ids=lambda path: path.name)
def test_actions_are_pinned_to_a_commit(path: Path) -> None:
    used = re.findall(r"uses: (\S+)", path.read_text())

    assert used
    assert [use for use in used if not re.search("@[0-9a-f]{40}$", use) and not use.startswith("./")] == []


def test_the_workflow_checks_the_image_that_sam_builds() -> None:
    template = yaml_parse((ROOT / "template.yaml").read_text())
    metadata = template["Resources"]["PlanJob"]["Metadata"]
    [checked] = re.findall(r"--docker-image (\S+)", (WORKFLOWS / "image.yml").read_text())

    assert checked == f"{metadata['DockerImage']}:{metadata['DockerTag']}"
