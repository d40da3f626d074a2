"""What tracking needs to know of the sampled frames: their scenes, and how often people are searched."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.detections import Detections


def scene_numbers(detections: Detections) -> NDArray[np.int64]:
    """Returns the number of the scene that each sampled frame shows, (F,) int64 from 0."""
    return np.cumsum(detections.cuts)


def scene_duration_s(detections: Detections, scenes: NDArray[np.int64], row: int) -> float:
    """Returns the time from the first to the last sampled frame of the scene that one of its frames shows."""
    first, last = np.searchsorted(scenes, [scenes[row], scenes[row] + 1])
    return float(detections.timestamps_us[last - 1] - detections.timestamps_us[first]) / 1e6


def search_interval_s(detections: Detections) -> float:
    """Returns the usual time from one searched frame to the next in seconds: the median, or 1 if unknown."""
    intervals_us = np.diff(detections.timestamps_us[detections.searched])
    intervals_us = intervals_us[intervals_us > 0]
    return float(np.median(intervals_us)) / 1e6 if len(intervals_us) else 1.0
