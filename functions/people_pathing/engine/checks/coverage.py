"""Says how much of a video the detections cover, where that makes the paths less reliable."""

from __future__ import annotations

import numpy as np

from people_pathing.engine.detections import Detections

FEWEST_PER_S = 2.0
"""With fewer sampled frames per second, people are lost or mixed up."""


def coverage_warnings(detections: Detections) -> tuple[str, ...]:
    """Returns sentences about frames that are missing, in the file or because few of them are sampled."""
    warnings = []
    decoded, expected = detections.frame_count, detections.expected_frame_count
    if decoded < expected:
        warnings.append(
            f"Only {decoded:,} of {expected:,} frames could be decoded; the file is damaged, incomplete or "
            "partly encrypted."
        )
    intervals_us = np.diff(detections.timestamps_us)
    if len(intervals_us) and (interval_s := float(np.median(intervals_us)) / 1e6) * FEWEST_PER_S > 1:
        warnings.append(
            f"Only {1 / interval_s:.2g} frames per second are sampled; below {FEWEST_PER_S:g}, people can be "
            "lost or mixed up."
        )
    return tuple(warnings)
