"""A person's path through a video, and all paths of one video."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import merge

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.detections import Faces, no_faces
from people_pathing.engine.video import VideoMetadata


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One person; a row for each sampled frame in which the person is visible, gaps filled.

    index           0, 1, 2 … in order of first appearance
    frame_numbers   (T,) int64, ascending, counted from the video's first frame = 0
    timestamps_ms   (T,) int64, milliseconds after the video's first frame, rounded down
    boxes           (T, 4) float32, xyxy pixels of the frame as displayed
    scores          (T,) float32, 0..1
    faces           (M,) of detection.FACE: where the person's face was seen; their rows are 0..T-1
    """

    index: int
    frame_numbers: NDArray[np.int64]
    timestamps_ms: NDArray[np.int64]
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    faces: Faces = field(default_factory=no_faces)

    def __len__(self) -> int:
        return len(self.frame_numbers)


@dataclass(frozen=True, slots=True, eq=False)
class TrackingResult:
    """The paths of all people in a video.

    frame_count      frames the video has
    sampled_frames   (F,) int64, ascending: numbers of the frames in which people were looked for
    """

    metadata: VideoMetadata
    frame_count: int
    sampled_frames: NDArray[np.int64]
    tracks: tuple[Track, ...]


MotRow = tuple[int, int, float, float, float, float, float, int, int, int]


def mot_rows(result: TrackingResult) -> Iterator[MotRow]:
    """Rows of a MOTChallenge result file: frame, id, left, top, width, height, score, -1, -1, -1.

    Frames and ids count from 1, sizes are pixels; ordered by frame, then id. Frames between two
    sampled ones that follow each other get interpolated boxes; where a person is missing from a sampled frame
    nothing is made up.
    """
    return merge(*(_track_rows(track, result.sampled_frames) for track in result.tracks))


def _track_rows(track: Track, sampled_frames: NDArray[np.int64]) -> Iterator[MotRow]:
    positions = np.searchsorted(sampled_frames, track.frame_numbers)
    for row in range(len(track)):
        frame = int(track.frame_numbers[row])
        neighbours = row + 1 < len(track) and positions[row + 1] == positions[row] + 1
        following = row + 1 if neighbours else row
        span = int(track.frame_numbers[following]) - frame or 1
        for step in range(span):
            share = step / span
            x1, y1, x2, y2 = (track.boxes[row] * (1 - share) + track.boxes[following] * share).tolist()
            score = float(track.scores[row] * (1 - share) + track.scores[following] * share)
            yield frame + step + 1, track.index + 1, x1, y1, x2 - x1, y2 - y1, score, -1, -1, -1
