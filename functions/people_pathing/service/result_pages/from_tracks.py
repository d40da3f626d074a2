"""Tracks as the API reports them, written as a result object. Needs NumPy, so it runs in the worker only."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.detections import no_faces
from people_pathing.service.result_pages.layout import OBSERVATION, PAGE_SIZE, PART_BYTES, Header, SortOrder

if TYPE_CHECKING:
    from people_pathing.engine import Track, VideoMetadata

PERSON = [("timestamp_ms", "<i8"), ("index", "<i4"), ("box", "<f4", (4,))]
FACE = [
    ("box", "<f4", (4,)),
    ("confidence", "<f4"),
    ("pose", "<f4", (3,)),
    ("quality", "<f4", (2,)),
    ("landmarks", "<f4", (5, 2)),
]
ROW = np.dtype([*PERSON, ("face", FACE)])
"""One observation, as `layout` describes it."""
assert ROW.itemsize == OBSERVATION.size

Rows = NDArray[np.void]
"""(N,) structured array."""


@dataclass(frozen=True, slots=True, eq=False)
class Observations:
    """All observations of all people, in INDEX order: by person, then by time.

    Most observations have no face. Faces are therefore kept in an array of their own until they are written.

    Attributes:
        persons: (N,) of PERSON.
        face_at: (M,) int64, ascending; the positions in `persons` of the observations that have a face.
        faces: (M,) of FACE.
    """

    persons: Rows
    face_at: NDArray[np.int64]
    faces: Rows

    def __len__(self) -> int:
        """Returns the number of observations."""
        return len(self.persons)

    def rows(self, numbers: NDArray[np.int64]) -> Rows:
        """Returns (len(numbers),) of ROW: the observations at these positions."""
        rows = np.zeros(len(numbers), ROW)
        for name, *_ in PERSON:
            rows[name] = self.persons[name][numbers]
        if len(self.faces):
            nearest = np.minimum(np.searchsorted(self.face_at, numbers), len(self.faces) - 1)
            has_face = self.face_at[nearest] == numbers
            rows["face"][has_face] = self.faces[nearest[has_face]]
        return rows

    def pages(self, order: SortOrder) -> Iterator[Rows]:
        """Yields the observations in this order, PAGE_SIZE at a time."""
        numbers = np.arange(len(self))
        if order == "TIMESTAMP":
            numbers = np.argsort(self.persons["timestamp_ms"], kind="stable")
        for first in range(0, len(self), PAGE_SIZE):
            yield self.rows(numbers[first : first + PAGE_SIZE])


def observations(tracks: Sequence[Track], frame_width_px: int, frame_height_px: int) -> Observations:
    """Converts tracks to the API's observations.

    The retired service reported a person's box as whole pixels within the frame, at least one pixel wide and
    high, in float32 ratios. Boxes are converted to that form. Boxes of faces may extend beyond the frame.
    """
    size = np.array([frame_width_px, frame_height_px], np.float32)
    in_order = sorted(tracks, key=lambda track: track.index)
    starts = np.cumsum([0, *map(len, in_order)])
    persons = np.zeros(starts[-1], PERSON)
    for track, start in zip(in_order, starts[:-1].tolist(), strict=True):
        part = persons[start : start + len(track)]
        part["timestamp_ms"] = track.timestamps_ms
        part["index"] = track.index
        part["box"] = _ratios(track.boxes, frame_width_px, frame_height_px)
    detected = np.concatenate([no_faces(), *(track.faces for track in in_order)])
    faces = np.zeros(len(detected), FACE)
    start, end = detected["box"][:, :2], detected["box"][:, 2:]
    faces["box"] = np.concatenate([start / size, (end - start) / size], axis=1)
    faces["confidence"] = detected["score"] * 100
    faces["landmarks"] = detected["landmarks"] / size
    faces["pose"], faces["quality"] = detected["pose"], detected["quality"]
    track_starts = np.repeat(starts[:-1], [len(track.faces) for track in in_order])
    return Observations(persons, detected["row"] + track_starts, faces)


def blocks(header: Header, observations: Observations) -> Iterator[bytes]:
    """Yields the blocks of a result object. A result without observations has one block."""
    header_bytes = header.to_bytes()
    for timed, indexed in zip(observations.pages("TIMESTAMP"), observations.pages("INDEX"), strict=True):
        yield timed.tobytes().ljust(PART_BYTES, b"\0") + header_bytes + indexed.tobytes()
    if not len(observations):
        yield bytes(PART_BYTES) + header_bytes


class BlockStream(io.RawIOBase):
    """A file that is read once, from its beginning, and consists of blocks that are made while it is read."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._rest = b""

    def readable(self) -> bool:
        """Returns True."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed asks for any buffer
        """Reads up to the end of the current block. Returns the number of bytes, 0 at the end."""
        if not self._rest:
            self._rest = next(self._parts, b"")
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def api_metadata(metadata: VideoMetadata) -> dict[str, Any]:
    """Returns the API's VideoMetadata structure."""
    # The API's Float has 32 bits: 30000/1001 is 29.970029830932617.
    (frame_rate,) = struct.unpack("<f", struct.pack("<f", metadata.frame_rate))
    return {
        "Codec": metadata.codec,
        "DurationMillis": metadata.duration_ms,
        "Format": metadata.format,
        "FrameRate": frame_rate,
        "FrameHeight": metadata.frame_height,
        "FrameWidth": metadata.frame_width,
        **({} if metadata.color_range is None else {"ColorRange": metadata.color_range}),
    }


def _ratios(boxes: NDArray[np.float32], width_px: int, height_px: int) -> NDArray[np.float32]:
    """Converts (N, 4) xyxy pixels to (N, 4) float32 left, top, width, height in ratios."""
    size = np.array([width_px, height_px])
    corners = np.round(boxes.astype(np.float64)).astype(np.int64).reshape(-1, 2, 2)
    start = np.clip(corners[:, 0], 0, size - 1)
    end = np.clip(corners[:, 1], start + 1, size)
    return np.concatenate([start / size, (end - start) / size], axis=1).astype(np.float32)
