"""Compares the time of tracking a video, part by part, with the time that the network alone needs.

    python -m benchmarks.speed data/vtest.avi --model yolox_nano.onnx

The measurements alternate within one run and use one thread per processor. Their ratios are reported: medians
over the rounds, elapsed time and processor time. Other processes on the machine change the elapsed time.
"""

from __future__ import annotations

import argparse
import math
import resource
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.engine.tables import machine, markdown, write_table
from benchmarks.network import network_alone
from benchmarks.timing import Seconds, interleaved, median, median_ratio, timed
from people_pathing.engine import (
    Detector,
    DetectorError,
    FaceDetector,
    Reidentifier,
    Segment,
    detect_segment,
    link_detections,
    load_detector,
    load_face_detector,
    load_reidentifier,
    read_metadata,
)

NETWORK = "network alone"


@dataclass(frozen=True, slots=True)
class Parts:
    """Which parts of the engine are on, apart from detection and linking.

    Attributes:
        reidentifier: None for no re-identification.
        face_detector: None for no face detection.
        camera_motion: whether the motion of the camera is estimated.
        skip_still: whether frames in which nothing moves are not searched.
    """

    reidentifier: Reidentifier | None = None
    face_detector: FaceDetector | None = None
    camera_motion: bool = False
    skip_still: bool = False


def tracking(video: Path, detector: Detector, sample_fps: float | None, parts: Parts) -> Seconds:
    """Returns the time that tracking takes."""

    def track() -> None:
        detections = detect_segment(
            video,
            Segment(0, 0, None),
            detector,
            reidentifier=parts.reidentifier,
            face_detector=parts.face_detector,
            camera_motion=parts.camera_motion,
            skip_still=parts.skip_still,
            sample_fps=sample_fps,
        )
        link_detections(detections, read_metadata(video))

    return timed(track)


def combinations(reidentifier: Reidentifier | None, faces: FaceDetector | None) -> dict[str, Parts]:
    """Returns what is measured: no part, each part, all parts. Without a model, there is no such part."""
    found = {"detection and linking": Parts()}
    if reidentifier:
        found["with re-identification"] = Parts(reidentifier=reidentifier)
    found["with camera motion"] = Parts(camera_motion=True)
    found["with still frames skipped"] = Parts(skip_still=True)
    if faces:
        found["with faces"] = Parts(face_detector=faces)
    found["all but faces"] = Parts(reidentifier=reidentifier, camera_motion=True, skip_still=True)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark and prints its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("video", type=Path)
    parser.add_argument("--model", help="ONNX file of the default detector, or name of a known model")
    parser.add_argument("--reidentification-model", help="ONNX file or name of the known model")
    parser.add_argument("--face-model", default="centerface", help="ONNX file or name of the known model")
    parser.add_argument("--sample-fps", type=float, default=math.inf, help="default: every frame")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", type=Path, help="document whose table is replaced")
    options = parser.parse_args(arguments)
    detector = load_detector("yolox", options.model)
    try:
        faces = load_face_detector(options.face_model)
    except DetectorError as error:
        print(f"skipped: faces: {error}")
        faces = None
    parts = combinations(load_reidentifier(options.reidentification_model), faces)
    count = 0

    def network() -> Seconds:
        nonlocal count
        count, seconds = network_alone(options.video, detector, options.sample_fps)
        return seconds

    actions: dict[str, Callable[[], Seconds]] = {NETWORK: network}
    for label, chosen in parts.items():
        actions[label] = partial(tracking, options.video, detector, options.sample_fps, chosen)
    times = interleaved(actions, options.rounds)
    alone = median(times[NETWORK])
    ratios = {label: median_ratio(times[label], times[NETWORK]) for label in parts}
    table = (
        f"{machine()};\n{options.video.name}, {count} sampled frames, {NETWORK}: "
        f"{alone.processor / count * 1000:.1f} ms of processor time for each\n\n"
    ) + markdown(
        [f"time ÷ {NETWORK}", "elapsed", "processor"],
        ([label, f"{ratio.wall:.2f}", f"{ratio.processor:.2f}"] for label, ratio in ratios.items()),
    )
    print(f"{table}\npeak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    if options.write:
        write_table(options.write, "speed", table)


if __name__ == "__main__":
    main()
