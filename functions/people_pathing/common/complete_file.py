"""Writes a file that is complete or is not there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def complete_file(path: Path) -> Iterator[Path]:
    """Yields a path to write to, and moves the file from there to `path` if no error occurs.

    The folder of `path` is created if necessary. An older file stays until the new one is complete. If `path`
    is a symbolic link, the file that it leads to is replaced, and the link stays.

    Raises:
        OSError: `path` is a folder, a device or another special file, or the file cannot be written.
    """
    _require_regular(path)
    with complete_own_file(Path(os.path.realpath(path))) as written:
        yield written


@contextmanager
def complete_own_file(path: Path) -> Iterator[Path]:
    """Does the same for a file whose name the program chose. If `path` is a symbolic link, it is replaced.

    The user did not name the file that the link leads to. A folder of other origin can have links out of it.

    Raises:
        OSError: `path` is a folder, a device or another special file, or the file cannot be written.
    """
    _require_regular(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # In the same file system as the target, so that the file is moved at once.
    with tempfile.TemporaryDirectory(prefix=".writing-", dir=path.parent) as scratch:
        written = Path(scratch) / path.name
        yield written
        written.replace(path)


def _require_regular(path: Path) -> None:
    if path.exists() and not path.is_file():
        # As root, a program could otherwise replace /dev/null.
        raise OSError(f"{path} is not a regular file, so it is not replaced")
