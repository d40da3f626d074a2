"""The result of detection: the people in each sampled frame, and what tracking needs to know of the frame."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any, BinaryIO
from weakref import finalize
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

FIXED_CAMERA = (1.0, 0.0, 0.0, 0.0)
"""The camera step of a camera that does not move."""
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


def no_embeddings() -> NDArray[np.uint8]:
    """Returns an empty array of embeddings."""
    return np.empty((0, 1), np.uint8)


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


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Detections:
    """The people detected in a stretch of video.

    Attributes:
        frame_numbers: (F,) int64, ascending: numbers of the sampled frames; the first frame of the stretch
            is 0.
        timestamps_us: (F,) int64: microseconds after the first frame of the whole video.
        searched: (F,) bool: whether people were searched in the frame. Of the others, paths are filled.
        cuts: (F,) bool: whether the frame shows another scene than the sampled frame before it.
        camera_steps: (F, 4) float32: how the background moved since the sampled frame before, as a, b, x and
            y of the similarity (x', y') = (a x - b y + x, b x + a y + y) in pixels of the frame as displayed;
            NaN where it is unknown; (1, 0, 0, 0) for a fixed camera.
        frame_count: number of all frames of the stretch, sampled or not.
        expected_frame_count: number of frames that the file has for the stretch; more than frame_count if
            some could not be decoded.
        rows: (N,) int32, ascending: position of each detection's frame in frame_numbers.
        boxes: (N, 4) float32, xyxy pixels of the frame as displayed.
        scores: (N,) float32, 0..1.
        descriptors: (N, D) uint8: colours; see `tracking.appearance`. Index it by a slice or an integer
            array, because the rows of a long video are on disk.
        faces: (M,) of FACE: faces of some detections; `row` is the position of the detection.
        embedding_rows: (E,) int64, ascending: positions of the detections that have an embedding.
        embeddings: (E, W) uint8: their embeddings; see `interfaces.Embeddings`. Index it like descriptors.
    """

    frame_numbers: NDArray[np.int64]
    timestamps_us: NDArray[np.int64]
    searched: NDArray[np.bool_]
    cuts: NDArray[np.bool_]
    camera_steps: NDArray[np.float32]
    frame_count: int
    expected_frame_count: int
    rows: NDArray[np.int32]
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    descriptors: NDArray[np.uint8] | RowsOnDisk
    faces: Faces = field(default_factory=no_faces)
    embedding_rows: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    embeddings: NDArray[np.uint8] | RowsOnDisk = field(default_factory=no_embeddings)

    def __len__(self) -> int:
        """Returns the number of detections."""
        return len(self.rows)

    def __repr__(self) -> str:
        """Returns one line without the arrays."""
        sampled = len(self.frame_numbers)
        return f"Detections({len(self):,} in {sampled:,} sampled frames of {self.frame_count:,})"

    def save(self, file: BinaryIO) -> None:
        """Writes the detections as npz. Equal detections give equal bytes."""
        columns: dict[str, Any] = {one.name: _as_array(getattr(self, one.name)) for one in fields(self)}
        np.savez(file, **columns)

    @classmethod
    def load(cls, file: BinaryIO) -> Detections:
        """Reads a file that `save` wrote. It never unpickles.

        Raises:
            ValueError: The file contains anything else.
        """
        try:
            with np.load(file, allow_pickle=False) as columns:
                values = {column.name: columns[column.name] for column in fields(cls)}
                counts = {name: int(values[name]) for name in ("frame_count", "expected_frame_count")}
                return cls(**values | counts)
        except (ValueError, LookupError, EOFError, OSError, TypeError, AttributeError, BadZipFile) as error:
            raise ValueError(f"not detections as Detections.save writes them: {error}") from error


def _as_array(column: NDArray[Any] | RowsOnDisk | int) -> NDArray[Any]:
    return column[:] if isinstance(column, RowsOnDisk) else np.asarray(column)


class _Rows:
    """Collects rows of bytes. Many are written to a temporary file."""

    def __init__(self, kind: str) -> None:
        """Starts without rows. `kind` names them in errors."""
        self._kind = kind
        self._row_bytes = 1
        self._recent = bytearray()
        self._spilled: RowsOnDisk | None = None

    def append(self, rows: NDArray[np.uint8]) -> None:
        """Adds rows. Raises ValueError if they differ in size from those before."""
        if not len(rows):
            return
        size, before = rows.shape[1], self._row_bytes
        if size != before and (self._recent or self._spilled):
            raise ValueError(
                f"the {self._kind} size changes from {before} to {size} bytes; it must be constant"
            )
        self._row_bytes = size
        self._recent += rows.tobytes()
        if len(self._recent) > SPILL_BYTES:
            self._spilled = self._spilled or RowsOnDisk(size)
            self._spilled.append(self._recent)
            self._recent = bytearray()

    def finish(self) -> NDArray[np.uint8] | RowsOnDisk:
        """Returns all rows."""
        if self._spilled is None:
            return np.frombuffer(self._recent, np.uint8).reshape(-1, self._row_bytes)
        self._spilled.append(self._recent)
        return self._spilled


class DetectionsWriter:
    """Collects the detections of consecutive stretches of video."""

    def __init__(self) -> None:
        """Starts with a stretch without frames."""
        self._frame_numbers = bytearray()
        self._timestamps_us = bytearray()
        self._searched = bytearray()
        self._cuts = bytearray()
        self._camera_steps = bytearray()
        self._rows = bytearray()
        self._boxes = bytearray()
        self._scores = bytearray()
        self._faces = bytearray()
        self._embedding_rows = bytearray()
        self._descriptors = _Rows("descriptor")
        self._embeddings = _Rows("embedding")
        self._frame_count = 0
        self._expected_frame_count = 0

    def append(self, part: Detections) -> None:
        """Adds the detections of the next stretch.

        Raises:
            ValueError: Its descriptors or embeddings differ in size from those before.
        """
        sampled_before = len(self._frame_numbers) // 8
        detections_before = len(self._rows) // 4
        self._frame_numbers += (part.frame_numbers.astype(np.int64) + self._frame_count).tobytes()
        self._timestamps_us += part.timestamps_us.astype(np.int64).tobytes()
        self._searched += part.searched.tobytes()
        self._cuts += part.cuts.tobytes()
        self._camera_steps += part.camera_steps.astype(np.float32).tobytes()
        self._rows += (part.rows.astype(np.int32) + np.int32(sampled_before)).tobytes()
        self._boxes += part.boxes.astype(np.float32).tobytes()
        self._scores += part.scores.astype(np.float32).tobytes()
        self._descriptors.append(part.descriptors[:])
        faces = part.faces.copy()
        faces["row"] += detections_before
        self._faces += faces.tobytes()
        self._embedding_rows += (part.embedding_rows.astype(np.int64) + detections_before).tobytes()
        self._embeddings.append(part.embeddings[:])
        self._frame_count += part.frame_count
        self._expected_frame_count += part.expected_frame_count

    def finish(self) -> Detections:
        """Returns all detections; frame numbers count from the first frame of the first stretch."""
        return Detections(
            frame_numbers=np.frombuffer(self._frame_numbers, np.int64),
            timestamps_us=np.frombuffer(self._timestamps_us, np.int64),
            searched=np.frombuffer(self._searched, np.bool_),
            cuts=np.frombuffer(self._cuts, np.bool_),
            camera_steps=np.frombuffer(self._camera_steps, np.float32).reshape(-1, 4),
            frame_count=self._frame_count,
            expected_frame_count=self._expected_frame_count,
            rows=np.frombuffer(self._rows, np.int32),
            boxes=np.frombuffer(self._boxes, np.float32).reshape(-1, 4),
            scores=np.frombuffer(self._scores, np.float32),
            descriptors=self._descriptors.finish(),
            faces=np.frombuffer(self._faces, FACE),
            embedding_rows=np.frombuffer(self._embedding_rows, np.int64),
            embeddings=self._embeddings.finish(),
        )


def concatenate(parts: Iterable[Detections]) -> Detections:
    """Joins the detections of consecutive stretches of video.

    Args:
        parts: in order; only one at a time is in memory.
    """
    writer = DetectionsWriter()
    for part in parts:
        writer.append(part)
    return writer.finish()
