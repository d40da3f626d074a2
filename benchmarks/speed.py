"""Compares the time of tracking a video with the time that the network alone needs for the same frames.

    python -m benchmarks.speed data/vtest.avi --model yolox_nano.onnx --face-model centerface

With a face model, tracking with face detection is measured as well. The measurements alternate within one
run and use one thread per processor. The medians are reported.
"""

from __future__ import annotations

import argparse
import math
import resource
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine import FaceDetector, Segment, load_detector, load_face_detector, track_video
from people_pathing.engine.decoding import open_video
from people_pathing.engine.detectors.yolox.detector import YoloxDetector
from people_pathing.engine.segments import available_cpus

BATCH_FRAMES = 64
"""Frames that are decoded before the network is timed on them, so that decoding is not measured."""


class Seconds(NamedTuple):
    """Elapsed time and processor time in seconds. Other processes hardly change the second.

    Attributes:
        wall: elapsed time.
        processor: time that all processors spent on this process.
    """

    wall: float
    processor: float

    @classmethod
    def now(cls) -> Seconds:
        """Reads both clocks."""
        return cls(time.perf_counter(), time.process_time())

    def since(self, earlier: Seconds) -> Seconds:
        """Returns the difference."""
        return Seconds(self.wall - earlier.wall, self.processor - earlier.processor)

    def plus(self, other: Seconds) -> Seconds:
        """Returns the sum."""
        return Seconds(self.wall + other.wall, self.processor + other.processor)


def network_alone(video: Path, detector: YoloxDetector, sample_fps: float | None) -> tuple[int, Seconds]:
    """Returns the number of sampled frames and the time of the network for them, without decoding."""
    count, elapsed = 0, Seconds(0, 0)
    images = _images(video, detector, sample_fps)
    with ThreadPoolExecutor(available_cpus()) as pool:
        while batch := list(islice(images, BATCH_FRAMES)):
            started = Seconds.now()
            count += sum(1 for _ in pool.map(detector.maps, batch))
            elapsed = elapsed.plus(Seconds.now().since(started))
    return count, elapsed


def tracking(
    video: Path, detector: YoloxDetector, sample_fps: float | None, face_detector: FaceDetector | None = None
) -> Seconds:
    """Returns the time that `track_video` takes."""
    started = Seconds.now()
    track_video(video, detector=detector, face_detector=face_detector, sample_fps=sample_fps)
    return Seconds.now().since(started)


def median(times: Sequence[Seconds]) -> Seconds:
    """Returns the median of each clock."""
    return Seconds(
        statistics.median(one.wall for one in times), statistics.median(one.processor for one in times)
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark and prints its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("video", type=Path)
    parser.add_argument("--model", help="YOLOX ONNX file or name of a known model")
    parser.add_argument("--face-model", help="CenterFace ONNX file or name of the known model")
    parser.add_argument("--sample-fps", type=float, default=math.inf, help="default: every frame")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    detector = load_detector("yolox", options.model)
    if not isinstance(detector, YoloxDetector):
        parser.error("only the network of YOLOX can be timed alone")
    faces = load_face_detector(options.face_model) if options.face_model else None
    networks: list[Seconds] = []
    wholes: list[Seconds] = []
    with_faces: list[Seconds] = []
    for number in range(options.rounds):
        count, seconds = network_alone(options.video, detector, options.sample_fps)
        networks.append(seconds)
        wholes.append(tracking(options.video, detector, options.sample_fps))
        print(
            f"round {number + 1}: network {seconds.wall:.1f} s, tracking {wholes[-1].wall:.1f} s", flush=True
        )
        if faces:
            with_faces.append(tracking(options.video, detector, options.sample_fps, faces))
    measured = {"network alone": median(networks), "track_video": median(wholes)}
    if with_faces:
        measured["with faces"] = median(with_faces)
    print(f"{options.video.name}: {count} sampled frames, {available_cpus()} processors")
    print("                    wall  processor")
    for label, seconds in measured.items():
        rate = count / seconds.wall
        print(f"{label:14} {seconds.wall:7.2f} s  {seconds.processor:7.2f} s  {rate:5.1f} frames/s")
    for (base_label, base), (label, seconds) in pairwise(measured.items()):
        wall, processor = (seconds[clock] / base[clock] for clock in range(2))
        print(f"{label} ÷ {base_label}: {wall:.2f} wall, {processor:.2f} processor")
    print(f"peak memory    {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:4d} MB")


def _images(video: Path, detector: YoloxDetector, sample_fps: float | None) -> Iterator[NDArray[np.uint8]]:
    with open_video(video) as opened:
        size = detector.input_size(opened.width_px, opened.height_px)
        for frame in opened.frames(Segment(0, 0, None), sample_fps):
            if frame.is_sampled:
                yield opened.image(frame, *size)


if __name__ == "__main__":
    main()
