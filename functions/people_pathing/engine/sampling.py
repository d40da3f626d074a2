"""Decides which frames are sampled, and which of the sampled frames are searched for people."""

from __future__ import annotations

from fractions import Fraction
from math import inf
from numbers import Real

DEFAULT_SAMPLE_FPS = 15.0
DEFAULT_SEARCH_FPS = 6.0
"""Searching every second sampled frame, five to eight a second, is as accurate as searching all of them, and
costs half as much."""


def sampling_step(frame_rate: Fraction | float, sample_fps: float | None = None) -> int:
    """Returns N such that every Nth frame is sampled.

    By default about 15 frames per second are sampled: every 4th of 60, every 2nd of 30, 29.97, 25 and 24 (12
    to 15 per second), and every frame below 22.5.

    Args:
        frame_rate: frames per second.
        sample_fps: frames per second to sample; `math.inf` for every frame, None for about 15.

    Raises:
        TypeError: sample_fps is not a number.
        ValueError: sample_fps is not above 0.
    """
    if sample_fps is None:
        sample_fps = DEFAULT_SAMPLE_FPS
    check_sample_fps(sample_fps)
    return 1 if sample_fps == inf else max(1, round(float(frame_rate) / sample_fps))


def search_interval(
    sampled_fps: Fraction | float,
    search_fps: float | None = None,
    *,
    sample_fps: float | None = None,
    with_faces: bool = False,
) -> int:
    """Returns N such that people are searched in every Nth sampled frame.

    Args:
        sampled_fps: sampled frames per second.
        search_fps: frames per second in which people are searched, `math.inf` for every sampled frame; None
            for about 6 with the default sampling and without faces, else for every sampled frame.
        sample_fps: the chosen sampling, None for the default.
        with_faces: whether faces are detected. They are reported only where they are searched.

    Raises:
        ValueError: search_fps is not above 0.
    """
    if search_fps is None:
        search_fps = DEFAULT_SEARCH_FPS if sample_fps is None and not with_faces else inf
    if not search_fps > 0:
        raise ValueError(
            f"search_fps must be above 0 (or math.inf for every sampled frame), not {search_fps}"
        )
    return 1 if search_fps == inf else max(1, round(float(sampled_fps) / search_fps))


def check_sample_fps(sample_fps: object) -> None:
    """Raises TypeError if a sampling rate is not a number, and ValueError if it is not above 0."""
    if not isinstance(sample_fps, Real):
        raise TypeError(
            f"sample_fps must be a number above 0 (or math.inf for every frame), not {sample_fps!r}"
        )
    if not float(sample_fps) > 0:
        raise ValueError(f"sample_fps must be above 0 (or math.inf for every frame), not {sample_fps}")


def sampling_slot(timestamp_us: int, frame_rate: Fraction, step: int) -> int:
    """Returns the number of the interval of `step` frames that contains a time.

    The first frame of each interval is sampled. The slot depends on the time alone, so every cut into
    segments samples the same frames. Frames may be almost half a frame early or late.
    """
    frame = Fraction(timestamp_us, 1_000_000) * frame_rate + Fraction(1, 2)
    return int(frame // step)
