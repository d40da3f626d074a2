"""Tracks of people who walk sideways, at 25 frames per second."""

from __future__ import annotations

import numpy as np

from people_pathing.engine.tracks import Track


def walker(index: int, frames: list[int], left_px: list[float]) -> Track:
    return Track(
        index=index,
        frame_numbers=np.array(frames, np.int64),
        timestamps_ms=np.array(frames, np.int64) * 40,
        boxes=np.array([[left, 10, left + 20, 60] for left in left_px], np.float32),
        scores=np.full(len(frames), 0.5, np.float32),
    )
