"""Writes the paths of people as MOTChallenge rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import merge
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from people_pathing.common.complete_file import complete_file

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from people_pathing.engine.tracks import Track, TrackingResult


class MotRow(NamedTuple):
    """One line of a MOTChallenge result file.

    Attributes:
        frame: number of the frame, from 1.
        person: number of the person, from 1.
        left: pixels.
        top: pixels.
        width: pixels.
        height: pixels.
        score: 0..1.
        x: always -1; the format has room for positions in the world.
        y: always -1.
        z: always -1.
    """

    frame: int
    person: int
    left: float
    top: float
    width: float
    height: float
    score: float
    x: int = -1
    y: int = -1
    z: int = -1


def write(result: TrackingResult, path: Path) -> None:
    """Writes the rows of a result as a MOTChallenge result file."""
    write_rows(mot_rows(result), path)


def write_rows(rows: Iterable[MotRow], path: Path) -> None:
    """Writes a MOTChallenge result file. The file is complete or it is not there."""
    with complete_file(path) as written, written.open("w") as file:
        for row in rows:
            box = f"{row.left:.2f},{row.top:.2f},{row.width:.2f},{row.height:.2f}"
            file.write(f"{row.frame},{row.person},{box},{row.score:.3f},{row.x},{row.y},{row.z}\n")


def mot_rows(result: TrackingResult) -> Iterator[MotRow]:
    """Yields the rows of a result, ordered by frame, then by person.

    They are the boxes of `TrackingResult.detections_at`, for all frames.
    """
    return merge(*(_track_rows(track, result.sampled_frames) for track in result.tracks))


def _track_rows(track: Track, sampled_frames: NDArray[np.int64]) -> Iterator[MotRow]:
    positions = sampled_frames.searchsorted(track.frame_numbers)
    for row in range(len(track)):
        frame = int(track.frame_numbers[row])
        is_followed = row + 1 < len(track) and positions[row + 1] == positions[row] + 1
        frames_between = int(track.frame_numbers[row + 1]) - frame if is_followed else 1
        for step in range(frames_between):
            (x1, y1, x2, y2), score = track.box_after(row, step / frames_between)
            yield MotRow(frame + step + 1, track.index + 1, x1, y1, x2 - x1, y2 - y1, score)
