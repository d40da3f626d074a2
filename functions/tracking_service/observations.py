"""People's paths as the API reports them, laid out for `result_pages`. Runs in the container only."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tracking_service.result_pages import OBSERVATION, PAGE_SIZE, PART_BYTES, Header

if TYPE_CHECKING:
    from tracking_engine import Track, VideoMetadata

ROW = np.dtype([("timestamp_ms", "<i8"), ("index", "<i4"), ("box", "<f4", (4,))])
assert ROW.itemsize == OBSERVATION.size

Rows = NDArray[np.void]
"""(N,) of ROW; box is left, top, width, height as ratios of the frame."""


def observations(tracks: Sequence[Track], frame_width_px: int, frame_height_px: int) -> Rows:
    """All observations of all people, in INDEX order: by person, then by time.

    Boxes are whole pixels within the frame, at least one wide and high, as float32 ratios: so the retired
    service reported them.
    """
    rows = np.zeros(sum(len(track) for track in tracks), ROW)
    at = 0
    for track in sorted(tracks, key=lambda track: track.index):
        part = rows[at : at + len(track)]
        part["timestamp_ms"] = track.timestamps_ms
        part["index"] = track.index
        part["box"] = _ratios(track.boxes, frame_width_px, frame_height_px)
        at += len(track)
    return rows


def by_timestamp(rows: Rows) -> Rows:
    """The same observations in TIMESTAMP order: by time, then by person."""
    return rows[np.argsort(rows["timestamp_ms"], kind="stable")]


def blocks(header: Header, rows: Rows) -> Iterator[bytes]:
    """The result object, block by block, of observations in INDEX order; without any it has one block."""
    timed = by_timestamp(rows)
    header_bytes = header.to_bytes()
    for first in range(0, max(len(rows), 1), PAGE_SIZE):
        page = slice(first, first + PAGE_SIZE)
        yield timed[page].tobytes().ljust(PART_BYTES, b"\0") + header_bytes + rows[page].tobytes()


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
