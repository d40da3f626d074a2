"""People's paths as the API reports them, laid out for `result_pages`. Runs in the container only."""

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

SIGHTING = [("timestamp_ms", "<i8"), ("index", "<i4"), ("box", "<f4", (4,))]
FACE = [
    ("box", "<f4", (4,)),
    ("confidence", "<f4"),
    ("pose", "<f4", (3,)),
    ("quality", "<f4", (2,)),
    ("landmarks", "<f4", (5, 2)),
]
ROW = np.dtype([*SIGHTING, ("face", FACE)])
assert ROW.itemsize == OBSERVATION.size

Rows = NDArray[np.void]
"""(N,) of ROW, as `result_pages` describes an observation."""


@dataclass(frozen=True, slots=True, eq=False)
class Observations:
    """All observations of all people, in INDEX order: by person, then by time.

    Few people show their face, and then not always: faces are kept apart until they are laid out.

    sightings   (N,) of SIGHTING
    face_at     (M,) int64, ascending: whose faces they are, positions in sightings
    faces       (M,) of FACE
    """

    sightings: Rows
    face_at: NDArray[np.int64]
    faces: Rows

    def __len__(self) -> int:
        return len(self.sightings)

    def rows(self, numbers: NDArray[np.int64]) -> Rows:
        """The observations of these numbers."""
        rows = np.zeros(len(numbers), ROW)
        for name, *_ in SIGHTING:
            rows[name] = self.sightings[name][numbers]
        if len(self.faces):
            near = np.minimum(np.searchsorted(self.face_at, numbers), len(self.faces) - 1)
            seen = self.face_at[near] == numbers
            rows["face"][seen] = self.faces[near[seen]]
        return rows

    def pages(self, order: SortOrder) -> Iterator[Rows]:
        """The observations in that order, PAGE_SIZE at a time."""
        numbers = np.arange(len(self))
        if order == "TIMESTAMP":
            numbers = np.argsort(self.sightings["timestamp_ms"], kind="stable")
        for first in range(0, len(self), PAGE_SIZE):
            yield self.rows(numbers[first : first + PAGE_SIZE])


def observations(tracks: Sequence[Track], frame_width_px: int, frame_height_px: int) -> Observations:
    """What the tracks say of people, as the API says it.

    People's boxes are whole pixels within the frame, at least one wide and high, as float32 ratios: so the
    retired service reported them. Faces may reach out of the frame.
    """
    size = np.array([frame_width_px, frame_height_px], np.float32)
    in_order = sorted(tracks, key=lambda track: track.index)
    starts = np.cumsum([0, *map(len, in_order)])
    sightings = np.zeros(starts[-1], SIGHTING)
    for track, start in zip(in_order, starts[:-1].tolist(), strict=True):
        part = sightings[start : start + len(track)]
        part["timestamp_ms"] = track.timestamps_ms
        part["index"] = track.index
        part["box"] = _ratios(track.boxes, frame_width_px, frame_height_px)
    seen = np.concatenate([no_faces(), *(track.faces for track in in_order)])
    faces = np.zeros(len(seen), FACE)
    start, end = seen["box"][:, :2], seen["box"][:, 2:]
    faces["box"] = np.concatenate([start / size, (end - start) / size], axis=1)
    faces["confidence"] = seen["score"] * 100
    faces["landmarks"] = seen["landmarks"] / size
    faces["pose"], faces["quality"] = seen["pose"], seen["quality"]
    track_starts = np.repeat(starts[:-1], [len(track.faces) for track in in_order])
    return Observations(sightings, seen["row"] + track_starts, faces)


def blocks(header: Header, found: Observations) -> Iterator[bytes]:
    """The result object, block by block; without any observations it has one block."""
    header_bytes = header.to_bytes()
    for timed, indexed in zip(found.pages("TIMESTAMP"), found.pages("INDEX"), strict=True):
        yield timed.tobytes().ljust(PART_BYTES, b"\0") + header_bytes + indexed.tobytes()
    if not len(found):
        yield bytes(PART_BYTES) + header_bytes


class BlockStream(io.RawIOBase):
    """Blocks as a file to be read once from its beginning."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed asks for any buffer
        if not self._rest:
            self._rest = next(self._parts, b"")
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _ratios(boxes: NDArray[np.float32], width_px: int, height_px: int) -> NDArray[np.float32]:
    """(N, 4) xyxy pixels → (N, 4) left, top, width, height as ratios, float32."""
    size = np.array([width_px, height_px])
    corners = np.round(boxes.astype(np.float64)).astype(np.int64).reshape(-1, 2, 2)
    start = np.clip(corners[:, 0], 0, size - 1)
    end = np.clip(corners[:, 1], start + 1, size)
    return np.concatenate([start / size, (end - start) / size], axis=1).astype(np.float32)


def api_metadata(metadata: VideoMetadata) -> dict[str, Any]:
    """The API's VideoMetadata structure."""
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
