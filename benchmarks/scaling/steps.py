"""Runs steps of a job as a worker does, in a process of their own, and prints their times as JSON.

    python -m benchmarks.scaling.steps VIDEO --model FILE --reidentification-model FILE --segments 4 --run 0 1

The engine and the reader of videos are the worker's own. Instead of S3, a local file answers the reader, and
the requests are counted. `benchmarks.scaling.measuring` starts these processes.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.scaling.memory import peak_mb
from people_pathing.engine.planning.work import UNKNOWN_FRAMES, FrameWork


@dataclass(frozen=True, slots=True)
class StepTime:
    """What one step took.

    Attributes:
        processor_s: processor time in seconds.
        calling_thread_s: the part of it that the calling thread took, which decodes and compares frames.
        elapsed_s: elapsed time in seconds.
        requests: how many requests the video's reader made.
        read_bytes: how many bytes it read.
        result_bytes: size of what the step would store.
        detections: how many detections it found or read.
    """

    processor_s: float
    elapsed_s: float
    calling_thread_s: float = 0.0
    requests: int = 0
    read_bytes: int = 0
    result_bytes: int = 0
    detections: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """What one process did.

    Attributes:
        start: from the start of the process until the models are loaded.
        plan: the plan step.
        work: the plan's estimate of the work, see `FrameWork`.
        segments: the detect steps.
        peak_mb: the most memory that the process had.
    """

    start: StepTime
    plan: StepTime
    work: FrameWork
    segments: tuple[StepTime, ...]
    peak_mb: float


class LocalObject:
    """Answers a video's reader with the parts of a local file, and counts its requests."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.requests = 0
        self.read_bytes = 0

    def get_object(self, *, Range: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - boto3's name
        """Returns a part of the file."""
        first, last = map(int, Range.removeprefix("bytes=").split("-"))
        with self._path.open("rb") as file:
            file.seek(first)
            data = file.read(last - first + 1)
        self.requests += 1
        self.read_bytes += len(data)
        return {"Body": io.BytesIO(data)}


def run(options: argparse.Namespace) -> Run:
    """Plans a video and runs the chosen detect steps."""
    from people_pathing.engine import (
        detect_segment,
        frame_work,
        load_detector,
        load_reidentifier,
        plan_by_work,
        summarize,
    )
    from people_pathing.engine.video import cut
    from people_pathing.service.job import VideoObject
    from people_pathing.service.videos.reader import open_video

    detector = load_detector("yolox", options.model)
    reidentifier = load_reidentifier(options.reidentification_model)
    if reidentifier is None:
        raise SystemExit("--reidentification-model is none, and the figures are those of a job with a model")
    start = StepTime(time.process_time(), 0.0)
    size_bytes = options.video.stat().st_size
    video = VideoObject("videos", options.video.name, None, None, "etag", size_bytes)

    def measured(step: Callable[[Any], tuple[int, int]]) -> StepTime:
        local: Any = LocalObject(options.video)
        begun = _clocks()
        with open_video(local, video) as source:
            result_bytes, detections = step(source)
        processor_s, elapsed_s, thread_s = (now - then for now, then in zip(_clocks(), begun, strict=True))
        return StepTime(
            processor_s, elapsed_s, thread_s, local.requests, local.read_bytes, result_bytes, detections
        )

    duration_ms, work = 0, UNKNOWN_FRAMES

    def plan(source: Any) -> tuple[int, int]:
        nonlocal duration_ms, work
        summary = summarize(source)
        duration_ms = summary.metadata.duration_ms
        work = frame_work(
            detector,
            summary.metadata.frame_width,
            summary.metadata.frame_height,
            with_faces=False,
            sample_fps=options.sample_fps,
            reidentifier=reidentifier,
        )
        plan_by_work(summary, work, segment_s=60, max_segments=400)
        return 0, 0

    def detect(number: int) -> Callable[[Any], tuple[int, int]]:
        def step(source: Any) -> tuple[int, int]:
            found = detect_segment(
                source,
                cut(duration_ms, options.segments)[number],
                detector,
                reidentifier=reidentifier,
                sample_fps=options.sample_fps,
            )
            file = io.BytesIO()
            found.save(file)
            if options.keep:
                (options.keep / f"{number}.npz").write_bytes(file.getvalue())
            return len(file.getvalue()), len(found)

        return step

    planned = measured(plan)
    numbers = range(options.segments) if options.run is None else options.run
    segments = tuple(measured(detect(number)) for number in numbers)
    return Run(start, planned, work, segments, round(peak_mb(), 1))


def _clocks() -> tuple[float, float, float]:
    """Reads the processor time of the process, the time, and the processor time of the calling thread."""
    return time.process_time(), time.perf_counter(), time.thread_time()


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the steps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("video", type=Path)
    parser.add_argument("--segments", type=int, default=1, help="into how many segments it is cut")
    parser.add_argument("--run", type=int, nargs="*", help="the segments to run (default: all)")
    parser.add_argument("--cpus", type=int, nargs="+", help="the processors to use (default: all)")
    parser.add_argument("--sample-fps", type=float)
    parser.add_argument("--model", required=True, help="ONNX file of the detector")
    parser.add_argument(
        "--reidentification-model", required=True, help="ONNX file of the re-identification model"
    )
    parser.add_argument("--keep", type=Path, help="folder that keeps the detections")
    options = parser.parse_args(arguments)
    if options.cpus:
        os.sched_setaffinity(0, options.cpus)
    print(json.dumps(asdict(run(options))))


if __name__ == "__main__":
    main()
