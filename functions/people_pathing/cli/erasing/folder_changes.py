"""Notices what other commands do in a result folder during an erasure."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

Contents = Mapping[str, tuple[int, ...]]
"""What tells each file of a folder from a later one of the same name. Folders have no numbers."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lets one erasure at a time work in a folder. Another one waits.

    Windows and some network file systems cannot lock a folder. There, erasures do not wait for each other.
    """
    with ExitStack() as stack:
        with suppress(OSError, ImportError):
            import fcntl

            descriptor = os.open(folder, os.O_RDONLY)
            stack.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


def contents_of(folder: Path, *, without: Path | None = None) -> Contents:
    """Returns what is in a folder now, by name.

    Args:
        folder: the folder.
        without: something in it that does not count.

    Raises:
        OSError: the folder cannot be read.
    """
    found: dict[str, tuple[int, ...]] = {}
    for path in folder.iterdir():
        if path != without:
            status = path.lstat()
            is_folder = path.is_dir()
            found[path.name] = () if is_folder else (status.st_ino, status.st_size, status.st_mtime_ns)
    return found
