"""A bucket of the fake S3, with the versions of its objects."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

MAX_HASHED_BYTES = 4096
"""An MD5 of a large result would take longer than everything else that is done with it."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object. A delete marker has no data."""

    version_id: str
    data: bytes | None
    written_s: float

    @property
    def etag(self) -> str:
        return etag_of(self.data or b"")


Watcher = Callable[[str, bytes | None], None]


@dataclass(slots=True)
class Bucket:
    """A bucket.

    Attributes:
        is_versioned: whether an overwrite keeps the old version.
        versions: the versions of each object, the newest last.
        uploads: the parts of multipart uploads that are not complete: key and parts by upload id.
        id_count: how many versions and uploads were named.
        watchers: are called with the key and the data, or None, after every change.
    """

    is_versioned: bool = False
    versions: dict[str, list[Version]] = field(default_factory=dict)
    uploads: dict[str, tuple[str, dict[int, bytes]]] = field(default_factory=dict)
    id_count: int = 0
    watchers: list[Watcher] = field(default_factory=list)

    def new_id(self, kind: str) -> str:
        """Returns the id of a new version or upload."""
        self.id_count += 1
        return f"{kind}-{self.id_count}"

    def store(self, key: str, data: bytes | None, now_s: float) -> Version:
        """Stores a version of an object, or a delete marker."""
        version = Version(self.new_id("version") if self.is_versioned else "null", data, now_s)
        self.versions[key] = [*(self.versions.get(key, []) if self.is_versioned else []), version]
        for watch in self.watchers:
            watch(key, data)
        return version

    def current(self, key: str) -> Version | None:
        """Returns the newest version, unless it is a delete marker."""
        found = self.versions.get(key)
        return found[-1] if found and found[-1].data is not None else None

    def keys(self, prefix: str = "") -> list[str]:
        """Returns the keys of the objects that exist, in order."""
        return sorted(key for key in self.versions if key.startswith(prefix) and self.current(key))


def etag_of(data: bytes) -> str:
    """Returns an ETag. As at AWS, the same bytes give the same ETag; it is not always an MD5."""
    if len(data) > MAX_HASHED_BYTES:
        return f'"{zlib.crc32(data):08x}-1"'
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'
