"""Writes what concerns the whole picture into its corner: the clock and how many people there are."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from people_pathing.annotation.choices import Layers
from people_pathing.annotation.drawing.running_counts import RunningCounts
from people_pathing.common.clock import utc_time


@dataclass(frozen=True, slots=True)
class PictureText:
    """The text in the corner.

    Attributes:
        layers: what is shown.
        counts: the running counts.
        recorded_at_ms: when the video starts, in milliseconds since the epoch; None if that is not known.
        timezone: IANA name of the zone of the clock.
    """

    layers: Layers
    counts: RunningCounts
    recorded_at_ms: int | None
    timezone: str

    def at(self, at_ms: int) -> str:
        """Returns the lines at a time; an empty text if nothing is shown."""
        lines = []
        if self.layers.clock:
            lines.append(self._clock(at_ms))
        if self.layers.counts:
            count = self.counts.picture(at_ms)
            lines.append(f"{count.now} here, {count.so_far} so far")
        return "\n".join(lines)

    def _clock(self, at_ms: int) -> str:
        if self.recorded_at_ms is None:
            minutes, seconds = divmod(at_ms // 1000, 60)
            return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
        moment = utc_time(self.recorded_at_ms + at_ms).astimezone(ZoneInfo(self.timezone))
        return f"{moment:%Y-%m-%d %H:%M:%S %Z}"
