"""The check of the worker's image turns red for each fault that it is meant to find."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from devstack.image_check.buildah import Buildah, CannotRunError
from devstack.image_check.check_folder import CACHE
from devstack.image_check.command import build_image, run_steps_in, steps
from devstack.image_check.sandbox import run_with_crun
from devstack.image_check.stand_in_base import NoStandInError, site_packages

pytestmark = pytest.mark.image

IMAGE = "worker"


@dataclass(frozen=True)
class Image:
    """A root file system that a test may change, and the image's variables."""

    root: Path
    environment: Sequence[str]


@pytest.fixture(scope="module")
def buildah() -> Buildah:
    made = Buildah(CACHE / "storage")
    try:
        build_image(made)
    except (CannotRunError, NoStandInError) as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    return made


@pytest.fixture
def image(buildah: Buildah) -> Iterator[Image]:
    with buildah.mounted(IMAGE) as root:
        yield Image(root, buildah.environment_of(IMAGE))


def test_the_image_runs_a_job_and_its_analysis(image: Image, capfd: pytest.CaptureFixture[str]) -> None:
    assert run_steps_in(image.root, image.environment, {}) == 0

    printed = capfd.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in printed if ": ok in" in line] == [
        *("plan", "detect", "detect", "detect", "link", "analyze")
    ]
    assert "2 people, 100 observations" in printed


def handlers_module(image: Image) -> Path:
    """The source of the worker's entry points, which Python now reads instead of its bytecode."""
    folder = image.root / "var/task/people_pathing/service/handlers"
    shutil.rmtree(folder / "__pycache__")
    return folder / "worker.py"


def unreadable(image: Image) -> None:
    handlers_module(image).chmod(0o600)


def without_package(image: Image) -> None:
    shutil.rmtree(site_packages(image.root) / "av")


def without_library(image: Image) -> None:
    next(image.root.rglob("libmvec.so.1")).unlink()


def without_runtime_client(image: Image) -> None:
    shutil.rmtree(site_packages(image.root) / "awslambdaric")


def written_beside_the_code(image: Image) -> None:
    with handlers_module(image).open("a") as module:
        module.write('open("/var/task/cache", "w")\n')


def connected_to_the_internet(image: Image) -> None:
    with handlers_module(image).open("a") as module:
        module.write('import socket\nsocket.create_connection(("192.0.2.1", 443), timeout=5)\n')


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (unreadable, "Permission denied"),
        (without_package, "No module named 'av'"),
        (without_library, "libmvec.so.1: cannot open shared object file"),
        (without_runtime_client, "No module named awslambdaric"),
        (written_beside_the_code, "Read-only file system"),
        (connected_to_the_internet, "Network is unreachable"),
    ],
)
def test_a_fault_of_the_image_is_found(
    image: Image, capfd: pytest.CaptureFixture[str], fault: Callable[[Image], None], reason: str
) -> None:
    fault(image)

    assert run_steps_in(image.root, image.environment, {}) == 1
    assert reason in capfd.readouterr().err


def test_a_model_that_would_have_to_be_downloaded_is_found(
    image: Image, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    # The image was built without models, and these are the template's defaults.
    program = steps({"DETECTOR": "auto", "REIDENTIFICATION_MODEL": "none"}, {})

    assert run_with_crun(image.root, image.environment, program, tmp_path) == 1
    assert "plan logged a warning: model nano" in capfd.readouterr().err


def test_the_image_keeps_the_runtime_client_of_its_base(image: Image, buildah: Buildah) -> None:
    with buildah.mounted("stand-in") as base:
        client = Path("awslambdaric")
        files = sorted(path for path in (site_packages(base) / client).rglob("*.py"))
        assert files
        for path in files:
            in_image = site_packages(image.root) / path.relative_to(site_packages(base))
            assert in_image.read_bytes() == path.read_bytes()
            assert in_image.stat().st_mtime == path.stat().st_mtime
