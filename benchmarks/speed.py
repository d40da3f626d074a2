"""How long tracking a video takes, beside the time that the network alone takes for the same frames.

    python -m benchmarks.speed data/vtest.avi --model yolox_nano.onnx --face-model centerface

With a model of faces, how long tracking and finding faces takes as well. All are measured in turns in
one run, with as many threads as there are processors; the medians count.
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
from people_pathing.engine.detector import YoloxDetector
from people_pathing.engine.segments import available_cpus

BATCH = 64


class Seconds(NamedTuple):
    """Time on the wall, and time that processors worked: the second hardly depends on what else runs."""

    wall: float
    processor: float

    @classmethod
    def now(cls) -> Seconds:
        return cls(time.perf_counter(), time.process_time())

    def since(self, earlier: Seconds) -> Seconds:
        return Seconds(self.wall - earlier.wall, self.processor - earlier.processor)

    def plus(self, other: Seconds) -> Seconds:
        return Seconds(self.wall + other.wall, self.processor + other.processor)


def network_alone(video: Path, detector: YoloxDetector, sample_fps: float | None) -> tuple[int, Seconds]:
    """How many frames are sampled, and how long the network takes for them once decoded and scaled."""
    count, elapsed = 0, Seconds(0, 0)
    images = _images(video, detector, sample_fps)
    with ThreadPoolExecutor(available_cpus()) as pool:
        while batch := list(islice(images, BATCH)):
            started = Seconds.now()
            count += sum(1 for _ in pool.map(detector.maps, batch))
            elapsed = elapsed.plus(Seconds.now().since(started))
    return count, elapsed


def tracking(
    video: Path, detector: YoloxDetector, sample_fps: float | None, face_detector: FaceDetector | None = None
) -> Seconds:
    """How long `track_video` takes."""
    started = Seconds.now()
    track_video(video, detector=detector, face_detector=face_detector, sample_fps=sample_fps)
    return Seconds.now().since(started)


def median(times: Sequence[Seconds]) -> Seconds:
    return Seconds(
        statistics.median(one.wall for one in times), statistics.median(one.processor for one in times)
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("video", type=Path)
    parser.add_argument("--model", help="a YOLOX ONNX file or the name of a known one")
    parser.add_argument("--face-model", help="a CenterFace ONNX file or the name of the known one")
    parser.add_argument("--sample-fps", type=float, default=math.inf, help="default: every frame")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args(arguments)
    detector = load_detector("yolox", given.model)
    if not isinstance(detector, YoloxDetector):
        parser.error("only YOLOX has a network whose time can be measured alone")
    faces = load_face_detector(given.face_model) if given.face_model else None
    networks: list[Seconds] = []
    wholes: list[Seconds] = []
    with_faces: list[Seconds] = []
    for number in range(given.rounds):
        count, seconds = network_alone(given.video, detector, given.sample_fps)
        networks.append(seconds)
        wholes.append(tracking(given.video, detector, given.sample_fps))
        print(
            f"round {number + 1}: network {seconds.wall:.1f} s, tracking {wholes[-1].wall:.1f} s", flush=True
        )
        if faces:
            with_faces.append(tracking(given.video, detector, given.sample_fps, faces))
    measured = {"network alone": median(networks), "track_video": median(wholes)}
    if with_faces:
        measured["with faces"] = median(with_faces)
    print(f"{given.video.name}: {count} frames looked at, {available_cpus()} processors")
    print("                    wall  processor")
    for label, seconds in measured.items():
        rate = count / seconds.wall
        print(f"{label:14} {seconds.wall:7.2f} s  {seconds.processor:7.2f} s  {rate:5.1f} frames/s")
    for (before, its), (label, mine) in pairwise(measured.items()):
        wall, processor = (mine[at] / its[at] for at in range(2))
        print(f"{label} ÷ {before}: {wall:.2f} wall, {processor:.2f} processor")
    print(f"peak memory    {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:4d} MB")


def _images(video: Path, detector: YoloxDetector, sample_fps: float | None) -> Iterator[NDArray[np.uint8]]:
    with open_video(video) as opened:
        size = detector.input_size(opened.width_px, opened.height_px)
        for frame in opened.frames(Segment(0, 0, None), sample_fps):
            if frame.is_sampled:
                yield opened.image(frame, *size)


if __name__ == "__main__":
    main()
