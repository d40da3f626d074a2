"""What is known about a video before people are detected in it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from numbers import Real
from typing import BinaryIO, Literal

VideoSource = str | os.PathLike[str] | BinaryIO
"""A path, or a seekable binary file. Only the parts that are needed are read; it is never copied whole."""

POSSIBLE_RATES = Fraction(1, 3600), Fraction(1000)
"""Lowest and highest frame rate of any video: time lapses and slow motion."""


class VideoError(Exception):
    """The source cannot be tracked. The message names it and says what would be right."""


@dataclass(frozen=True, slots=True)
class VideoMetadata:
    """The video stream as players display it.

    Attributes:
        codec: FFmpeg's short name, for example "h264".
        format: FFmpeg's long name of the container, for example "QuickTime / MOV".
        duration_ms: duration in milliseconds.
        frame_rate: frames per second; the average if it varies.
        frame_width: pixels, as displayed: turned and stretched as the file says.
        frame_height: likewise.
        color_range: None if the file does not state it.
        created_ms: when the file says that it was created, in milliseconds since the epoch; None if it says
            nothing.
        start_ms: time of the first frame in the player's time, which begins with the sound or at the zero of
            the file. A fraction of a millisecond counts.
    """

    codec: str
    format: str
    duration_ms: int
    frame_rate: float
    frame_width: int
    frame_height: int
    color_range: Literal["FULL", "LIMITED"] | None
    created_ms: int | None = None
    start_ms: float = 0


@dataclass(frozen=True, slots=True)
class VideoSummary:
    """What planning needs to know about a video.

    Attributes:
        name: name of the source.
        metadata: the video stream.
        size_bytes: size of the file.
        is_seekable: whether decoding may start in the middle.
        key_interval_s: longest time between two key frames; None if the file has no complete index.
    """

    name: str
    metadata: VideoMetadata
    size_bytes: int
    is_seekable: bool
    key_interval_s: float | None


@dataclass(frozen=True, slots=True)
class Segment:
    """The frames shown at start_us <= t < end_us.

    The segments of one plan cover the video without gap or overlap. The first starts at 0, and the last has
    no end, because the duration that a file states is not reliable.

    Attributes:
        index: position in the plan, from 0.
        start_us: microseconds after the first frame.
        end_us: microseconds after the first frame; None for the end of the video.
    """

    index: int
    start_us: int
    end_us: int | None


def cut(duration_ms: int, count: int) -> tuple[Segment, ...]:
    """Cuts a video into `count` segments of equal length."""
    cuts_us = [index * duration_ms * 1000 // count for index in range(count)]
    return tuple(
        Segment(index, start_us, end_us)
        for index, (start_us, end_us) in enumerate(zip(cuts_us, [*cuts_us[1:], None], strict=True))
    )


def check_frame_rate(frame_rate: object) -> None:
    """Raises TypeError if a stated frame rate is not a number, and ValueError if no video can have it."""
    if not isinstance(frame_rate, Real):
        raise TypeError(f"frame_rate must be a number of frames per second, not {frame_rate!r}")
    lowest, highest = POSSIBLE_RATES
    if not isfinite(frame_rate) or not lowest <= frame_rate <= highest:
        raise ValueError(f"frame_rate must be between {lowest} and {highest}, not {frame_rate}")


def source_name(source: VideoSource) -> str:
    """Returns the name of a source for error messages: its path, or the file object's own name."""
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    return str(getattr(source, "name", None) or "the video")
