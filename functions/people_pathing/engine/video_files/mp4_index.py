"""Says whether an MP4 or MOV file has lost its index, without which no frame can be found.

Format: ISO/IEC 14496-12, 4.2: a file is a sequence of boxes, each with its size and type. Recorders write the
index, the box `moov`, when a recording ends. A copy that stops too early then has none.
"""

from __future__ import annotations

from typing import Protocol

FIRST_TYPES = frozenset({b"ftyp", b"wide", b"mdat", b"free", b"skip", b"pnot"})
MAX_BOXES = 1000
"""Files have few boxes at their top level. There may be more fragments, but they follow an index."""
_HEADER_BYTES, _LONG_HEADER_BYTES = 8, 16


class SeekableFile(Protocol):
    """What this module needs of a file."""

    def seek(self, offset: int, /) -> int:
        """Moves to a place in the file."""

    def read(self, size: int, /) -> bytes:
        """Reads from there."""


def lacks_index(file: SeekableFile, size_bytes: int) -> bool:
    """Returns whether a file begins like MP4 or MOV and has no whole index.

    Args:
        file: the file. Its position changes.
        size_bytes: the size of the file.
    """
    position = 0
    for number in range(MAX_BOXES):
        file.seek(position)
        header = file.read(_LONG_HEADER_BYTES)
        kind = header[4:_HEADER_BYTES]
        if number == 0 and kind not in FIRST_TYPES:
            return False
        length = int.from_bytes(header[:4])
        if length == 1:
            length = int.from_bytes(header[_HEADER_BYTES:])
        # A length of 0 means that the box ends with the file.
        end = position + length if length else size_bytes
        if kind == b"moov":
            return end > size_bytes
        if len(header) < _HEADER_BYTES or end <= position or end >= size_bytes:
            return True
        position = end
    return False
