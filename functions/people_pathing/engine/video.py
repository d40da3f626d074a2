"""What is known of a video before a single person is looked for in it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import BinaryIO, Literal

VideoSource = str | os.PathLike[str] | BinaryIO
"""A path, or a seekable binary file object, which is read where needed and never copied whole."""


class VideoError(Exception):
    """The source cannot be tracked; the message names it and says what would be right."""


@dataclass(frozen=True, slots=True)
class VideoMetadata:
    """The video stream as it is displayed.

    codec         FFmpeg's short name, "h264"
    format        FFmpeg's long name of the container, "QuickTime / MOV"
    frame_rate    frames a second, the average where it varies
    frame_width, frame_height   pixels after rotation
    color_range   None where the file does not say
    """

    codec: str
    format: str
    duration_ms: int
    frame_rate: float
    frame_width: int
    frame_height: int
    color_range: Literal["FULL", "LIMITED"] | None


@dataclass(frozen=True, slots=True)
class Segment:
    """The frames shown at start_us <= t < end_us, in microseconds after the first frame.

    The segments of one plan cover the video without gap or overlap: the first starts at 0 and the last
    has no end (None), since a file's own word on its length cannot be relied on.
    """

    index: int
    start_us: int
    end_us: int | None


def cut(duration_ms: int, count: int) -> tuple[Segment, ...]:
    """Cut a video into `count` segments of the same length."""
    cuts_us = [index * duration_ms * 1000 // count for index in range(count)]
    return tuple(
        Segment(index, start_us, end_us)
        for index, (start_us, end_us) in enumerate(zip(cuts_us, [*cuts_us[1:], None], strict=True))
    )


def source_name(source: VideoSource) -> str:
    """The name by which errors call a source: its path, or the file object's own name."""
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    return str(getattr(source, "name", None) or "the video")
