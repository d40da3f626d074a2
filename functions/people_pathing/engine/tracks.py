"""One person's path through a video, and all paths of one video."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from operator import index as as_index
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.detections import Faces, no_faces
from people_pathing.engine.motchallenge import writing
from people_pathing.engine.video import VideoMetadata

if TYPE_CHECKING:
    import pandas
    import supervision

    from people_pathing.engine.scene.masks import Masks


@dataclass(frozen=True, slots=True)
class TrackDetection:
    """One person in one frame.

    Attributes:
        index: number of the person's track.
        box: left, top, right and bottom in pixels of the frame as displayed.
        score: 0..1.
    """

    index: int
    box: tuple[float, float, float, float]
    score: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Track:
    """One person. It has a row for each sampled frame from the first to the last detection.

    Frames without a detection are filled in, except in long gaps; see `TrackerSettings.filled_s`.

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
    faces: Faces = field(default_factory=no_faces)

    def __len__(self) -> int:
        """Returns the number of rows."""
        return len(self.frame_numbers)

    def __repr__(self) -> str:
        """Returns one line without the arrays."""
        if not len(self):
            return f"Track(index={self.index}, no rows)"
        first_s, last_s = self.timestamps_ms[0] / 1000, self.timestamps_ms[-1] / 1000
        return f"Track(index={self.index}, {_counted(len(self), 'row')}, {first_s:.1f} to {last_s:.1f} s)"

    def box_after(self, row: int, share: float) -> tuple[tuple[float, float, float, float], float]:
        """Returns the box and the score between two rows.

        Args:
            row: the row before.
            share: 0 at that row, 1 at the next one.
        """
        following = row if share == 0 else row + 1
        x1, y1, x2, y2 = (self.boxes[row] * (1 - share) + self.boxes[following] * share).tolist()
        return (x1, y1, x2, y2), float(self.scores[row] * (1 - share) + self.scores[following] * share)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TrackingResult:
    """The paths of all people in a video. Iterating over it yields the tracks.

    Attributes:
        metadata: the video stream as displayed.
        frame_count: number of frames that were decoded.
        expected_frame_count: number of frames that the file should have; more than frame_count if some could
            not be decoded.
        sampled_frames: (F,) int64, ascending: numbers of the frames for which people are reported.
        tracks: in order of first appearance.
        warnings: sentences about what makes the result less reliable, for example damaged frames.
        masks: areas that were not analysed, each a polygon of (x, y) in ratios of the frame.
    """

    metadata: VideoMetadata
    frame_count: int
    expected_frame_count: int
    sampled_frames: NDArray[np.int64]
    tracks: tuple[Track, ...]
    warnings: tuple[str, ...] = ()
    masks: Masks = ()

    def __iter__(self) -> Iterator[Track]:
        """Yields the tracks in order of first appearance."""
        return iter(self.tracks)

    def __len__(self) -> int:
        """Returns the number of tracks."""
        return len(self.tracks)

    def __repr__(self) -> str:
        """Returns one line without the arrays."""
        video = self.metadata
        parts = [
            _counted(len(self), "track"),
            _counted(self.frame_count, "frame"),
            f"{video.frame_width}x{video.frame_height} at {video.frame_rate:.4g} fps",
            *([_counted(len(self.warnings), "warning")] if self.warnings else []),
        ]
        return f"TrackingResult({', '.join(parts)})"

    def detections_at(self, frame: int) -> tuple[TrackDetection, ...]:
        """Returns the people in one frame, in order of their index.

        Between two sampled frames, the boxes and scores are interpolated. A person who is missing from one of
        the two is missing between them. The frames after the last sampled one have no people. `save_mot`
        writes the same boxes.

        Args:
            frame: number of the frame, from 0.

        Raises:
            IndexError: The video has no such frame.
            TypeError: The number is not a whole number.
        """
        number = as_index(frame)
        if not 0 <= number < self.frame_count:
            frames = f"the frames of this video are 0 to {self.frame_count - 1}"
            raise IndexError(
                f"there is no frame {number}; {frames if self.frame_count else 'this video has no frames'}"
            )
        before, after = self._sampled_around(number)
        found = []
        for track in self.tracks:
            row = int(track.frame_numbers.searchsorted(before))
            if row == len(track) or track.frame_numbers[row] != before:
                continue
            if number == before:
                found.append(TrackDetection(track.index, *track.box_after(row, 0)))
            elif row + 1 < len(track) and track.frame_numbers[row + 1] == after:
                share = (number - before) / (after - before)
                found.append(TrackDetection(track.index, *track.box_after(row, share)))
        return tuple(found)

    def save_mot(self, path: str | os.PathLike[str]) -> None:
        """Writes a MOTChallenge result file, with the boxes of every frame.

        The file is complete or it is not there. Its folder is created if necessary.

        Raises:
            OSError: The file cannot be written.
        """
        writing.write(self, Path(path))

    def to_dataframe(self, recorded_at: datetime | None = None) -> pandas.DataFrame:
        """Returns a row for each person in each sampled frame, by frame and then by person.

        The columns are those of supervision's CSVSink (x_min, y_min, x_max and y_max in pixels, class_id,
        confidence, tracker_id), and frame_index, timestamp_ms and at_utc.

        Args:
            recorded_at: when the video starts, with a time zone; None leaves at_utc empty.

        Raises:
            ImportError: pandas is not installed.
            ValueError: The time has no time zone.
        """
        from people_pathing.engine import flat_rows

        return flat_rows.to_dataframe(self, recorded_at)

    def to_supervision(self) -> supervision.Detections:
        """Returns supervision's Detections of all sampled frames, by frame and then by person.

        Their `data` has frame_index and timestamp_ms, so `found[found["frame_index"] == 8]` is one frame.
        """
        from people_pathing.engine import flat_rows

        return flat_rows.to_supervision(self)

    def _sampled_around(self, frame: int) -> tuple[int, int]:
        """Returns the last sampled frame up to a frame and the first one after it, -1 for none."""
        position = int(self.sampled_frames.searchsorted(frame, side="right"))
        before, after = self.sampled_frames[position - 1 : position], self.sampled_frames[position:]
        return int(before[0]) if len(before) else -1, int(after[0]) if len(after) else -1


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
