"""Compares all detectors: the accuracy that tracking reaches with each, and the time that each takes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from benchmarks.engine.detecting import DetectionStore
from benchmarks.engine.ground_truth import Labelled
from benchmarks.engine.scoring import Score
from benchmarks.engine.spread import Run
from benchmarks.timing import Seconds, interleaved, median_ratio, timed
from people_pathing.engine import Detector, DetectorError, Segment, detect_segment
from people_pathing.engine.registries import DETECTORS
from people_pathing.engine.selection import DEFAULT_DETECTOR, select_detector
from people_pathing.engine.tracking.settings import TrackerSettings

TIMED_US = 4_000_000
"""Length of the stretch of video on which detectors are timed."""


@dataclass(frozen=True, slots=True)
class WithDetector:
    """What one detector achieves on one sequence.

    Attributes:
        sequence: name of the sequence.
        detector: name of the detector.
        score: the accuracy of tracking, at the default sampling.
        ratio: processor time of the detect step, as a multiple of the default detector's in the same run.
    """

    sequence: str
    detector: str
    score: Score
    ratio: float


def load_detectors(models: Mapping[str, str]) -> dict[str, Detector]:
    """Loads all registered detectors, the default first, and reports those whose model is missing.

    Args:
        models: model files or names of known models, by name of the detector. For others, the detector's own
            default is looked for.
    """
    # TRACKING_MODEL is a model of the default detector only.
    environment = {name: value for name, value in os.environ.items() if name != "TRACKING_MODEL"}
    loaded = {}
    for name in sorted(DETECTORS.names(), key=lambda name: (name != DEFAULT_DETECTOR, name)):
        try:
            loaded[name] = select_detector(name, models.get(name), environment=environment).load()
        except DetectorError as error:
            print(f"skipped: detector {name}: {error}", file=sys.stderr)
    return loaded


def compare_detectors(
    labelled: Labelled, store: DetectionStore, detectors: Mapping[str, Detector], rounds: int
) -> Iterator[WithDetector]:
    """Measures all detectors on one sequence. The first is the one that times are compared with."""
    times = interleaved(
        {name: partial(_detection_time, labelled, detector) for name, detector in detectors.items()}, rounds
    )
    first = next(iter(times.values()))
    for name, detector in detectors.items():
        score = Run(store.detect(labelled, detector), TrackerSettings()).score()
        yield WithDetector(labelled.name, detector.name, score, median_ratio(times[name], first).processor)


def _detection_time(labelled: Labelled, detector: Detector) -> Seconds:
    return timed(lambda: detect_segment(labelled.video, Segment(0, 0, TIMED_US), detector))
