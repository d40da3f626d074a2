"""The lock files agree with what the project declares, and name no machine."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
WORKER = ROOT / "functions" / "worker" / "requirements.txt"
FUNCTIONS = ROOT / "functions" / "requirements.txt"
DEVELOPMENT = ROOT / "requirements" / "dev.txt"
LOCKS = [
    FUNCTIONS,
    WORKER,
    *sorted(path for path in (ROOT / "requirements").glob("*.txt") if path.name != "overrides.txt"),
]
NPM_LOCKS = [
    ROOT / "requirements/page/package-lock.json",
    *sorted((ROOT / "tests/clients/programs/npm").glob("*/package-lock.json")),
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def locked_versions(lock: Path) -> dict[str, str]:
    """Returns the package names in a lock file and their versions."""
    return dict(re.findall(r"^([\w.-]+)==(\S+)", lock.read_text(), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_a_hash(lock: Path) -> None:
    entries = re.split(r"^(?=[\w.-]+==)", lock.read_text(), flags=re.MULTILINE)[1:]

    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_names_neither_a_registry_nor_a_folder_of_a_machine(lock: Path) -> None:
    assert not re.search(r"://|--(?:extra-)?index-url|--find-links|\s/", lock.read_text())


@pytest.mark.parametrize("lock", NPM_LOCKS, ids=lambda path: path.parent.name)
def test_an_npm_lock_has_a_hash_and_no_address_for_every_package(lock: Path) -> None:
    packages = json.loads(lock.read_text())["packages"]
    installed = {name: entry for name, entry in packages.items() if name}

    assert installed
    assert all(entry["integrity"].startswith("sha512-") for entry in installed.values())
    assert not any("resolved" in entry for entry in installed.values())


@pytest.mark.parametrize("lock", [WORKER, DEVELOPMENT], ids=lambda path: path.name)
def test_a_lock_has_the_headless_opencv_only(lock: Path) -> None:
    opencv = [name for name in locked_versions(lock) if name.startswith("opencv")]

    assert opencv == ["opencv-python-headless"]


def test_the_image_keeps_the_runtime_client_of_aws() -> None:
    # It is in the base image, where pip would replace it.
    runtime_client = {"awslambdaric", "simplejson", "snapshot-restore-py"}

    assert runtime_client & locked_versions(WORKER).keys() == set()
    assert runtime_client <= locked_versions(ROOT / "requirements" / "image-check.txt").keys()


@pytest.mark.parametrize("lock", [WORKER, DEVELOPMENT], ids=lambda path: path.name)
def test_locked_versions_are_within_the_bounds_of_the_wheel(lock: Path) -> None:
    versions = locked_versions(lock)
    # The headless package has the same releases.
    versions["opencv-python"] = versions["opencv-python-headless"]
    requirements = list(map(Requirement, PROJECT["dependencies"]))
    if lock == DEVELOPMENT:
        for extra in PROJECT["optional-dependencies"].values():
            requirements += map(Requirement, extra)

    for requirement in requirements:
        if lock == DEVELOPMENT or requirement.name in versions:
            assert versions[requirement.name] in requirement.specifier, requirement


def test_dependabot_watches_every_folder_with_dependencies() -> None:
    settings = yaml_parse((ROOT / ".github" / "dependabot.yml").read_text())
    watched = {
        (update["package-ecosystem"], folder)
        for update in settings["updates"]
        for folder in update.get("directories", [update.get("directory")])
    }

    assert watched == {
        ("github-actions", "/"),
        *(("npm", f"/{lock.parent.relative_to(ROOT)}") for lock in NPM_LOCKS),
        ("pip", "/"),
        *(("pip", f"/{lock.parent.relative_to(ROOT)}") for lock in LOCKS),
        # The base image is not among them: .github/workflows/base-image.yml proposes its digests.
    }


def test_the_table_of_licences_names_every_deployed_package() -> None:
    table = (ROOT / "THIRD_PARTY.md").read_text().partition("## Models")[0]
    named = {name.lower().replace(" ", "-") for name in re.findall(r"[A-Za-z][\w-]*(?: Runtime)?", table)}
    deployed = locked_versions(FUNCTIONS).keys() | locked_versions(WORKER).keys()

    assert deployed - named == set()
