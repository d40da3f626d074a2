"""Lets other processes of this user find the stack that `people-pathing up` runs."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from devstack.errors import LocalStackError
from devstack.folders import BUILD

RUNNING = BUILD / "running"


@contextmanager
def announced(port: int, settings: Mapping[str, str], directory: Path = RUNNING) -> Iterator[None]:
    """Stores a stack's settings for other processes as long as the `with` block runs.

    Args:
        port: the stack's port.
        settings: the environment variables that lead to the stack. They contain its secret key, so only this
            user may read the file.
        directory: where the file is stored.
    """
    directory.mkdir(parents=True, exist_ok=True)
    path = _path(directory, port)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        # The lock says that this process is alive. The system releases it even if the process is killed.
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(json.dumps(dict(settings)))
        file.flush()
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def settings_of(port: int, directory: Path = RUNNING) -> dict[str, str]:
    """Returns the settings of the stack on a port.

    Raises:
        LocalStackError: no stack runs there.
    """
    try:
        with _path(directory, port).open() as file:
            if not _is_locked(file.fileno()):
                raise FileNotFoundError
            settings: dict[str, str] = json.load(file)
            return settings
    except (FileNotFoundError, ValueError) as error:
        raise LocalStackError(
            f"no stack runs on port {port}; start one with `people-pathing up`, or name its port with --port"
        ) from error


def _path(directory: Path, port: int) -> Path:
    return directory / f"{port}.json"


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False
