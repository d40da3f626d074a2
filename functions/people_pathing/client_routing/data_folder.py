"""Reads, writes and removes the data files of people-pathing, and no others, in one folder of botocore."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from people_pathing.client_routing.data_files import (
    FOLDER,
    OPERATIONS_FILE,
    RULES_FILE,
    Content,
    read_content,
)
from people_pathing.client_routing.route import Route
from people_pathing.common.complete_file import complete_file

FILE_MODE = 0o644
"""All users may read the files. Only their owner may change where requests go."""

FOLDER_MODE = 0o755

# botocore would read these instead of the files of people-pathing, or would lose the rules in them.
_CONFLICTING = (
    f"{OPERATIONS_FILE}.gz",
    f"{RULES_FILE}.gz",
    f"{FOLDER}/endpoint-rule-set-1.json",
    f"{FOLDER}/endpoint-rule-set-1.json.gz",
)


class ForeignFileError(Exception):
    """A file of the user is where a file of people-pathing has to be written or removed."""


class DataFolder:
    """A folder of data files.

    Args:
        path: the folder. It need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def files(self) -> tuple[Path, Path]:
        """Returns the paths of the files that people-pathing writes. They need not exist."""
        return self.path / OPERATIONS_FILE, self.path / RULES_FILE

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lets one process at a time read the routes and write them with a change. Creates the folder."""
        _create_folder(self.path)
        with ExitStack() as stack:
            # Windows and some network file systems cannot lock a folder. The files are then written without
            # a lock.
            with suppress(OSError, ImportError):
                import fcntl

                descriptor = os.open(self.path, os.O_RDONLY)
                stack.callback(os.close, descriptor)
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield

    def contents(self) -> dict[str, Content]:
        """Returns what the files say, by their paths inside the folder. A missing file is left out.

        Raises:
            ForeignFileError: people-pathing did not make the file that has one of its names.
        """
        found = {}
        for name in (OPERATIONS_FILE, RULES_FILE):
            try:
                text = (self.path / name).read_text(encoding="utf-8", errors="replace")
            except (FileNotFoundError, NotADirectoryError):
                continue
            content = read_content(text)
            if content is None:
                raise ForeignFileError(
                    f"{self.path / name} was not made by people-pathing, so it is not changed; move it away, "
                    "or name another folder with --out"
                )
            found[name] = content
        return found

    def routes(self) -> tuple[Route, ...]:
        """Returns the routes in the files, in the order of their regions. Raises what `contents` raises."""
        content = self.contents().get(RULES_FILE)
        return content.routes if content else ()

    def require_writable_by_us(self) -> None:
        """Makes sure that writing replaces no file of the user, and that botocore will read what is written.

        Raises:
            ForeignFileError: a file is in the way.
        """
        self.contents()
        for name in _CONFLICTING:
            if (self.path / name).exists():
                raise ForeignFileError(
                    f"{self.path / name} has settings for Rekognition that would not work any more; "
                    "move it away, or name another folder with --out"
                )

    def write(self, files: Mapping[str, str]) -> None:
        """Writes the files, each at once. The folders above them are created.

        Args:
            files: the text of each file by its path inside the folder.
        """
        for name, text in files.items():
            path = self.path / name
            _create_folder(path.parent)
            with complete_file(path) as scratch:
                scratch.write_text(text, encoding="utf-8")
                scratch.chmod(FILE_MODE)

    def remove(self) -> None:
        """Removes the files, and the folders inside this one that are then empty.

        Raises:
            ForeignFileError: people-pathing did not make the file that has one of its names.
        """
        names = self.contents()
        for name in names:
            (self.path / name).unlink()
        for folder in (self.path / FOLDER, (self.path / FOLDER).parent):
            if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
                folder.rmdir()


def _create_folder(path: Path) -> None:
    # The mode of `mkdir(parents=True)` does not apply to the parents.
    for folder in reversed([path, *path.parents]):
        if not folder.exists():
            folder.mkdir(FOLDER_MODE, exist_ok=True)
