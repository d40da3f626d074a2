"""A finished job's observations in one object, laid out so that any page is one ranged read.

The object is a row of blocks, each for up to 1000 observations:

    | the block's observations in TIMESTAMP order | header | the block's observations in INDEX order |

An observation is 108 bytes: timestamp in ms (int64), person's index (int32), left, top, width, height as
ratios (float32), then as many float32 as `Face` has numbers, all little-endian; a confidence of 0 says that
no face was seen. The first part is padded with zeros in the last block, so that every header is where it is
looked for. The header, JSON padded with blanks, is the same in every block: whichever
page is read, what every page has to say (video, metadata, tag) and its token's secret come along.

Both orders appear at once or not at all, because they are one object.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, NamedTuple, Self

from people_pathing.service.protocol.errors import InvalidPaginationTokenException

SortOrder = Literal["TIMESTAMP", "INDEX"]

PAGE_SIZE = 1000
OBSERVATION = struct.Struct("<qi4f20f")
PART_BYTES = PAGE_SIZE * OBSERVATION.size
HEADER_BYTES = 12 * 1024
"""Room for the longest key (1024 bytes, each of which JSON may spell in six), version and tag."""
BLOCK_BYTES = PART_BYTES + HEADER_BYTES + PART_BYTES

LANDMARK_TYPES = ("eyeLeft", "eyeRight", "nose", "mouthLeft", "mouthRight")
"""In the order in which GetPersonTracking gave them."""

TOKEN_LIFE_S = 24 * 3600
TOKEN_FIELDS = struct.Struct(">BBQI")
TOKEN_FORMAT = 1
TOKEN_MAC_BYTES = 16
ORDERS: tuple[SortOrder, ...] = ("TIMESTAMP", "INDEX")


@dataclass(frozen=True, slots=True)
class Header:
    """What a finished job says on every page.

    video, metadata   as the API spells them
    """

    job_id: str
    account: str
    secret: str
    ended_at_ms: int
    observation_count: int
    video: Mapping[str, Any]
    job_tag: str | None
    metadata: Mapping[str, Any]

    def to_bytes(self) -> bytes:
        """The header padded to HEADER_BYTES; raises ValueError if it has no room for it."""
        data = json.dumps(asdict(self), ensure_ascii=False).encode()
        if len(data) > HEADER_BYTES:
            raise ValueError(f"the header takes {len(data)} bytes; there is room for {HEADER_BYTES}")
        return data.ljust(HEADER_BYTES)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        return cls(**json.loads(data))


class Face(NamedTuple):
    """A face at one moment.

    left, top, width, height   in ratios of the frame
    confidence, brightness, sharpness   0..100
    pitch, roll, yaw           degrees, -180..180
    landmarks                  x and y, in ratios of the frame, of each of LANDMARK_TYPES
    """

    left: float
    top: float
    width: float
    height: float
    confidence: float
    pitch: float
    roll: float
    yaw: float
    brightness: float
    sharpness: float
    landmarks: tuple[float, ...]


class Observation(NamedTuple):
    """One person at one moment; the box in ratios of the frame."""

    timestamp_ms: int
    person_index: int
    left: float
    top: float
    width: float
    height: float
    face: Face | None = None

    @classmethod
    def of(cls, values: Sequence[Any]) -> Self:
        """The observation whose numbers these are, in the order of OBSERVATION."""
        face = Face._make([*values[6:16], tuple(values[16:])])
        return cls._make([*values[:6], face if face.confidence > 0 else None])


@dataclass(frozen=True, slots=True)
class PageRange:
    """Which bytes hold a page of up to `count` observations from number `first`, and its header."""

    order: SortOrder
    first: int
    count: int

    @property
    def start(self) -> int:
        if self.order == "TIMESTAMP":
            return self._observation_at(self.first)
        return self._header_at

    @property
    def end(self) -> int:
        last_ends = self._observation_at(self.first + self.count - 1) + OBSERVATION.size
        return max(last_ends, self._header_at + HEADER_BYTES)

    @property
    def _header_at(self) -> int:
        return self.first // PAGE_SIZE * BLOCK_BYTES + PART_BYTES

    def _observation_at(self, number: int) -> int:
        block, row = divmod(number, PAGE_SIZE)
        part = 0 if self.order == "TIMESTAMP" else PART_BYTES + HEADER_BYTES
        return block * BLOCK_BYTES + part + row * OBSERVATION.size

    def header(self, data: bytes) -> Header | None:
        """The header among the bytes start..end, None if the object does not go so far."""
        at = self._header_at - self.start
        found = data[at : at + HEADER_BYTES]
        return Header.from_bytes(found) if len(found) == HEADER_BYTES else None

    def observations(self, data: bytes, observation_count: int) -> list[Observation]:
        """The page's observations among the bytes start..end."""
        numbers = range(self.first, min(self.first + self.count, observation_count))
        return [
            Observation.of(OBSERVATION.unpack_from(data, self._observation_at(number) - self.start))
            for number in numbers
        ]


@dataclass(frozen=True, slots=True)
class PageToken:
    """Where the next page begins, as the client hands it back. Not to be trusted until `check` has passed."""

    order: SortOrder
    first: int
    issued_at_s: int
    mac: bytes

    @classmethod
    def issue(cls, header: Header, order: SortOrder, first: int, issued_at_s: int) -> Self:
        token = cls(order, first, issued_at_s, b"")
        return replace(token, mac=token._expected_mac(header))

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises InvalidPaginationTokenException when the text can be no token of ours."""
        try:
            data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            token_format, order, first, issued_at_s = TOKEN_FIELDS.unpack(data[: TOKEN_FIELDS.size])
            if token_format != TOKEN_FORMAT or str(cls(ORDERS[order], first, issued_at_s, data[14:])) != text:
                raise ValueError
        except (ValueError, IndexError, struct.error, binascii.Error) as error:
            raise invalid_token() from error
        return cls(ORDERS[order], first, issued_at_s, data[TOKEN_FIELDS.size :])

    def check(self, header: Header, order: SortOrder, now_s: float) -> None:
        """Raises InvalidPaginationTokenException unless issued for this job and order, unchanged, in time."""
        is_ours = hmac.compare_digest(self.mac, self._expected_mac(header))
        if not is_ours or order != self.order or now_s - self.issued_at_s >= TOKEN_LIFE_S:
            raise invalid_token()

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(self._packed() + self.mac).rstrip(b"=").decode()

    def _packed(self) -> bytes:
        return TOKEN_FIELDS.pack(TOKEN_FORMAT, ORDERS.index(self.order), self.first, self.issued_at_s)

    def _expected_mac(self, header: Header) -> bytes:
        message = f"{header.job_id}/{header.account}/".encode() + self._packed()
        return hmac.digest(bytes.fromhex(header.secret), message, "sha256")[:TOKEN_MAC_BYTES]


def invalid_token() -> InvalidPaginationTokenException:
    return InvalidPaginationTokenException(
        "The NextToken was not issued for this JobId and SortBy, has been changed, or is older than 24 hours"
    )


def person(observation: Observation) -> dict[str, Any]:
    """An observation as the API spells it."""
    detail: dict[str, Any] = {"Index": observation.person_index, "BoundingBox": _box(observation)}
    if observation.face is not None:
        detail["Face"] = _face(observation.face)
    return {"Timestamp": observation.timestamp_ms, "Person": detail}


def _box(of: Observation | Face) -> dict[str, float]:
    return {"Width": of.width, "Height": of.height, "Left": of.left, "Top": of.top}


def _face(face: Face) -> dict[str, Any]:
    """The default attributes of FaceDetail: all that GetPersonTracking ever gave."""
    points = zip(LANDMARK_TYPES, face.landmarks[::2], face.landmarks[1::2], strict=True)
    return {
        "BoundingBox": _box(face),
        "Landmarks": [{"Type": name, "X": x, "Y": y} for name, x, y in points],
        "Pose": {"Roll": face.roll, "Yaw": face.yaw, "Pitch": face.pitch},
        "Quality": {"Brightness": face.brightness, "Sharpness": face.sharpness},
        "Confidence": face.confidence,
    }
