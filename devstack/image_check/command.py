"""The command: builds the worker's image, unless Docker has built it, and runs the steps of a job in it."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from devstack.folders import FUNCTIONS
from devstack.image_check.buildah import Buildah, CannotRunError
from devstack.image_check.check_folder import CACHE, MOUNT_POINT, PYTHON_VERSION, fill_check_folder
from devstack.image_check.sandbox import Program, run_with_crun, run_with_docker
from devstack.image_check.stand_in_base import ENVIRONMENT, NoStandInError, find_python, make_stand_in
from people_pathing.smoke_test.clip import PATH as CLIP
from people_pathing.smoke_test.clip import PEOPLE

MODEL_FOLDER = "/opt/models"
_WITHOUT_MODELS = {"TRACKING_MODEL": "", "REIDENTIFICATION_MODEL": "none"}
_BASE, _WORKER = "stand-in", "worker"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command. Returns the exit status: 0 also where buildah cannot run, unless CI is set."""
    parser = argparse.ArgumentParser(
        prog="python -m devstack.image_check",
        description="Runs the steps of a job in the worker's image as Lambda would: as another user, on a "
        "read-only file system, and without a network.",
    )
    parser.add_argument(
        "--docker-image",
        metavar="NAME",
        help="an image that Docker has, with the default models; without this option, buildah builds the "
        "image over a stand-in for AWS's base image",
    )
    chosen = parser.parse_args(arguments)
    if chosen.docker_image:
        return run_with_docker(chosen.docker_image, steps({}, {}))
    return check_or_say_why_not(Buildah(CACHE / "storage"), os.environ)


def check_or_say_why_not(buildah: Buildah, environment: Mapping[str, str]) -> int:
    """Runs `check_built_image` if that is possible here. Returns the exit status, see `main`."""
    try:
        return check_built_image(buildah, environment)
    except (CannotRunError, NoStandInError) as error:
        print(f"image-check: not run, because {error}", file=sys.stderr)
        return 1 if environment.get("CI") else 0


def check_built_image(buildah: Buildah, environment: Mapping[str, str]) -> int:
    """Builds the image over a stand-in base and runs the steps in it. Returns the exit status.

    Args:
        buildah: builds and mounts images.
        environment: may name model files in TRACKING_MODEL and REIDENTIFICATION_MODEL. They are mounted where
            the image has its models. Without them, people are detected with HOG and linked by their colours.
    """
    build_image(buildah)
    print(f"built functions/worker/Dockerfile over a stand-in base with Python {PYTHON_VERSION}", flush=True)
    return run_steps(buildah, environment)


def build_image(buildah: Buildah) -> None:
    """Builds the worker's image, from files that only their owner may read.

    Raises:
        CannotRunError: buildah does not work here.
        NoStandInError: this machine lacks something for the stand-in.
    """
    buildah.check()
    python = find_python()
    old_umask = os.umask(0o077)
    try:
        _build_base(buildah, python)
        context = _private_copy_of_sources()
        wheels, pip_settings = _downloaded_wheels(python)
        buildah.build(
            _WORKER,
            context / "worker" / "Dockerfile",
            context,
            # Models come from the internet, which a build here cannot reach.
            arguments={"BASE_IMAGE": f"localhost/{_BASE}", "MODELS": ""},
            mounts={"/wheels": wheels, "/etc/pip.conf": pip_settings},
        )
    finally:
        os.umask(old_umask)
    buildah.remove_old_images()


def run_steps(buildah: Buildah, environment: Mapping[str, str]) -> int:
    """Runs the steps in the image that `build_image` has built. Returns the exit status."""
    with buildah.mounted(_WORKER) as root:
        return run_steps_in(root, buildah.environment_of(_WORKER), environment)


def run_steps_in(root: Path, image_environment: Sequence[str], environment: Mapping[str, str]) -> int:
    """Runs the steps in a root file system. Returns the exit status."""
    named = {name: Path(environment.get(name, "")).absolute() for name in _WITHOUT_MODELS}
    files = {name: file for name, file in named.items() if file.is_file()}
    paths = {name: f"{MODEL_FOLDER}/{file.name}" for name, file in files.items()}
    settings = {} if "TRACKING_MODEL" in paths else {"DETECTOR": "hog"}
    settings |= _WITHOUT_MODELS | paths
    models = {paths[name]: file for name, file in files.items()}
    return run_with_crun(root, image_environment, steps(settings, models), CACHE / "sandbox")


def steps(settings: Mapping[str, str], models: Mapping[str, Path]) -> Program:
    """Returns the program that runs the steps in the image.

    Args:
        settings: environment variables of the functions that differ from the template's defaults.
        models: model files, by their paths in the image.
    """
    folder = fill_check_folder()
    chosen = [f"--set={name}={value}" for name, value in settings.items()]
    return Program(
        (
            *(f"/var/lang/bin/python{PYTHON_VERSION}", "-m", "devstack.image_check.steps", *chosen),
            *(f"{MOUNT_POINT}/{CLIP.name}", str(len(PEOPLE))),
        ),
        environment={"PYTHONPATH": f"{MOUNT_POINT}:{MOUNT_POINT}/libraries", "PYTHONDONTWRITEBYTECODE": "1"},
        mounts={MOUNT_POINT: folder, **models},
    )


def _build_base(buildah: Buildah, python: Path) -> None:
    root = CACHE / "base"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    make_stand_in(root, python)
    dockerfile = CACHE / "base.Dockerfile"
    variables = " ".join(f"{name}={value}" for name, value in ENVIRONMENT.items())
    dockerfile.write_text(
        f'FROM scratch\nCOPY . /\nENV {variables}\nWORKDIR /var/task\nENTRYPOINT ["/lambda-entrypoint.sh"]\n'
    )
    buildah.build(_BASE, dockerfile, root)


def _private_copy_of_sources() -> Path:
    """Copies the build context, so that the image can only be readable if the Dockerfile makes it so."""
    context = CACHE / "context"
    shutil.rmtree(context, ignore_errors=True)
    shutil.copytree(FUNCTIONS, context, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for path in context.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return context


def _downloaded_wheels(python: Path) -> tuple[Path, Path]:
    """Downloads what the image installs. Returns the folder, and settings that make pip use only that."""
    wheels, settings = CACHE / "wheels", CACHE / "pip.conf"
    lock = FUNCTIONS / "worker" / "requirements.txt"
    downloaded = CACHE / "downloaded.txt"
    if not downloaded.exists() or downloaded.read_text() != lock.read_text():
        shutil.rmtree(wheels, ignore_errors=True)
        subprocess.run(  # noqa: S603 - pip
            [
                *(str(python), "-m", "pip", "download", "-qq", "--disable-pip-version-check", "--no-deps"),
                *("--require-hashes", "--only-binary", ":all:", "--dest", str(wheels)),
                *("--requirement", str(lock)),
            ],
            check=True,
        )
        downloaded.write_text(lock.read_text())
    settings.write_text("[global]\nno-index = true\nfind-links = /wheels\n")
    return wheels, settings
