"""Splits H.264 and HEVC packets into NAL units, and reads the numbers in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

HEADER_BYTES = 96
"""More than is read of any NAL unit."""
MAX_UNITS = 1000
"""A picture has at most 600 slices (H.264, A.3.1)."""
START_CODE = b"\0\0\1"
UNKNOWN = b"\xff\xff"
"""A unit of a type that no usual picture has."""


@dataclass(frozen=True, slots=True)
class PictureHeader:
    """What its header tells about a picture.

    Attributes:
        order: pictures are shown in this order.
        is_needed: whether other pictures may depend on it.
    """

    order: tuple[int, int]
    is_needed: bool


class Headers(Protocol):
    """Follows the pictures of one stream in the order in which they are decoded."""

    def read(self, packet: bytes) -> PictureHeader | None:
        """Reads the header of the next packet. Returns None if it is not exactly one usual picture."""


class Bits:
    """Reads the bits of a NAL unit. After its end, there are zeros."""

    def __init__(self, unit: bytes) -> None:
        """Starts at the first bit."""
        content = unit.replace(b"\0\0\3", b"\0\0")
        self._bits = int.from_bytes(content)
        self._left = 8 * len(content)

    def read(self, count: int) -> int:
        """Returns an unsigned number of some bits."""
        self._left -= count
        return self._bits >> self._left & (1 << count) - 1 if self._left >= 0 else 0

    def read_many(self, count: int) -> list[int]:
        """Returns some unsigned numbers in the Exp-Golomb code (Recommendation ITU-T H.264, 9.1)."""
        return [self._exp_golomb() for _ in range(count)]

    def _exp_golomb(self) -> int:
        zeros = 0
        while self._left > 0 and not self.read(1):
            zeros += 1
        return (1 << zeros) - 1 + self.read(zeros)


class DisplayOrder:
    """Completes the orders of pictures. Headers have only their last bits.

    The picture order count of H.264 (8.2.1.1) and HEVC (8.3.1) is near that of the last picture of a kind.
    """

    def __init__(self) -> None:
        """Starts before the first picture."""
        self._sequence = 0
        self._near = 0

    def restart(self) -> None:
        """Begins a sequence. All its pictures are shown after those before."""
        self._sequence += 1
        self._near = 0

    def complete(self, last_bits: int, count: int, *, is_kept: bool) -> tuple[int, int]:
        """Returns the order of the next picture.

        Args:
            last_bits: what the header has.
            count: number of bits.
            is_kept: whether the next orders are near this one.
        """
        distance = (last_bits - self._near) % (1 << count)
        order = self._near + (distance if distance <= 1 << count - 1 else distance - (1 << count))
        if is_kept:
            self._near = order
        return self._sequence, order


def units(packet: bytes, length_bytes: int) -> Iterator[bytes]:
    """Yields the beginning of each NAL unit, or UNKNOWN for one without content or for too many.

    Args:
        packet: the packet.
        length_bytes: size of the length before each unit; 0 if each follows a start code (Annex B).
    """
    found = _after_lengths(packet, length_bytes) if length_bytes else _after_start_codes(packet)
    yield from islice(found, MAX_UNITS)
    if next(found, None):
        yield UNKNOWN


def _after_lengths(content: bytes, length_bytes: int) -> Iterator[bytes]:
    at = 0
    while at < len(content):
        start = at + length_bytes
        at = start + int.from_bytes(content[at:start])
        yield content[start : min(at, start + HEADER_BYTES)] if start < at <= len(content) else UNKNOWN


def _after_start_codes(content: bytes) -> Iterator[bytes]:
    at = content.find(START_CODE)
    while at >= 0:
        start = at + len(START_CODE)
        at = content.find(START_CODE, start)
        end = len(content) if at < 0 else at
        yield content[start : min(end, start + HEADER_BYTES)] or UNKNOWN
