"""Measures the steps of a job on real video, and keeps the figures for the calculations.

Processor time is what counts: other work on the machine hardly changes it, and Lambda sells it. Each figure
is the median over rounds in which everything is measured in turn.
"""

from __future__ import annotations

import datetime
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.engine.tables import machine
from benchmarks.scaling.linking import LinkTime, link_times
from benchmarks.scaling.results import ResultTime
from benchmarks.scaling.videos import SIZES, Size, make, repeat
from people_pathing.common.json_values import from_json
from people_pathing.engine.planning.work import FrameWork

MEASURED = Path(__file__).with_name("measured.json")
HALF_FPS = 7.0
CUTS = (1, 2, 4, 8)
LINKED_MINUTES = (1, 10, 60)
PLANNED_MINUTES = 60
RESULT_OBSERVATIONS = (10_000, 100_000)


@dataclass(frozen=True, slots=True)
class VideoTime:
    """What the steps took for one video, in seconds of one processor.

    Attributes:
        size: name of its size.
        sampling: "default", or the sampled frames per second.
        seconds: its length.
        video_bytes: its size in bytes.
        plan_s: the plan step.
        plan_requests: requests to S3 in the plan step.
        detect_s: the detect step, in one segment.
        detections: how many it found.
        segment_bytes: size of the stored detections.
        peak_mb: the most memory of the process.
        calling_thread_share: which share of the detect step the thread takes that decodes, compares frames
            and does not search them.
        work: the plan's estimate of the work.
    """

    size: str
    sampling: str
    seconds: float
    video_bytes: int
    plan_s: float
    plan_requests: float
    detect_s: float
    detections: int
    segment_bytes: int
    peak_mb: float
    calling_thread_share: float
    work: FrameWork


@dataclass(frozen=True, slots=True)
class FanOut:
    """The detect step of one video, divided among processes.

    Attributes:
        size: name of the video's size.
        seconds: its length.
        cut_s: processor time of all segments together, by their number.
        cut_requests: requests to S3 of all segments together, by their number.
        two_processes_s: processor time of the slower of two processes, each with half of the video, at once.
        two_threads_s: processor time of one process with two processors, for the whole video.
    """

    size: str
    seconds: float
    cut_s: dict[str, float]
    cut_requests: dict[str, float]
    two_processes_s: float
    two_threads_s: float


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that the calculations need.

    Attributes:
        machine: the machine.
        date: the day.
        start_s: processor time from the start of a process until the models are loaded.
        hour_plan_s: the plan step of an hour in 1080p.
        videos: the steps by size and sampling.
        fan_out: the detect step divided.
        links: associating and linking, by length of the video.
        results: collecting and analysing, by the number of observations.
        page_s: serving a page of a result that is requested in turn.
    """

    machine: str
    date: str
    start_s: float
    hour_plan_s: float
    videos: tuple[VideoTime, ...]
    fan_out: FanOut
    links: tuple[LinkTime, ...]
    results: tuple[ResultTime, ...]
    page_s: float

    def video(self, size: str, sampling: str = "default") -> VideoTime:
        """Returns the times of one size and sampling."""
        return next(one for one in self.videos if (one.size, one.sampling) == (size, sampling))


def load() -> Measured:
    """Returns the figures that were kept."""
    return from_json(Measured, MEASURED.read_text("utf-8"))


def keep(measured: Measured) -> None:
    """Keeps the figures in the file that `load` reads."""
    MEASURED.write_text(json.dumps(asdict(measured), indent=2) + "\n", "utf-8")


def measure(source: Path, seconds: float, folder: Path, rounds: int, models: Sequence[str]) -> Measured:
    """Measures everything.

    Args:
        source: a real video, whose pictures are shown.
        seconds: length of the videos that are made of it.
        folder: receives them.
        rounds: how often everything is measured.
        models: the options that name the models, see `benchmarks.scaling.steps`.
    """
    videos = {size: make(source, size, seconds, folder) for size in SIZES}
    divided = next(size for size in SIZES if size.name == "1080p")
    sampled: list[tuple[Size, str, list[str]]] = [
        *((size, "default", []) for size in SIZES),
        (divided, f"{HALF_FPS:g}", ["--sample-fps", f"{HALF_FPS:g}"]),
    ]
    alone: dict[tuple[str, str], list[Any]] = {(size.name, name): [] for size, name, _ in sampled}
    cut: dict[int, list[Any]] = {count: [] for count in CUTS}
    pairs: list[list[Any]] = []
    two_threads: list[Any] = []
    for _ in range(rounds):
        for size, name, options in sampled:
            alone[size.name, name].append(_run(videos[size], ["--cpus", "0", *options, *models]))
        for count in CUTS:
            options = ["--cpus", "0", "--segments", str(count), *models]
            cut[count].append(_run(videos[divided], options))
        pairs.append(_pair(videos[divided], models))
        two_threads.append(_run(videos[divided], ["--cpus", "0", "1", *models]))
    hour = repeat(videos[divided], PLANNED_MINUTES, folder)
    plans = [_run(hour, ["--cpus", "0", "--run", *models]) for _ in range(rounds)]
    with tempfile.TemporaryDirectory() as kept:
        _run(videos[divided], ["--keep", kept, *models])
        links = link_times(videos[divided], Path(kept) / "0.npz", LINKED_MINUTES)
    return Measured(
        machine(),
        datetime.datetime.now(datetime.UTC).date().isoformat(),
        _median(run["start"]["processor_s"] for runs in alone.values() for run in runs),
        _median(run["plan"]["processor_s"] for run in plans),
        tuple(
            _video_time(size, name, seconds, videos[size], alone[size.name, name])
            for size, name, _ in sampled
        ),
        FanOut(
            divided.name,
            seconds,
            {str(count): _median(_detect_s(run) for run in runs) for count, runs in cut.items()},
            {
                str(count): _median(sum(one["requests"] for one in run["segments"]) for run in runs)
                for count, runs in cut.items()
            },
            _median(max(_detect_s(one) for one in pair) for pair in pairs),
            _median(_detect_s(run) for run in two_threads),
        ),
        links,
        tuple(_result_time(count) for count in RESULT_OBSERVATIONS),
        float(_output("benchmarks.scaling.serving")),
    )


def _pair(video: Path, models: Sequence[str]) -> list[Any]:
    """Runs the two halves of a video at once, each on a processor of its own."""
    halves = (["--cpus", str(half), "--segments", "2", "--run", str(half), *models] for half in range(2))
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda options: _run(video, options), halves))


def _video_time(size: Size, name: str, seconds: float, video: Path, runs: Sequence[Any]) -> VideoTime:
    [segment] = runs[0]["segments"]
    return VideoTime(
        size.name,
        name,
        seconds,
        video.stat().st_size,
        _median(run["plan"]["processor_s"] for run in runs),
        runs[0]["plan"]["requests"],
        _median(_detect_s(run) for run in runs),
        segment["detections"],
        segment["result_bytes"],
        _median(run["peak_mb"] for run in runs),
        _median(run["segments"][0]["calling_thread_s"] / run["segments"][0]["processor_s"] for run in runs),
        FrameWork(**runs[0]["work"]),
    )


def _detect_s(run: Any) -> float:
    return sum(float(one["processor_s"]) for one in run["segments"])


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 4)


def _result_time(observations: int) -> ResultTime:
    """Measures a result in a process of its own that logs nothing."""
    written = _output("benchmarks.scaling.results", str(observations), POWERTOOLS_LOG_LEVEL="CRITICAL")
    return from_json(ResultTime, written)


def _run(video: Path, options: Sequence[str]) -> Any:
    """Runs steps in a process of their own."""
    return json.loads(_output("benchmarks.scaling.steps", str(video), *options))


def _output(module: str, *options: str, **environment: str) -> str:
    """Returns what a module of this program prints."""
    command = [sys.executable, "-m", module, *options]
    variables = {**os.environ, **environment}
    ran = subprocess.run(command, env=variables, stdout=subprocess.PIPE, check=True, text=True)  # noqa: S603
    return ran.stdout
