"""Decides in which sampled frames people are searched.

All decisions about a frame depend on the frames after `first_needed_us` only, so they are the same however
the video is cut into segments.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Generic, TypeVar

from people_pathing.engine.scene.cuts import JUMP_US
from people_pathing.engine.scene.stillness import Grey, is_still

GRID_US = 2_000_000
"""In each interval of this length, the first sampled frame is searched, even if nothing moves."""
EMBEDDING_US = 1_000_000
"""In each interval of this length, the first searched frame gets embeddings. GRID_US is a multiple of it. If
nothing moved from the start of one GRID_US to the start of the next, people look the same and get none."""
MEMORY_US = 1_000_000
"""A frame is compared with frames that are at most this long ago, if there are enough of them: with a low
sampling rate, at most MEMORY_SLOTS sampling intervals."""
MEMORY_SLOTS = 5
PAUSE_SLOTS = 2.5
"""The video pauses or ends after a frame that no other follows for this many sampling intervals, and JUMP_US.
That frame is searched, so that paths do not end before it."""

Searched = TypeVar("Searched")


class Decision(Enum):
    """What happens with a sampled frame."""

    SEARCH = auto()
    """People are searched in it."""
    REUSE = auto()
    """Nothing moved since the last search, so it shows the same people."""
    LEAVE = auto()
    """Its people are interpolated by tracking."""


class SearchSchedule(Generic[Searched]):
    """Decides about all sampled frames in order.

    Attributes:
        last: what stands for the last searched frame; None before the first one.
    """

    def __init__(self, interval: int, *, skip_still: bool) -> None:
        """Starts before the first frame.

        Args:
            interval: every `interval`-th sampled frame is searched.
            skip_still: whether frames in which nothing moved are not searched.
        """
        self._interval = interval
        self._skip_still = skip_still
        self._slot: int | None = None
        self._grid: int | None = None
        self._grid_grey: Grey | None = None
        self._is_unchanged = False
        self._second: int | None = None
        self._grey: Grey | None = None
        self.last: Searched | None = None

    def decide(self, timestamp_us: int, slot: int, grey: Grey, *, suspected: bool) -> Decision:
        """Decides about the next frame.

        Args:
            timestamp_us: its time.
            slot: number of its sampling interval.
            grey: the small grey image.
            suspected: whether it may begin another scene. Then it is searched.
        """
        slot //= self._interval
        grid = timestamp_us // GRID_US
        is_due, self._slot = slot != self._slot, slot
        is_first, is_next = grid != self._grid, self._grid is not None and grid == self._grid + 1
        self._grid = grid
        self._is_unchanged = False
        if is_first:
            before, self._grid_grey = self._grid_grey, grey
            # A frame after an interval without frames is new, so that segments change nothing.
            self._is_unchanged = (
                self._skip_still and is_next and before is not None and is_still(before, grey)
            )
        if is_first or suspected or self._grey is None:
            return Decision.SEARCH
        if not is_due:
            return Decision.LEAVE
        if self._skip_still and is_still(self._grey, grey):
            return Decision.REUSE
        return Decision.SEARCH

    def searched(self, timestamp_us: int, grey: Grey, frame: Searched) -> bool:
        """Notes that a frame is searched. Returns whether it gets embeddings."""
        self._grey, self.last = grey, frame
        second = timestamp_us // EMBEDDING_US
        is_first, self._second = second != self._second, second
        return is_first and not self._is_unchanged


def memory_us(sampled_fps: float) -> int:
    """Returns how far back in time a frame may be compared with another."""
    return max(MEMORY_US, int(MEMORY_SLOTS * 1_000_000 / sampled_fps))


def pause_us(sampled_fps: float) -> int:
    """Returns the time without a sampled frame after which the video pauses."""
    return max(JUMP_US, int(PAUSE_SLOTS * 1_000_000 / sampled_fps))


def widening_us(sampled_fps: float) -> int:
    """Returns how much video is seen around a segment, at most, to decide about its frames."""
    return GRID_US + memory_us(sampled_fps) + pause_us(sampled_fps)


def first_needed_us(start_us: int, memory_us: int) -> int:
    """Returns when the first frame is shown that must be seen to decide about the frames from start_us on.

    Args:
        start_us: microseconds after the first frame of the video.
        memory_us: how long before a frame the decisions about it look back, apart from the grid.
    """
    return max(start_us - memory_us, 0) // GRID_US * GRID_US
