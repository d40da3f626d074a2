"""Changes single boxes of an MP4 file (ISO/IEC 14496-12), whether or not the result makes sense."""

from __future__ import annotations

import struct
from collections.abc import Iterator

CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"moof", b"traf", b"mvex", b"udta"}


def walk(content: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """Yields the kind, the position and the size of each box, parents before children."""
    end = len(content) if end is None else end
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", content, start)
        if size < 8 or start + size > end:
            return
        yield kind, start, size
        if kind in CONTAINERS:
            yield from walk(content, start + 8, start + size)
        start += size


def find(content: bytes, kind: bytes) -> tuple[int, int]:
    """Returns the position and the size of the first box of a kind."""
    return next((start, size) for found, start, size in walk(content) if found == kind)


def box(kind: bytes, *parts: bytes) -> bytes:
    """Returns a box."""
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def patched(content: bytes, kind: bytes, offset: int, value: bytes) -> bytes:
    """Overwrites bytes of a box. The offset counts from the end of the box's header."""
    start, _ = find(content, kind)
    at = start + 8 + offset
    return content[:at] + value + content[at + len(value) :]


def with_size(content: bytes, kind: bytes, size: int) -> bytes:
    """Overwrites the size of a box."""
    start, _ = find(content, kind)
    return content[:start] + struct.pack(">I", size) + content[start + 4 :]


def without(content: bytes, kind: bytes) -> bytes:
    """Hides a box from readers by renaming it."""
    start, _ = find(content, kind)
    return content[: start + 4] + b"free" + content[start + 8 :]


def replaced(content: bytes, kind: bytes, new: bytes) -> bytes:
    """Replaces a box by other bytes and corrects the sizes of the boxes around it."""
    start, size = find(content, kind)
    grown = len(new) - size
    changed = bytearray(content)
    for _, outer, outer_size in walk(content):
        if outer < start and outer + outer_size >= start + size:
            struct.pack_into(">I", changed, outer, outer_size + grown)
    return bytes(changed[:start]) + new + bytes(changed[start + size :])
