"""Finds the Python interpreters of this machine that the wheel supports."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SUPPORTED_VERSIONS = ("3.11", "3.12", "3.13")


def find_interpreter(version: str) -> Path | None:
    """Returns an interpreter of a version such as "3.12", or None if this machine has none that runs."""
    return next((path for path in _candidates(version) if _version_of(path) == version), None)


def _candidates(version: str) -> Iterator[Path]:
    yield Path(sys.executable)
    if on_path := shutil.which(f"python{version}"):
        yield Path(on_path)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    # `python -m venv` is not used here, so a patch release is as good as any other.
    yield from sorted(pyenv.glob(f"versions/{version}*/bin/python{version}"))


def _version_of(interpreter: Path) -> str | None:
    """Returns the version that an interpreter reports, or None if it does not run (an unselected shim)."""
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    completed = subprocess.run([interpreter, "-c", program], capture_output=True, text=True, check=False)
    return completed.stdout.strip() if completed.returncode == 0 else None
