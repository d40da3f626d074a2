"""Time as every part of the project counts it: milliseconds since the epoch.

A stored time is named after what happened, with the unit: `uploaded_ms`, `started_ms`, `ended_ms`. Times
within a video count from its first frame and are called `timestamp_ms`, or `timestamp_us` where a millisecond
is too coarse to distinguish two frames.
"""

from __future__ import annotations

import time


def now_ms() -> int:
    """Returns the current time in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000
