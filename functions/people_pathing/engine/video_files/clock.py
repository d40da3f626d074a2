"""Corrects the times of frames. Cameras, recorders and converters write wrong ones.

The order of the decoder is right, because the pictures depend on each other. Times that contradict it are
corrected by those of the frames around, so that one bad time affects no other frame. Times that ascend are
never changed.

Each result depends on a few frames before and after. It is therefore the same wherever decoding begins, if
that is at least so many frames before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TypeVar

T = TypeVar("T")

NEAR_FRAMES = 4
"""How many frames before and after decide whether the time of a frame is right. They are kept in memory. With
eight, decoding takes 0.1 ms longer for a frame of 640x480, because they do not fit into the cache."""
FEW_TIMES = 5
"""With fewer times, none can be told to be wrong."""
MOST_REORDERED = 8
"""A packet is decoded at most so many packets earlier than its time says, if that is much earlier at all."""
LONELY_S = 10
"""A single frame at the beginning or the end of a video that is further away than this from all others has a
wrong time. Some recorders set their clock after the first frame."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The units of a stream's times.

    Attributes:
        second: ticks of the stream in a second.
        step: usual number of ticks between two frames.
    """

    second: float
    step: float


def median_step(times: Sequence[int]) -> float | None:
    """Returns the median of the steps between frames in ticks, or None if there are fewer than two frames."""
    steps = [later - earlier for earlier, later in pairwise(sorted(times))]
    return median(steps) if steps else None


def corrected(window: Sequence[int | None], position: int, clock: Clock) -> int | None:
    """Returns the time of one frame.

    Args:
        window: the times that the file has for consecutive frames, in ticks; None where it has none.
        position: the frame's place in the window. If it is the first or the last, the window begins or ends
            with the video.
        clock: the units.

    Returns:
        The time in ticks, or None if no time around is known.
    """
    known = [time for time in window if time is not None]
    time = window[position]
    if time is not None and all(earlier <= later for earlier, later in pairwise(known)):
        return _edge(known, time, position == 0, position == len(window) - 1, clock)
    near = _without_wrong(window, clock)
    if near[position] is None:
        return _between(near, position, clock)
    before = sum(one is not None for one in near[:position])
    return sorted(one for one in near if one is not None)[before]


def end_of(times: Sequence[int], clock: Clock) -> int:
    """Returns the time of the last frame.

    Args:
        times: times of the last packets, in the order in which they are decoded.
        clock: the units.
    """
    places = sorted(range(len(times)), key=times.__getitem__)
    wrong_at_end = 0
    while len(places) >= FEW_TIMES:
        ordered = [times[place] for place in places]
        gap = ordered[-1] - ordered[-2]
        is_followed = len(times) - 1 - places[-1] >= MOST_REORDERED
        is_wrong = is_followed and gap > clock.second / 2 and gap > 2 * _spread(ordered[:-1])
        if not is_wrong and not _is_lonely(gap, ordered[:-1], clock):
            break
        wrong_at_end += not is_followed
        places.pop()
    return times[places[-1]] + round(wrong_at_end * clock.step)


def corrected_times(
    frames: Iterable[tuple[int | None, T]], near_frames: int, clock: Clock
) -> Iterator[tuple[int | None, T]]:
    """Yields frames with corrected times.

    Args:
        frames: time in ticks and frame, in the order of the decoder.
        near_frames: how many frames before and after each are considered; so many are kept in memory.
        clock: the units.
    """
    source = iter(frames)
    before: deque[int | None] = deque(maxlen=near_frames)
    ahead: deque[tuple[int | None, T]] = deque()
    ascending = 0  # how many of the last times ascend
    latest: int | None = None
    for time, frame in source:
        ascending = ascending + 1 if time is not None and latest is not None and time >= latest else 0
        latest = time
        ahead.append((time, frame))
        if len(ahead) > near_frames:
            yield _next(before, ahead, clock, is_right=ascending >= 2 * near_frames)
    while ahead:
        yield _next(before, ahead, clock, is_right=False)


def _next(
    before: deque[int | None], ahead: deque[tuple[int | None, T]], clock: Clock, *, is_right: bool
) -> tuple[int | None, T]:
    time, frame = ahead[0]
    if not is_right:
        time = corrected([*before, *(time for time, _ in ahead)], len(before), clock)
    before.append(ahead.popleft()[0])
    return time, frame


def _without_wrong(window: Sequence[int | None], clock: Clock) -> list[int | None]:
    """Returns the times without those that are wrong, and not only out of order."""
    places = [place for place, time in enumerate(window) if time is not None]
    times = [time for time in window if time is not None]
    single = _single_wrong(times, NEAR_FRAMES * clock.step)
    if single is not None:
        return [None if place == places[single] else time for place, time in enumerate(window)]
    ordered = sorted(times)
    if len(ordered) < FEW_TIMES:
        return list(window)
    centre = ordered[len(ordered) // 2]
    tolerance = max(clock.second / 4, 2 * _spread(ordered))
    return [None if time is None or abs(time - centre) > tolerance else time for time in window]


def _single_wrong(times: Sequence[int], nearest: float) -> int | None:
    """Returns the only place without whose time all others ascend; None if there is none, or a choice.

    A time that is closer to those beside it may be out of order instead.
    """
    descents = [place for place in range(1, len(times)) if times[place] < times[place - 1]]
    if len(descents) != 1:
        return None
    after = descents[0]
    without_before = after == 1 or times[after - 2] <= times[after]
    without_after = after == len(times) - 1 or times[after - 1] <= times[after + 1]
    if without_before == without_after:
        return None
    wrong = after - 1 if without_before else after
    beside = [times[place] for place in (wrong - 1, wrong + 1) if 0 <= place < len(times)]
    return wrong if min(abs(time - times[wrong]) for time in beside) > nearest else None


def _edge(ascending: Sequence[int], time: int, is_first: bool, is_last: bool, clock: Clock) -> int:
    """Returns the time of a frame, or one beside its neighbour if a first or last frame is far from it."""
    if len(ascending) >= FEW_TIMES:
        if is_first and _is_lonely(ascending[1] - time, ascending[1:], clock):
            return ascending[1] - round(clock.step)
        if is_last and _is_lonely(time - ascending[-2], ascending[:-1], clock):
            return ascending[-2] + round(clock.step)
    return time


def _is_lonely(gap: int, others: Sequence[int], clock: Clock) -> bool:
    return gap > LONELY_S * clock.second and gap > 8 * _spread(others)


def _spread(ordered: Sequence[int]) -> int:
    """Returns the distance of the quartiles, which a few wrong times hardly change."""
    return ordered[len(ordered) * 3 // 4] - ordered[len(ordered) // 4]


def _between(times: Sequence[int | None], position: int, clock: Clock) -> int | None:
    """Returns the time between the nearest known ones."""
    left = next((at for at in range(position - 1, -1, -1) if times[at] is not None), None)
    right = next((at for at in range(position + 1, len(times)) if times[at] is not None), None)
    before = None if left is None else times[left]
    after = None if right is None else times[right]
    if left is not None and before is not None:
        if right is not None and after is not None:
            return before + round((after - before) * (position - left) / (right - left))
        return before + round(clock.step * (position - left))
    if right is not None and after is not None:
        return after - round(clock.step * (right - position))
    return None
