"""Detects people once for all methods that are compared, and keeps the detections on disk.

Worker processes and the environments of other trackers read the files.
"""

from __future__ import annotations

import math
import re
from dataclasses import asdict, astuple, dataclass
from functools import lru_cache
from pathlib import Path

from benchmarks.engine.ground_truth import Labelled
from people_pathing.engine import (
    Detections,
    Detector,
    Reidentifier,
    Segment,
    VideoMetadata,
    detect_segment,
    read_metadata,
)

WHOLE = Segment(index=0, start_us=0, end_us=None)


@dataclass(frozen=True, slots=True)
class DetectOptions:
    """How people are detected; see `detect_segment`.

    Attributes:
        sample_fps: frames per second to sample; None for the default.
        search_fps: sampled frames per second in which people are searched; None for the default.
        skip_still: whether frames in which nothing moves are not searched.
    """

    sample_fps: float | None = None
    search_fps: float | None = None
    skip_still: bool = True


DEFAULT = DetectOptions()
EVERY_FRAME = DetectOptions(sample_fps=math.inf)


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
        reidentifier: describes people; None to compare colours only.
    """

    folder: Path
    reidentifier: Reidentifier | None

    def detect(self, labelled: Labelled, detector: Detector, options: DetectOptions = DEFAULT) -> Detected:
        """Returns the detections of a whole video."""
        name = self.reidentifier.name if self.reidentifier else "colours"
        parts = (labelled.name, detector.name, name, *astuple(options))
        file = self.folder / f"{re.sub(r'[^a-zA-Z0-9_.-]+', '-', '-'.join(map(str, parts)))}.npz"
        if not file.exists():
            detections = detect_segment(
                labelled.video, WHOLE, detector, reidentifier=self.reidentifier, **asdict(options)
            )
            with file.open("wb") as opened:
                detections.save(opened)
        return Detected(labelled, read_metadata(labelled.video), file)


@lru_cache(maxsize=2)
def _load(file: Path) -> Detections:
    with file.open("rb") as opened:
        return Detections.load(opened)
