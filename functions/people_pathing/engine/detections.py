"""What the detect step hands on: boxes, scores, appearance and faces of the people in each sampled frame."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import BinaryIO
from weakref import finalize
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

SPILL_BYTES = 1 << 20

FACE = np.dtype(
    [
        ("row", "<i8"),
        ("box", "<f4", (4,)),
        ("score", "<f4"),
        ("landmarks", "<f4", (5, 2)),
        ("pose", "<f4", (3,)),
        ("quality", "<f4", (2,)),
    ]
)
"""A face of one of the rows of something else: of a detection, or of a track at one moment.

box         xyxy pixels of the frame as displayed
score       0..1
landmarks   x, y in the same pixels: left and right eye, nose, left and right corner of the mouth, where left
            is the viewer's left
pose        pitch, roll, yaw in degrees, as `head_pose` defines them
quality     brightness and sharpness, 0..100, as `faces` defines them
"""

Faces = NDArray[np.void]
"""(M,) of FACE, ascending by row; at most one face a row."""


def no_faces() -> Faces:
    return np.empty(0, FACE)


class StoredRows:
    """Rows of a (N, D) uint8 array that lie in a temporary file, so that hours of video need no memory.

    Reads like an array where it matters: `len`, `shape`, `rows[a:b]`, `rows[integer_array]`. What is
    asked for is copied into memory, so ask for a person's rows, not for all.
    """

    def __init__(self, width: int) -> None:
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - lives as long as the rows do
        finalize(self, self._file.close)
        self.shape = (0, width)

    def append(self, data: bytes | bytearray) -> None:
        rows, width = self.shape
        self.shape = (rows + self._file.write(data) // width, width)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: slice | NDArray[np.integer]) -> NDArray[np.uint8]:
        fd, width = self._file.fileno(), self.shape[1]
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step != 1:
                raise ValueError(f"rows can be read with step 1 only, not {step}")
            data = os.pread(fd, max(stop - start, 0) * width, start * width)
        else:
            data = b"".join(os.pread(fd, width, row * width) for row in index.tolist())
        return np.frombuffer(data, np.uint8).reshape(-1, width)


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """The people found in a span of video.

    frame_numbers   (F,) int64, ascending: numbers of the sampled frames; the span's first frame is 0
    timestamps_us   (F,) int64: when they are shown, microseconds after the first frame of the *video*
    frame_count     all frames of the span, sampled or not
    rows            (N,) int32, ascending: each detection's position in frame_numbers
    boxes           (N, 4) float32, xyxy pixels of the frame as displayed
    scores          (N,) float32, 0..1
    descriptors     (N, D) uint8: appearance, to be read by `appearance` alone. Index it by a slice or an
                    integer array; it may lie on disk
    faces           (M,) of FACE: those that were seen; their rows are positions of detections
    """

    frame_numbers: NDArray[np.int64]
    timestamps_us: NDArray[np.int64]
    frame_count: int
    rows: NDArray[np.int32]
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    descriptors: NDArray[np.uint8] | StoredRows
    faces: Faces = field(default_factory=no_faces)

    def __len__(self) -> int:
        return len(self.rows)

    def save(self, file: BinaryIO) -> None:
        """Write as npz; equal detections give equal bytes."""
        np.savez(
            file,
            frame_numbers=self.frame_numbers,
            timestamps_us=self.timestamps_us,
            frame_count=np.int64(self.frame_count),
            rows=self.rows,
            boxes=self.boxes,
            scores=self.scores,
            descriptors=self.descriptors[:],
            faces=self.faces,
        )

    @classmethod
    def load(cls, file: BinaryIO) -> Detections:
        """Read what `save` wrote; never unpickles.

        Raises ValueError when the file holds anything else.
        """
        try:
            with np.load(file, allow_pickle=False) as columns:
                return cls(
                    frame_numbers=columns["frame_numbers"],
                    timestamps_us=columns["timestamps_us"],
                    frame_count=int(columns["frame_count"]),
                    rows=columns["rows"],
                    boxes=columns["boxes"],
                    scores=columns["scores"],
                    descriptors=columns["descriptors"],
                    faces=columns["faces"],
                )
        except (ValueError, LookupError, EOFError, OSError, TypeError, AttributeError, BadZipFile) as error:
            raise ValueError(f"not detections as Detections.save writes them: {error}") from error


class DetectionsWriter:
    """Gathers detections part by part; descriptors beyond a few megabytes go to a temporary file."""

    def __init__(self) -> None:
        self._frame_numbers = bytearray()
        self._timestamps_us = bytearray()
        self._rows = bytearray()
        self._boxes = bytearray()
        self._scores = bytearray()
        self._descriptors = bytearray()
        self._faces = bytearray()
        self._descriptor_width = 1
        self._stored: StoredRows | None = None
        self._frame_count = 0

    def append(self, part: Detections) -> None:
        """Add the detections of the span that follows."""
        sampled_before = len(self._frame_numbers) // 8
        found_before = len(self._rows) // 4
        self._frame_numbers += (part.frame_numbers.astype(np.int64) + self._frame_count).tobytes()
        self._timestamps_us += part.timestamps_us.astype(np.int64).tobytes()
        self._rows += (part.rows.astype(np.int32) + np.int32(sampled_before)).tobytes()
        self._boxes += part.boxes.astype(np.float32).tobytes()
        self._scores += part.scores.astype(np.float32).tobytes()
        if len(part):
            self._append_descriptors(part.descriptors[:])
        faces = part.faces.copy()
        faces["row"] += found_before
        self._faces += faces.tobytes()
        self._frame_count += part.frame_count

    def finish(self) -> Detections:
        """All that was appended, frame numbers counted from the first part's first frame."""
        descriptors: NDArray[np.uint8] | StoredRows
        if self._stored is not None:
            self._stored.append(self._descriptors)
            descriptors = self._stored
        else:
            descriptors = np.frombuffer(self._descriptors, np.uint8).reshape(-1, self._descriptor_width)
        return Detections(
            frame_numbers=np.frombuffer(self._frame_numbers, np.int64),
            timestamps_us=np.frombuffer(self._timestamps_us, np.int64),
            frame_count=self._frame_count,
            rows=np.frombuffer(self._rows, np.int32),
            boxes=np.frombuffer(self._boxes, np.float32).reshape(-1, 4),
            scores=np.frombuffer(self._scores, np.float32),
            descriptors=descriptors,
            faces=np.frombuffer(self._faces, FACE),
        )

    def _append_descriptors(self, descriptors: NDArray[np.uint8]) -> None:
        width = descriptors.shape[1]
        if width != self._descriptor_width and (self._descriptors or self._stored):
            raise ValueError(
                f"descriptors of {width} bytes cannot follow some of {self._descriptor_width} bytes"
            )
        self._descriptor_width = width
        self._descriptors += descriptors.tobytes()
        if len(self._descriptors) > SPILL_BYTES:
            self._stored = self._stored or StoredRows(width)
            self._stored.append(self._descriptors)
            self._descriptors = bytearray()


def concatenate(parts: Iterable[Detections]) -> Detections:
    """Join detections of spans that follow one another, given in order; parts are taken one at a time."""
    writer = DetectionsWriter()
    for part in parts:
        writer.append(part)
    return writer.finish()
