"""Fills the folder that is mounted into the container: the program of the check, its libraries and a clip."""

import shutil
import subprocess
from pathlib import Path

from devstack.folders import BUILD, REPOSITORY
from people_pathing.smoke_test.clip import PATH as CLIP

PYTHON_VERSION = "3.13"
"""The version of Python in the image."""
CACHE = BUILD / "image-check"
LOCK = REPOSITORY / "requirements" / "image-check.txt"
MOUNT_POINT = "/check"
"""Where the container sees the folder."""


def fill_check_folder() -> Path:
    """Makes the folder that is mounted at MOUNT_POINT, readable for every user.

    Returns:
        Its path.
    """
    folder = CACHE / "check"
    libraries = folder / "libraries"
    lock_text = LOCK.read_text()
    installed = folder / "installed.txt"
    if not installed.exists() or installed.read_text() != lock_text:
        shutil.rmtree(folder, ignore_errors=True)
        install(libraries, "--require-hashes", "--requirement", str(LOCK))
        installed.write_text(lock_text)
    shutil.rmtree(folder / "devstack", ignore_errors=True)
    shutil.copytree(
        REPOSITORY / "devstack", folder / "devstack", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copyfile(CLIP, folder / CLIP.name)
    make_readable(folder)
    return folder


def install(target: Path, *arguments: str) -> None:
    """Installs packages for the image's Python into a folder, without their dependencies.

    Args:
        target: the folder.
        arguments: which packages, as uv understands it.

    Raises:
        subprocess.CalledProcessError: a package is not available. uv has written the reason.
    """
    subprocess.run(  # noqa: S603 - uv from our own virtual environment
        [
            *(str(REPOSITORY / ".venv" / "bin" / "uv"), "pip", "install", "--quiet", "--no-deps"),
            *("--target", str(target), "--only-binary", ":all:"),
            *("--python-version", PYTHON_VERSION, "--python-platform", "x86_64-manylinux_2_28"),
            *arguments,
        ],
        check=True,
    )


def make_readable(folder: Path) -> None:
    """Lets every user read a folder with everything in it, as `chmod -R a+rX` does."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            is_runnable = path.is_dir() or bool(mode & 0o111)
            path.chmod(mode | (0o555 if is_runnable else 0o444))
