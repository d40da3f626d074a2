"""Measures associating and linking for long videos: the detections of a real one, repeated."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.timing import timed
from people_pathing.engine import (
    Detections,
    Segment,
    Successors,
    associate_window,
    concatenate,
    link_detections,
    plan_windows,
    read_metadata,
)
from people_pathing.engine.tracks import Track
from people_pathing.engine.video import VideoMetadata


@dataclass(frozen=True, slots=True)
class LinkTime:
    """What the last steps took for a video, in seconds of one processor.

    Attributes:
        minutes: its length.
        windows: its tracking windows.
        window_s: the longest association of one window.
        link_s: the link step: reading the detections, linking them, and encoding the result.
        detections: how many detections there are.
        observations: how many observations are reported.
        result_bytes: size of the result object.
        tracks: how many people are found.
    """

    minutes: int
    windows: int
    window_s: float
    link_s: float
    detections: int
    observations: int
    result_bytes: int
    tracks: int


def link_times(video: Path, detections: Path, minutes: Sequence[int]) -> tuple[LinkTime, ...]:
    """Measures videos of these lengths that repeat a video.

    Args:
        video: the video.
        detections: the file of its detections.
        minutes: lengths of the longer videos.
    """
    metadata = read_metadata(video)
    with detections.open("rb") as file:
        found = Detections.load(io.BytesIO(file.read()))
    return tuple(_link_time(found, metadata, length) for length in minutes)


def _link_time(found: Detections, metadata: VideoMetadata, minutes: int) -> LinkTime:
    long = replace(metadata, duration_ms=minutes * 60_000)
    parts = _repeated(found, metadata.duration_ms, long.duration_ms)
    files = []
    for part in parts:
        file = io.BytesIO()
        part.save(file)
        files.append(file.getvalue())
    whole = concatenate(parts)
    windows = plan_windows(long)
    successors: list[Successors] = []
    window_s = 0.0
    for window in windows:
        seconds = timed(partial(_associate, whole, window, successors))
        window_s = max(window_s, seconds.processor)
    tracks: list[Track] = []
    sizes: list[int] = []

    def link() -> None:
        read = concatenate(Detections.load(io.BytesIO(file)) for file in files)
        tracks.extend(link_detections(read, long, successors=np.concatenate(successors)))
        sizes.extend(_encoded(tracks, long))

    link_s = timed(link).processor
    observations, result_bytes = sizes
    return LinkTime(
        minutes,
        len(windows),
        round(window_s, 3),
        round(link_s, 3),
        len(whole),
        observations,
        result_bytes,
        len(tracks),
    )


def _associate(whole: Detections, window: Segment, successors: list[Successors]) -> None:
    successors.append(associate_window(whole, window))


def _repeated(found: Detections, length_ms: int, until_ms: int) -> list[Detections]:
    """Returns the detections repeatedly, each time later. The last ones may end in the middle."""
    parts = []
    for start_ms in range(0, until_ms, length_ms):
        timestamps_us = found.timestamps_us + start_ms * 1000
        parts.append(replace(found, timestamps_us=timestamps_us))
    return parts


def _encoded(tracks: Sequence[Track], metadata: VideoMetadata) -> tuple[int, int]:
    """Returns the number of observations and the size of the result object, which this makes."""
    from people_pathing.service.result_pages.from_tracks import api_metadata, blocks, observations
    from people_pathing.service.result_pages.layout import Header

    result = observations(tracks, metadata.frame_width, metadata.frame_height)
    header = Header("0" * 64, "0" * 12, "0" * 64, 0, len(result), {}, None, api_metadata(metadata))
    return len(result), sum(len(block) for block in blocks(header, result))
