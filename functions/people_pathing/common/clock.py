"""Time as every part of the project counts it: milliseconds since the epoch.

A stored time is named after what happened, with the unit: `uploaded_ms`, `started_ms`, `ended_ms`. Times
within a video count from its first frame and are called `timestamp_ms`, or `timestamp_us` where a millisecond
is too coarse to distinguish two frames.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now_ms() -> int:
    """Returns the current time in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def epoch_ms(moment: datetime) -> int:
    """Returns a time, which has a time zone, in milliseconds since the epoch. It is rounded down."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def utc_time(time_ms: int) -> datetime:
    """Returns a time in UTC. Raises OverflowError if it is after the year 9999."""
    # Sums are exact. Divisions by 1000, which `datetime.fromtimestamp` needs, are not.
    return _EPOCH + timedelta(milliseconds=time_ms)


def utc_text(time_ms: int) -> str:
    """Returns a time in UTC with milliseconds, such as "2026-03-02T08:00:00.250Z"."""
    return _with_z(utc_time(time_ms).isoformat(timespec="milliseconds"))


def utc_text_to_second(time_ms: int) -> str:
    """Returns a time in UTC, rounded down to a whole second, such as "2026-03-02T08:00:00Z"."""
    return _with_z(utc_time(time_ms).isoformat(timespec="seconds"))


def _with_z(text: str) -> str:
    return text.removesuffix("+00:00") + "Z"
