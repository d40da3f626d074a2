"""Objects that S3 keeps in an archive. They must be restored before they can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import HeadObjectOutputTypeDef

ARCHIVE_CLASSES = frozenset({"GLACIER", "DEEP_ARCHIVE"})


def archive_of(head: HeadObjectOutputTypeDef) -> str | None:
    """Returns the archive that an object is in, or None. The object may have been restored from it.

    Intelligent-Tiering archives objects without changing their storage class.
    """
    storage_class = head.get("StorageClass")
    return head.get("ArchiveStatus") or (storage_class if storage_class in ARCHIVE_CLASSES else None)
