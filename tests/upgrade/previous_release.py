"""Unpacks the previous release."""

from __future__ import annotations

import tarfile
from pathlib import Path

from devstack.sam import Release

ARCHIVE = Path(__file__).parent / "previous_release.tar.xz"
COMMIT = "b2059720abf0033941cc7a5e85be912f95fcef4a"


def unpack(folder: Path) -> Release:
    """Unpacks the previous release into a folder."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return Release(folder, folder / "functions")
