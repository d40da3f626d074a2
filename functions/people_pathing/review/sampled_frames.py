"""The sampled frames of a stored result, found from the times of its observations.

Result files say when people were seen, but not which frames were sampled. A frame is taken as sampled if
people were seen in it, and every few frames where no people were seen for longer.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from people_pathing.results.stored_result import StoredResult

MAX_FRAMES = 24 * 3600 * 120
"""A day at 120 frames per second. One damaged time must not fill the memory."""
_NOT_SAMPLED = -1


class FrameNumberError(ValueError):
    """Observations cannot be assigned to frames. The message says why."""


class SampledFrames:
    """Which frames were sampled, and at which time of the video.

    It needs 8 bytes for each frame of the video.

    Args:
        times_ms: the time of each frame; -1 for a frame that was not sampled.
    """

    def __init__(self, times_ms: array[int]) -> None:
        self._times_ms = times_ms

    @property
    def frame_count(self) -> int:
        """Returns how many frames the video has."""
        return len(self._times_ms)

    def __iter__(self) -> Iterator[int]:
        """Yields the numbers of the sampled frames in ascending order."""
        return (frame for frame, time_ms in enumerate(self._times_ms) if time_ms != _NOT_SAMPLED)

    def between(self, first: int, end: int) -> Iterator[int]:
        """Yields the numbers of the sampled frames from `first` to the one before `end`."""
        limits = range(max(first, 0), min(end, self.frame_count))
        return (frame for frame in limits if self._times_ms[frame] != _NOT_SAMPLED)

    def time_ms(self, frame: int) -> int:
        """Returns the time of a sampled frame in milliseconds from the start of the video."""
        return self._times_ms[frame]

    def after(self, frame: int) -> int:
        """Returns the next sampled frame; the number of frames if there is none."""
        return next(self.between(frame + 1, self.frame_count), self.frame_count)


def sampled_frames(stored: StoredResult) -> SampledFrames:
    """Finds the sampled frames of a video. The file of observations is read once.

    Raises:
        FrameNumberError: two different times belong to one frame, so the frame rate is not constant; or a
            time is impossible.
        StoredResultError: the file of observations is damaged.
    """
    frame_count = min(round(stored.duration_ms * stored.frame_rate / 1000), MAX_FRAMES)
    times_ms = array("q", [_NOT_SAMPLED]) * frame_count
    for observation in stored.observations():
        frame = frame_of(stored, observation.timestamp_ms)
        if frame >= len(times_ms):
            times_ms.extend([_NOT_SAMPLED] * (frame + 1 - len(times_ms)))
        if times_ms[frame] not in (_NOT_SAMPLED, observation.timestamp_ms):
            raise FrameNumberError(
                f"the times {times_ms[frame]} and {observation.timestamp_ms} ms are in the same frame at "
                f"{stored.frame_rate:g} frames per second: the frame rate of {stored.video} is not constant, "
                "so frames cannot be numbered"
            )
        times_ms[frame] = observation.timestamp_ms
    _fill_gaps(times_ms, stored)
    return SampledFrames(times_ms)


def _fill_gaps(times_ms: array[int], stored: StoredResult) -> None:
    """Marks every few frames as sampled where no people were seen for longer."""
    sampled = SampledFrames(times_ms)
    step = _usual_step(sampled, stored)
    last: int | None = None
    # Frames are only added before the one that the iteration has reached.
    for frame in sampled:
        if last is None:
            _add(times_ms, range(frame % step, frame, step), stored)
        elif frame - last > 2 * step:
            _add(times_ms, range(last + step, frame, step), stored)
        last = frame
    _add(times_ms, range(0 if last is None else last + step, len(times_ms), step), stored)


def _add(times_ms: array[int], frames: Iterable[int], stored: StoredResult) -> None:
    for frame in frames:
        times_ms[frame] = int(frame * 1000 / stored.frame_rate)


def _usual_step(seen: Iterable[int], stored: StoredResult) -> int:
    """Returns the most frequent distance of two sampled frames."""
    steps = Counter(following - frame for frame, following in pairwise(seen))
    if steps:
        return steps.most_common(1)[0][0]
    return max(1, round(stored.frame_rate / stored.sample_fps)) if stored.sample_fps > 0 else 1


def frame_of(stored: StoredResult, timestamp_ms: int) -> int:
    """Returns the number of the frame at a time. Raises FrameNumberError if it is impossible."""
    frame = stored.frame_number(timestamp_ms)
    if frame is None:
        raise FrameNumberError(f"the frame rate of {stored.video} is unknown")
    if not 0 <= frame < MAX_FRAMES:
        raise FrameNumberError(f"{timestamp_ms} ms is not a time of a video that can be exported by frames")
    return frame
