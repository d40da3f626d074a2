"""Builds the package from a clean copy of the sources and installs it into fresh virtual environments."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

REPOSITORY = Path(__file__).parents[2]
TIMEOUT_S = 300
# Nothing listens there: a download fails at once, as on a machine without a network.
NO_NETWORK = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}


@dataclass(frozen=True, slots=True)
class Installation:
    """The wheel in a virtual environment of its own, used from a folder outside the checkout.

    Attributes:
        environment: folder of the virtual environment.
        folder: the current directory of every command; its `home` is the user's home directory.
    """

    environment: Path
    folder: Path

    @property
    def python(self) -> Path:
        """The interpreter of the virtual environment."""
        return self.environment / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        """The folder with the installed packages."""
        [folder] = self.environment.glob("lib/python*/site-packages")
        return folder

    def run(self, *command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs a program of the virtual environment with none of this process's environment variables.

        Args:
            command: the program's name and its arguments.
            variables: environment variables to add.
        """
        program, *arguments = command
        return subprocess.run(
            [self.environment / "bin" / program, *arguments],
            cwd=self.folder,
            env={"HOME": str(self.folder / "home"), "PATH": os.defpath, **NO_NETWORK, **variables},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )

    def uv_pip(self, *arguments: str | Path) -> None:
        """Runs `uv pip` on this environment; uv's cache makes a repeated installation fast."""
        subcommand, *rest = arguments
        uv("pip", subcommand, "--python", self.python, *rest)


def uv(*arguments: str | Path) -> None:
    """Runs the uv of the development environment. Shows what it printed if it fails."""
    completed = subprocess.run(
        [Path(sys.executable).with_name("uv"), *arguments],
        env={**os.environ, "UV_SYSTEM_CERTS": os.environ.get("UV_SYSTEM_CERTS", "1")},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert completed.returncode == 0, completed.stderr


def copy_sources(folder: Path) -> Path:
    """Copies the files that git knows or would add into a new folder, and returns it."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        # A file that is deleted but not committed is still listed.
        if (REPOSITORY / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, folder / name)
    return folder


def build(sources: Path, kind: Literal["sdist", "wheel"], folder: Path) -> Path:
    """Builds a wheel or a source archive from a copy of the sources, and returns its path.

    Args:
        sources: folder with pyproject.toml.
        kind: what to build.
        folder: where the built file is written.
    """
    uv("build", "--quiet", f"--{kind}", "--out-dir", folder, sources)
    [built] = [path for path in folder.iterdir() if path.suffix in {".whl", ".gz"}]
    return built


def make_environment(interpreter: Path, folder: Path) -> Installation:
    """Makes an empty virtual environment in an existing folder."""
    installation = Installation(folder / "venv", folder)
    (folder / "home").mkdir()
    uv("venv", "--quiet", "--python", interpreter, installation.environment)
    return installation


def install(wheel: Path, interpreter: Path, folder: Path, extra: str = "") -> Installation:
    """Installs the wheel, and nothing else, into a new virtual environment.

    Args:
        wheel: path of the wheel.
        interpreter: the interpreter of the new environment.
        folder: an existing folder for the environment and for the commands that run in it.
        extra: an extra such as "[aws]".
    """
    installation = make_environment(interpreter, folder)
    installation.uv_pip("install", "--quiet", f"people-pathing{extra} @ {wheel.as_uri()}")
    return installation
