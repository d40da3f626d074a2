"""The result of detection: boxes, scores, appearance and faces of the people in each sampled frame."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import BinaryIO
from weakref import finalize
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

SPILL_BYTES = 1 << 20
"""Descriptors beyond this size are written to a temporary file, so that hours of video need little memory."""

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
"""A face.

Fields:
    row: position of the face's detection, or of its row in a track.
    box: xyxy pixels of the frame as displayed.
    score: 0..1.
    landmarks: x and y in the same pixels: left and right eye, nose, left and right corner of the mouth, where
        left is the viewer's left.
    pose: pitch, roll and yaw in degrees; see `faces.head_pose.poses`.
    quality: brightness and sharpness, 0..100; see `faces.quality`.
"""

Faces = NDArray[np.void]
"""(M,) of FACE, ascending by row, at most one face per row."""


def no_faces() -> Faces:
    """Returns an empty array of faces."""
    return np.empty(0, FACE)


class RowsOnDisk:
    """Rows of an (N, D) uint8 array in a temporary file, indexed like an array.

    The file is mapped into memory only while rows are read. A permanent np.memmap would keep all pages that
    were ever read in the process's resident memory.

    Attributes:
        shape: N and D.
    """

    def __init__(self, row_bytes: int) -> None:
        """Creates an empty file, which is deleted together with this object."""
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed by the finalizer
        finalize(self, self._file.close)
        self.shape = (0, row_bytes)

    def append(self, rows: bytes | bytearray) -> None:
        """Writes whole rows to the end of the file."""
        self._file.write(rows)
        count, row_bytes = self.shape
        self.shape = (count + len(rows) // row_bytes, row_bytes)

    def __len__(self) -> int:
        """Returns the number of rows."""
        return self.shape[0]

    def __getitem__(self, index: slice | NDArray[np.integer]) -> NDArray[np.uint8]:
        """Returns a copy of the rows; ask only for those that are needed."""
        return np.array(np.memmap(self._file, np.uint8, "r", shape=self.shape)[index])


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """The people detected in a stretch of video.

    Attributes:
        frame_numbers: (F,) int64, ascending: numbers of the sampled frames; the first frame of the stretch
            is 0.
        timestamps_us: (F,) int64: microseconds after the first frame of the whole video.
        frame_count: number of all frames of the stretch, sampled or not.
        rows: (N,) int32, ascending: position of each detection's frame in frame_numbers.
        boxes: (N, 4) float32, xyxy pixels of the frame as displayed.
        scores: (N,) float32, 0..1.
        descriptors: (N, D) uint8: appearance; see `tracking.appearance`. Index it by a slice or an integer
            array, because the rows of a long video are on disk.
        faces: (M,) of FACE: faces of some detections; `row` is the position of the detection.
    """

    frame_numbers: NDArray[np.int64]
    timestamps_us: NDArray[np.int64]
    frame_count: int
    rows: NDArray[np.int32]
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    descriptors: NDArray[np.uint8] | RowsOnDisk
    faces: Faces = field(default_factory=no_faces)

    def __len__(self) -> int:
        """Returns the number of detections."""
        return len(self.rows)

    def save(self, file: BinaryIO) -> None:
        """Writes the detections as npz. Equal detections give equal bytes."""
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
        """Reads a file that `save` wrote. It never unpickles.

        Raises:
            ValueError: The file contains anything else.
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
    """Collects the detections of consecutive stretches of video."""

    def __init__(self) -> None:
        """Starts with a stretch without frames."""
        self._frame_numbers = bytearray()
        self._timestamps_us = bytearray()
        self._rows = bytearray()
        self._boxes = bytearray()
        self._scores = bytearray()
        self._descriptors = bytearray()
        self._faces = bytearray()
        self._descriptor_size = 1
        self._spilled: RowsOnDisk | None = None
        self._frame_count = 0

    def append(self, part: Detections) -> None:
        """Adds the detections of the next stretch.

        Raises:
            ValueError: Its descriptors differ in size from those before.
        """
        sampled_before = len(self._frame_numbers) // 8
        detections_before = len(self._rows) // 4
        self._frame_numbers += (part.frame_numbers.astype(np.int64) + self._frame_count).tobytes()
        self._timestamps_us += part.timestamps_us.astype(np.int64).tobytes()
        self._rows += (part.rows.astype(np.int32) + np.int32(sampled_before)).tobytes()
        self._boxes += part.boxes.astype(np.float32).tobytes()
        self._scores += part.scores.astype(np.float32).tobytes()
        if len(part):
            self._append_descriptors(part.descriptors[:])
        faces = part.faces.copy()
        faces["row"] += detections_before
        self._faces += faces.tobytes()
        self._frame_count += part.frame_count

    def finish(self) -> Detections:
        """Returns all detections; frame numbers count from the first frame of the first stretch."""
        size = self._descriptor_size
        descriptors: NDArray[np.uint8] | RowsOnDisk
        if self._spilled is None:
            descriptors = np.frombuffer(self._descriptors, np.uint8).reshape(-1, size)
        else:
            self._spilled.append(self._descriptors)
            descriptors = self._spilled
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
        size = descriptors.shape[1]
        if size != self._descriptor_size and (self._descriptors or self._spilled):
            before = self._descriptor_size
            raise ValueError(
                f"the descriptor size changes from {before} to {size} bytes; it must be constant"
            )
        self._descriptor_size = size
        self._descriptors += descriptors.tobytes()
        if len(self._descriptors) > SPILL_BYTES:
            self._spilled = self._spilled or RowsOnDisk(size)
            self._spilled.append(self._descriptors)
            self._descriptors = bytearray()


def concatenate(parts: Iterable[Detections]) -> Detections:
    """Joins the detections of consecutive stretches of video.

    Args:
        parts: in order; only one at a time is in memory.
    """
    writer = DetectionsWriter()
    for part in parts:
        writer.append(part)
    return writer.finish()
