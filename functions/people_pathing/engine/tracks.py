"""One person's path through a video, and all paths of one video."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.detections import FACE, Faces
from people_pathing.engine.video import VideoMetadata


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One person. It has a row for each sampled frame from the first to the last detection; gaps are filled.

    Attributes:
        index: 0, 1, 2 and so on, in order of first appearance.
        frame_numbers: (T,) int64, ascending; the video's first frame is 0.
        timestamps_ms: (T,) int64, milliseconds after the video's first frame, rounded down.
        boxes: (T, 4) float32, xyxy pixels of the frame as displayed.
        scores: (T,) float32, 0..1.
        faces: (M,) of `detections.FACE`; `row` is the position in the arrays above.
    """

    index: int
    frame_numbers: NDArray[np.int64]
    timestamps_ms: NDArray[np.int64]
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    faces: Faces = field(default_factory=lambda: np.empty(0, FACE))

    def __len__(self) -> int:
        """Returns the number of rows."""
        return len(self.frame_numbers)


@dataclass(frozen=True, slots=True, eq=False)
class TrackingResult:
    """The paths of all people in a video.

    Attributes:
        metadata: the video stream as displayed.
        frame_count: number of frames in the video.
        sampled_frames: (F,) int64, ascending: numbers of the frames in which people were detected.
        tracks: in order of first appearance.
    """

    metadata: VideoMetadata
    frame_count: int
    sampled_frames: NDArray[np.int64]
    tracks: tuple[Track, ...]
