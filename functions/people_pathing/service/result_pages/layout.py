"""The layout of a result object: a job's observations in both orders, so that any page is one ranged read.

The object is a sequence of blocks, each for up to 1000 observations:

    | the block's observations in TIMESTAMP order | header | the block's observations in INDEX order |

An observation is 108 bytes, little-endian: timestamp in ms (int64), the person's index (int32), the box as
left, top, width and height in ratios (float32), then the numbers of `FaceDetail` (float32). A face with
confidence 0 means that no face was detected.

In the last block, zeros fill the first part, so that every header is at a known position. The header is JSON
padded with spaces, and is the same in every block. Whichever page is read, the read therefore includes what
every reply contains (video, metadata, tag) and the secret that signs page tokens.

Both orders are in one object, so a reader sees both or neither.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from people_pathing.service.result_pages.person import FaceDetail, PersonDetection

SortOrder = Literal["TIMESTAMP", "INDEX"]
ORDERS: tuple[SortOrder, ...] = ("TIMESTAMP", "INDEX")

PAGE_SIZE = 1000
OBSERVATION = struct.Struct("<qi4f20f")
PART_BYTES = PAGE_SIZE * OBSERVATION.size
_CONFIDENCE = 10

HEADER_BYTES = 12 * 1024
"""Room for the longest key, version and tag: each has up to 1024 bytes, and JSON can need six for one."""

BLOCK_BYTES = PART_BYTES + HEADER_BYTES + PART_BYTES


@dataclass(frozen=True, slots=True)
class Header:
    """What every page of a finished job has in common.

    Attributes:
        job_id: the JobId.
        account: the caller's AWS account.
        secret: hexadecimal digits; the key that signs page tokens.
        ended_ms: when the job ended.
        observation_count: how many observations the result has.
        video: the API's Video structure.
        job_tag: the caller's JobTag, or None.
        metadata: the API's VideoMetadata structure.
        provenance: the value of the HTTP header that says how the result was made; None in results of
            versions that sent no such header.
    """

    job_id: str
    account: str
    secret: str
    ended_ms: int
    observation_count: int
    video: Mapping[str, Any]
    job_tag: str | None
    metadata: Mapping[str, Any]
    provenance: str | None = None

    def to_bytes(self) -> bytes:
        """Returns the header padded to HEADER_BYTES. Raises ValueError if it is longer."""
        data = json.dumps(asdict(self), ensure_ascii=False).encode()
        if len(data) > HEADER_BYTES:
            raise ValueError(f"the header has {len(data)} bytes; at most {HEADER_BYTES} fit")
        return data.ljust(HEADER_BYTES)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Reads what `to_bytes` wrote."""
        return cls(**json.loads(data))


def unpacked(numbers: Sequence[Any]) -> PersonDetection:
    """Returns the observation that consists of these numbers, in the order of OBSERVATION."""
    is_face = numbers[_CONFIDENCE] > 0
    face = FaceDetail._make([*numbers[6:16], tuple(numbers[16:])]) if is_face else None
    return PersonDetection._make([*numbers[:6], face])


@dataclass(frozen=True, slots=True)
class PageRange:
    """The bytes of a result object that hold one page and a header.

    Attributes:
        order: the order of the page.
        first: number of the page's first observation in that order.
        count: how many observations the page has, 1..PAGE_SIZE. Fewer at the end of the result.
    """

    order: SortOrder
    first: int
    count: int

    @property
    def start(self) -> int:
        """Returns the position of the first byte."""
        # In INDEX order the header is in front of the block's observations, so reading starts there.
        if self.order == "TIMESTAMP":
            return self._observation_at(self.first)
        return self._header_at

    @property
    def end(self) -> int:
        """Returns the position after the last byte."""
        last_end = self._observation_at(self.first + self.count - 1) + OBSERVATION.size
        return max(last_end, self._header_at + HEADER_BYTES)

    def header(self, data: bytes) -> Header | None:
        """Returns the header, or None if the object ends before it.

        Args:
            data: bytes start..end of the object, as far as it goes.
        """
        at = self._header_at - self.start
        found = data[at : at + HEADER_BYTES]
        return Header.from_bytes(found) if len(found) == HEADER_BYTES else None

    def observations(self, data: bytes, observation_count: int) -> list[PersonDetection]:
        """Returns the page's observations.

        Args:
            data: bytes start..end of the object, as far as it goes.
            observation_count: how many observations the result has, as the header says.

        Raises:
            ValueError: the object ends before the page does.
        """
        found: list[PersonDetection] = []
        number, end = self.first, min(self.first + self.count, observation_count)
        while number < end:
            # The page may begin in one block and end in the next.
            part_end = min(end, (number // PAGE_SIZE + 1) * PAGE_SIZE)
            start = self._observation_at(number) - self.start
            size = (part_end - number) * OBSERVATION.size
            part = data[start : start + size]
            if len(part) != size:
                raise ValueError(f"the result ends {size - len(part)} bytes before the end of a page")
            found += map(unpacked, OBSERVATION.iter_unpack(part))
            number = part_end
        return found

    @property
    def _header_at(self) -> int:
        return self.first // PAGE_SIZE * BLOCK_BYTES + PART_BYTES

    def _observation_at(self, number: int) -> int:
        block, row = divmod(number, PAGE_SIZE)
        part = 0 if self.order == "TIMESTAMP" else PART_BYTES + HEADER_BYTES
        return block * BLOCK_BYTES + part + row * OBSERVATION.size
