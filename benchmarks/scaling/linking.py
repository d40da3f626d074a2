"""Measures associating and linking for long videos, in a process of its own, and prints the times as JSON.

    python -m benchmarks.scaling.linking VIDEO DETECTIONS MINUTES

The long video shows the first scene of a real one forwards and backwards in turn. So no person jumps, and
there is no cut: people are linked across the whole video, as in the recording of one camera.
"""

from __future__ import annotations

import argparse
import io
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import cycle
from pathlib import Path

import numpy as np

from benchmarks.scaling.memory import peak_mb
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
from people_pathing.engine.detections import FIXED_CAMERA
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
        peak_mb: the most memory of the process, which takes all these steps.
        detections: how many detections there are.
        observations: how many observations are reported.
        result_bytes: size of the result object.
        tracks: how many people are found.
    """

    minutes: int
    windows: int
    window_s: float
    link_s: float
    peak_mb: float
    detections: int
    observations: int
    result_bytes: int
    tracks: int


def link_time(found: Detections, metadata: VideoMetadata, minutes: int) -> LinkTime:
    """Measures a long video that repeats a short one.

    Args:
        found: the detections in the short video.
        metadata: its metadata.
        minutes: length of the long video.
    """
    long = replace(metadata, duration_ms=minutes * 60_000)
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number, part in enumerate(seamless(found, long.duration_ms * 1000)):
            files.append(Path(folder) / f"{number}.npz")
            with files[-1].open("wb") as file:
                part.save(file)
        windows = plan_windows(long)
        successors: list[Successors] = []
        whole = _read(files)
        window_s = max(timed(partial(_associate, whole, window, successors)).processor for window in windows)
        detections = len(whole)
        del whole
        tracks: list[Track] = []
        sizes: list[int] = []

        def link() -> None:
            tracks.extend(link_detections(_read(files), long, successors=np.concatenate(successors)))
            sizes.extend(_encoded(tracks, long))

        link_s = timed(link).processor
    observations, result_bytes = sizes
    return LinkTime(
        minutes=minutes,
        windows=len(windows),
        window_s=round(window_s, 3),
        link_s=round(link_s, 3),
        peak_mb=round(peak_mb()),
        detections=detections,
        observations=observations,
        result_bytes=result_bytes,
        tracks=len(tracks),
    )


def seamless(found: Detections, until_us: int) -> Iterator[Detections]:
    """Yields the first scene forwards and backwards in turn, each time later, until a time.

    The last frame of each part is the first of the next, a sampled frame later.

    Args:
        found: the detections of a video.
        until_us: the time. The last part ends there.
    """
    later_cuts = np.flatnonzero(found.cuts[1:]) + 1
    frames = int(later_cuts[0]) if len(later_cuts) else len(found.frame_numbers)
    scene = _first(found, frames)
    interval_us = int(np.median(np.diff(scene.timestamps_us)))
    start_us = 0
    for part in cycle((scene, _backwards(scene))):
        timestamps_us = part.timestamps_us - part.timestamps_us[0] + start_us
        count = int(np.searchsorted(timestamps_us, until_us))
        if not count:
            return
        yield _first(replace(part, timestamps_us=timestamps_us), count)
        start_us = int(timestamps_us[-1]) + interval_us


def _first(found: Detections, frames: int) -> Detections:
    """Returns the first sampled frames, without cuts, from a camera that does not move, without faces."""
    count = int(np.searchsorted(found.rows, frames))
    embedded = int(np.searchsorted(found.embedding_rows, count))
    frame_count = int(found.frame_numbers[frames - 1]) + 1
    return replace(
        found,
        frame_numbers=found.frame_numbers[:frames],
        timestamps_us=found.timestamps_us[:frames],
        searched=found.searched[:frames],
        cuts=np.zeros(frames, np.bool_),
        camera_steps=np.tile(np.array(FIXED_CAMERA, np.float32), (frames, 1)),
        frame_count=frame_count,
        expected_frame_count=frame_count,
        rows=found.rows[:count],
        boxes=found.boxes[:count],
        scores=found.scores[:count],
        descriptors=found.descriptors[:count],
        faces=found.faces[:0],
        embedding_rows=found.embedding_rows[:embedded],
        embeddings=found.embeddings[:embedded],
    )


def _backwards(scene: Detections) -> Detections:
    """Returns a scene whose last frame is shown first."""
    return replace(
        scene,
        frame_numbers=scene.frame_numbers[-1] - scene.frame_numbers[::-1],
        timestamps_us=scene.timestamps_us[-1] - scene.timestamps_us[::-1],
        searched=scene.searched[::-1],
        rows=len(scene.frame_numbers) - 1 - scene.rows[::-1],
        boxes=scene.boxes[::-1],
        scores=scene.scores[::-1],
        descriptors=scene.descriptors[:][::-1],
        embedding_rows=len(scene) - 1 - scene.embedding_rows[::-1],
        embeddings=scene.embeddings[:][::-1],
    )


def _read(files: Sequence[Path]) -> Detections:
    """Reads the detections of all segments, one file at a time."""
    return concatenate(Detections.load(io.BytesIO(file.read_bytes())) for file in files)


def _associate(whole: Detections, window: Segment, successors: list[Successors]) -> None:
    successors.append(associate_window(whole, window))


def _encoded(tracks: Sequence[Track], metadata: VideoMetadata) -> tuple[int, int]:
    """Returns the number of observations and the size of the result object, which this makes."""
    from people_pathing.service.result_pages.from_tracks import api_metadata, blocks, observations
    from people_pathing.service.result_pages.layout import Header

    result = observations(tracks, metadata.frame_width, metadata.frame_height)
    header = Header("0" * 64, "0" * 12, "0" * 64, 0, len(result), {}, None, api_metadata(metadata))
    return len(result), sum(len(block) for block in blocks(header, result))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures one length."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("video", type=Path, help="the short video")
    parser.add_argument("detections", type=Path, help="the file of its detections")
    parser.add_argument("minutes", type=int, help="length of the long video")
    options = parser.parse_args(arguments)
    with options.detections.open("rb") as file:
        found = Detections.load(file)
    print(json.dumps(asdict(link_time(found, read_metadata(options.video), options.minutes))))


if __name__ == "__main__":
    main()
