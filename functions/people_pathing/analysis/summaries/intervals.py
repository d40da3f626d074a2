"""Cuts the time of a video into intervals that follow the local clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta, timezone
from zoneinfo import ZoneInfo

from people_pathing.common.clock import utc_text, utc_time

MINUTE_MS = 60_000
INTERVAL_MINUTES = (1, 15, 60)
"""Lengths of intervals. Each divides an hour, so intervals begin at full hours."""
DEFAULT_INTERVAL_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Recording:
    """When a video was recorded.

    Attributes:
        duration_ms: how long the video is.
        recorded_at_ms: when it starts, in milliseconds since the epoch; None if that is not known.
        timezone: IANA name of the clock that intervals follow.
    """

    duration_ms: int
    recorded_at_ms: int | None = None
    timezone: str = "UTC"

    def utc(self, at_ms: int) -> str | None:
        """Returns a time of the video in UTC, such as "2026-03-02T08:00:00.250Z"; None if not known."""
        return None if self.recorded_at_ms is None else utc_text(self.recorded_at_ms + at_ms)


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time with counts of its own.

    Attributes:
        start_ms: milliseconds from the start of the video; the first interval starts with the video.
        end_ms: where the next interval starts, or where the video ends.
        label: the full minute, quarter or hour of the local clock that contains the start, with the offset
            from UTC, such as "2026-03-02T09:00:00+01:00"; or h:mm:ss from the start of the video.
    """

    start_ms: int
    end_ms: int
    label: str


def intervals(recording: Recording, minutes: int) -> tuple[Interval, ...]:
    """Returns the intervals of a video, in order. A video without length has none."""
    if recording.recorded_at_ms is None:
        return tuple(_relative(recording.duration_ms, minutes * MINUTE_MS))
    return tuple(_local(recording, recording.recorded_at_ms, minutes))


def _relative(duration_ms: int, length_ms: int) -> Iterator[Interval]:
    for start_ms in range(0, duration_ms, length_ms):
        hours, rest = divmod(start_ms // 1000, 3600)
        label = f"{hours}:{rest // 60:02}:{rest % 60:02}"
        yield Interval(start_ms, min(start_ms + length_ms, duration_ms), label)


def _local(recording: Recording, recorded_at_ms: int, minutes: int) -> Iterator[Interval]:
    zone = ZoneInfo(recording.timezone)
    start_ms, video_end_ms = recorded_at_ms, recorded_at_ms + recording.duration_ms
    while start_ms < video_end_ms:
        local = utc_time(start_ms).astimezone(zone)
        offset = local.utcoffset()
        # Local times without their offset, so that differences are those of the clock's face.
        face = local.replace(tzinfo=None)
        begin = face.replace(minute=face.minute // minutes * minutes, second=0, microsecond=0)
        left = begin + timedelta(minutes=minutes) - face
        end_ms = start_ms + left // timedelta(milliseconds=1)
        if utc_time(end_ms - 1).astimezone(zone).utcoffset() != offset:
            end_ms = _clock_change_ms(zone, start_ms, end_ms)
        label = begin.replace(tzinfo=timezone(offset or timedelta())).isoformat(timespec="seconds")
        end_ms = min(end_ms, video_end_ms)
        yield Interval(start_ms - recorded_at_ms, end_ms - recorded_at_ms, label)
        start_ms = end_ms


def _clock_change_ms(zone: ZoneInfo, before_ms: int, after_ms: int) -> int:
    """Returns the first millisecond of the offset from UTC that is in force just before `after_ms`."""
    offset = utc_time(before_ms).astimezone(zone).utcoffset()
    while after_ms - before_ms > 1:
        middle_ms = (before_ms + after_ms) // 2
        if utc_time(middle_ms).astimezone(zone).utcoffset() == offset:
            before_ms = middle_ms
        else:
            after_ms = middle_ms
    return after_ms
