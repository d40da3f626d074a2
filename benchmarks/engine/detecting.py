"""Detects people once for all methods that are compared, and keeps the detections on disk.

Worker processes and the environments of other trackers read the files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from benchmarks.engine.ground_truth import Labelled
from people_pathing.engine import (
    Detections,
    Detector,
    Segment,
    VideoMetadata,
    detect_segment,
    read_metadata,
)

WHOLE = Segment(index=0, start_us=0, end_us=None)


@dataclass(frozen=True, slots=True)
class Detected:
    """A labelled video and the people that were detected in it.

    Attributes:
        labelled: the video and its ground truth.
        metadata: of the video.
        file: what `Detections.save` wrote.
    """

    labelled: Labelled
    metadata: VideoMetadata
    file: Path

    def load(self) -> Detections:
        """Reads the detections."""
        return _load(self.file)


@dataclass(frozen=True, slots=True)
class DetectionStore:
    """A folder with detections. What is in it already is not detected again.

    Attributes:
        folder: it exists. Empty it after a change of the code that detects.
    """

    folder: Path

    def detect(self, labelled: Labelled, detector: Detector, sample_fps: float | None) -> Detected:
        """Returns the detections of a whole video.

        Args:
            labelled: the video.
            detector: finds people.
            sample_fps: frames per second to sample; None for the default.
        """
        key = re.sub(r"[^\w.-]+", "-", f"{labelled.name}-{detector.name}-{sample_fps}")
        file = self.folder / f"{key}.npz"
        if not file.exists():
            detections = detect_segment(labelled.video, WHOLE, detector, sample_fps=sample_fps)
            with file.open("wb") as opened:
                detections.save(opened)
        return Detected(labelled, read_metadata(labelled.video), file)


@lru_cache(maxsize=2)
def _load(file: Path) -> Detections:
    with file.open("rb") as opened:
        return Detections.load(opened)
