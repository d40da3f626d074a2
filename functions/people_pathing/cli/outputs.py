"""Checks where a command will write, without creating or changing anything.

Tracking may take hours, so a command checks all its files before the work. A command that is refused leaves
nothing behind.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from people_pathing.cli.errors import CommandError

FEWEST_FREE_BYTES = 1 << 20
"""How large results are depends on the people, so only a disk that is already full can be refused."""


def require_outputs(files: Sequence[Path]) -> None:
    """Makes sure that each file can be written or replaced, and that no file is in the place of another.

    Args:
        files: the files that a command will write. Neither they nor their folders need exist yet.

    Raises:
        CommandError: a file cannot be written, or two of the files exclude each other.
    """
    for file in files:
        _require_regular(file)
        # An export replaces the target of a link. The target may be in another folder.
        _require_creatable(Path(os.path.realpath(file)) if file.is_symlink() else file)
    real_paths: dict[Path, Path] = {}
    for file in files:
        real_path = Path(os.path.realpath(file))
        if real_path in real_paths:
            raise CommandError(f"{file} would be written twice; choose another file")
        real_paths[real_path] = file
    for real_path, file in real_paths.items():
        if above := next((real_paths[parent] for parent in real_path.parents if parent in real_paths), None):
            raise CommandError(f"{above} cannot be a file and the folder of {file}; choose another file")


def require_no_link(file: Path) -> None:
    """Makes sure that an output with a default name is no link, which could lead out of its folder.

    Raises:
        CommandError: it is a symbolic link, whose target would be replaced.
    """
    if file.is_symlink():
        raise CommandError(
            f"{file} is a link to {file.readlink()}, which would be replaced; delete the link, or name a "
            "file with --out"
        )


def require_no_inputs(files: Iterable[Path], inputs: Mapping[str, Path | None]) -> None:
    """Makes sure that no output replaces a file that the command reads.

    Args:
        files: the files that a command will write.
        inputs: the files that it reads, by what they are, for example "the video".

    Raises:
        CommandError: a file is an input, perhaps by another name.
    """
    for file in files:
        for name, path in inputs.items():
            if path and type_of(file) and type_of(path) and file.samefile(path):
                raise CommandError(f"{file} is {name} itself; choose another file")


def type_of(path: Path) -> int | None:
    """Returns the type of a file or folder as in `stat.S_IFMT`, or None if there is none.

    Raises:
        CommandError: this cannot be found out, for example because a folder on the way may not be entered.
    """
    try:
        return stat.S_IFMT(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error


def _require_regular(file: Path) -> None:
    found = type_of(file)
    if found == stat.S_IFDIR:
        raise CommandError(f"{file} is a folder, but a file must be written there; choose another place")
    if found not in (None, stat.S_IFREG):
        raise CommandError(f"{file} is not a regular file, so it is not replaced; choose another file")


def _require_creatable(file: Path) -> None:
    """Makes sure that a file can be written into its folder, or that the folder can be created."""
    try:
        existing = _nearest_existing(file.parent)
        if existing.is_symlink() and not existing.exists():
            raise CommandError(f"{existing} is a link to a place that does not exist; choose another folder")
        tempfile.TemporaryFile(dir=existing).close()
        free_bytes = shutil.disk_usage(existing).free
        for name in file.relative_to(existing).parts:
            # The system finds a name too long only in a folder that exists.
            with suppress(FileNotFoundError):
                (existing / name).lstat()
    except OSError as error:
        raise CommandError(f"{file.parent}: no file can be written there ({error.strerror})") from error
    if free_bytes < FEWEST_FREE_BYTES:
        raise CommandError(f"{file.parent}: the disk is full; delete something, or choose another folder")


def _nearest_existing(path: Path) -> Path:
    """Returns the path, or the closest of the folders around it that exists. A broken link exists."""
    try:
        path.lstat()
    except FileNotFoundError:
        return _nearest_existing(path.parent)
    return path
