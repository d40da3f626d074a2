"""How long tracking a video takes, beside the time that the network alone takes for the same frames.

    python -m benchmarks.speed data/vtest.avi --model yolox_nano.onnx

Both are measured in turns in the same run, with as many threads as there are processors; the medians count.
"""

from __future__ import annotations

import argparse
import math
import resource
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracking_engine import Segment, load_detector, track_video
from tracking_engine.detect import available_cpus
from tracking_engine.detector import YoloxDetector
from tracking_engine.frames import open_video

BATCH = 64


def network_seconds(video: Path, detector: YoloxDetector, sample_fps: float | None) -> tuple[int, float]:
    """How many frames are sampled, and how long the network takes for them once decoded and scaled."""
    count, elapsed_s = 0, 0.0
    images = _images(video, detector, sample_fps)
    with ThreadPoolExecutor(available_cpus()) as pool:
        while batch := list(islice(images, BATCH)):
            started = time.perf_counter()
            count += sum(1 for _ in pool.map(detector.maps, batch))
            elapsed_s += time.perf_counter() - started
    return count, elapsed_s


def tracking_seconds(video: Path, detector: YoloxDetector, sample_fps: float | None) -> float:
    """How long `track_video` takes."""
    started = time.perf_counter()
    track_video(video, detector=detector, sample_fps=sample_fps)
    return time.perf_counter() - started


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("video", type=Path)
    parser.add_argument("--model", help="a YOLOX ONNX file or the name of a known one")
    parser.add_argument("--sample-fps", type=float, default=math.inf, help="default: every frame")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args(arguments)
    detector = load_detector("yolox", given.model)
    if not isinstance(detector, YoloxDetector):
        parser.error("only YOLOX has a network whose time can be measured alone")
    network: list[float] = []
    whole: list[float] = []
    for number in range(given.rounds):
        count, seconds = network_seconds(given.video, detector, given.sample_fps)
        network.append(seconds)
        whole.append(tracking_seconds(given.video, detector, given.sample_fps))
        print(f"round {number + 1}: network {network[-1]:.2f} s, tracking {whole[-1]:.2f} s", flush=True)
    network_s, whole_s = statistics.median(network), statistics.median(whole)
    print(
        f"{given.video.name}: {count} frames looked at, {available_cpus()} processors\n"
        f"network alone   {network_s:6.2f} s  {count / network_s:5.1f} frames/s\n"
        f"track_video     {whole_s:6.2f} s  {count / whole_s:5.1f} frames/s\n"
        f"ratio           {whole_s / network_s:6.2f}\n"
        f"peak memory     {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB"
    )


def _images(video: Path, detector: YoloxDetector, sample_fps: float | None) -> Iterator[NDArray[np.uint8]]:
    with open_video(video) as opened:
        size = detector.input_size(opened.width_px, opened.height_px)
        for frame in opened.frames(Segment(0, 0, None), sample_fps):
            if frame.is_sampled:
                yield opened.image(frame, *size)


if __name__ == "__main__":
    main()
