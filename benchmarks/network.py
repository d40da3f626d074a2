"""The time of a detector's network alone, which other times are compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path

from benchmarks.timing import Seconds, timed
from people_pathing.engine import Detector, Segment
from people_pathing.engine.decoding import open_video
from people_pathing.engine.interfaces import Image
from people_pathing.engine.segments import available_cpus

BATCH_FRAMES = 64
"""Frames that are decoded before the network is timed on them, so that decoding is not measured."""


def network_alone(
    video: Path, detector: Detector, sample_fps: float | None, most_frames: int | None = None
) -> tuple[int, Seconds]:
    """Returns the number of sampled frames and the time of the network for them, without decoding.

    Args:
        video: the file.
        detector: of YOLOX, only the network is timed; of others, `detect`.
        sample_fps: frames per second to sample; None for the default.
        most_frames: number of sampled frames to stop at; None for all.
    """
    run: Callable[[Image], object] = getattr(detector, "maps", detector.detect)
    count, elapsed = 0, Seconds(0, 0)
    images = islice(_images(video, detector, sample_fps), most_frames)
    with ThreadPoolExecutor(available_cpus()) as pool:
        while batch := list(islice(images, BATCH_FRAMES)):
            elapsed = elapsed.plus(timed(partial(_run_all, pool, run, batch)))
            count += len(batch)
    return count, elapsed


def _run_all(pool: ThreadPoolExecutor, run: Callable[[Image], object], images: Iterable[Image]) -> None:
    for _ in pool.map(run, images):
        pass


def _images(video: Path, detector: Detector, sample_fps: float | None) -> Iterator[Image]:
    with open_video(video) as opened:
        size = detector.input_size(opened.width_px, opened.height_px)
        for frame in opened.frames(Segment(0, 0, None), sample_fps):
            if frame.is_sampled:
                yield opened.image(frame, *size)
