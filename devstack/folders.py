"""Names the folders that the local stack uses, cleans its caches and reads its logs."""

import shutil
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
TOOLS = REPOSITORY / ".venv-aws"
"""The virtual environment that has sam and MiniStack."""
BUILD = REPOSITORY / ".build"
FUNCTIONS = REPOSITORY / "functions"

_WEEK_S = 7 * 24 * 3600


def remove_old_folders(directory: Path) -> None:
    """Removes the subfolders that have not changed for a week.

    Args:
        directory: a folder whose subfolders are caches or logs.
    """
    for folder in directory.iterdir():
        if folder.is_dir() and time.time() - folder.stat().st_mtime > _WEEK_S:
            shutil.rmtree(folder, ignore_errors=True)


def last_lines(log: Path, count: int = 30) -> list[str]:
    """Returns the last lines of a log file, for an error message."""
    return log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]
