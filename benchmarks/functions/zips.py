"""Builds the zips of the functions, and finds the Python that runs them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

FUNCTIONS_FOLDER = Path(__file__).parents[2] / "functions"


def build_zips(names: tuple[str, ...], folder: Path) -> None:
    """Writes the content of each zip into a folder of its name, as `sam build` does."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    for name in names:
        (folder / name).mkdir(parents=True)
        subprocess.run(  # noqa: S603
            ["make", "--silent", f"build-{name}"],  # noqa: S607
            cwd=FUNCTIONS_FOLDER,
            env={**os.environ, "PATH": path, "ARTIFACTS_DIR": str(folder / name)},
            check=True,
            stdout=sys.stderr,
        )


def without_bytecode(zips: Path, folder: Path) -> Path:
    """Copies the zips without their bytecode, and returns the folder."""
    shutil.copytree(zips, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def lambda_python() -> str:
    """Returns Lambda's Python 3.13, or the one that runs this program if this machine has no other."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for candidate in ("python3.13", *sorted(map(str, pyenv.glob("versions/3.13.*/bin/python3.13")))):
        path = shutil.which(candidate)
        if path and subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:  # noqa: S603
            return path
    return sys.executable
