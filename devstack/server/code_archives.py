"""Unpacks the archives of functions and layers."""

import hashlib
import io
import shutil
import tempfile
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

from devstack.folders import remove_old_folders


class CodeArchives:
    """Unpacks each archive once and keeps it for later stacks.

    Unpacking the layer takes some seconds, and most stacks use the same one.
    """

    def __init__(self, directory: Path) -> None:
        """Opens the cache.

        Args:
            directory: the folder for the unpacked archives. Those not used for a week are removed.
        """
        directory.mkdir(parents=True, exist_ok=True)
        remove_old_folders(directory)
        self._directory = directory
        self._lock = threading.Lock()
        self._folders: dict[str, Path] = {}

    def unpacked(self, archive_id: str, read: Callable[[], bytes]) -> Path:
        """Returns the folder with the content of an archive.

        Args:
            archive_id: identifies the content while this server runs.
            read: returns the zip file. It is called only if this server has not unpacked the archive yet.
        """
        with self._lock:
            if archive_id not in self._folders:
                self._folders[archive_id] = self._unpack(read())
            return self._folders[archive_id]

    def _unpack(self, archive: bytes) -> Path:
        folder = self._directory / hashlib.sha256(archive).hexdigest()[:16]
        if folder.exists():
            folder.touch()
            return folder
        unfinished = Path(tempfile.mkdtemp(dir=self._directory))
        zipfile.ZipFile(io.BytesIO(archive)).extractall(unfinished)
        try:
            unfinished.rename(folder)
        except OSError:
            # The server of another stack has unpacked the same archive first.
            shutil.rmtree(unfinished)
        return folder
