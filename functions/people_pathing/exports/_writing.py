"""Writes the file of an export: it is complete or it is not there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def complete_file(path: Path) -> Iterator[Path]:
    """Yields a path to write to, and moves the file from there to `path` if no error occurs.

    The folder of `path` is created if necessary. An older file stays until the new one is complete.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # In the same file system as `path`, so that the file is moved at once.
    with tempfile.TemporaryDirectory(prefix=".export-", dir=path.parent) as scratch:
        written = Path(scratch) / path.name
        yield written
        written.replace(path)
