"""Time as every part of the project counts it: milliseconds since the epoch."""

from __future__ import annotations

import time


def now_ms() -> int:
    """Returns the current time in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000
