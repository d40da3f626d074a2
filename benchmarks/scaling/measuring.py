"""Measures the steps of a job on real video, and keeps the figures for the calculations.

Processor time is what counts: other work on the machine hardly changes it, and Lambda sells it. Only the
speed-up by a second processor is a ratio of elapsed times, which needs a quiet machine. Everything is
measured in turn, in several rounds.
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
from benchmarks.scaling.linking import LinkTime
from benchmarks.scaling.results import ResultTime
from benchmarks.scaling.videos import SIZES, make, repeat
from people_pathing.common.json_values import from_json
from people_pathing.engine.planning.work import FrameWork

MEASURED = Path(__file__).with_name("measured.json")
HALF_FPS = 7.0
SAMPLING = f"{HALF_FPS:g}"
DIVIDED = "1080p"
"""The size of the video that is divided among workers."""
CUTS = (2, 4, 8)
TWO_PROCESSORS = "two processors"


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured.

    Attributes:
        rounds: how often each step is measured.
        seconds: length of the videos whose people are detected.
        planned_minutes: length of the video that is planned.
        linked_minutes: lengths of the videos whose people are linked.
        observations: two lengths of results that are collected.
    """

    rounds: int = 3
    seconds: float = 53
    planned_minutes: int = 60
    linked_minutes: tuple[int, ...] = (1, 10, 60, 360)
    observations: tuple[int, int] = (10_000, 100_000)


SHORT = Effort(rounds=1, seconds=2, planned_minutes=1, linked_minutes=(1,), observations=(1_000, 2_000))
"""Only shows that everything can be measured."""


@dataclass(frozen=True, slots=True)
class VideoTime:
    """What the steps took for one video, in seconds of one processor.

    Attributes:
        size: name of its size.
        sampling: "default", or the sampled frames per second.
        seconds: its length.
        video_bytes: its size in bytes.
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
    detect_s: float
    detections: int
    segment_bytes: int
    peak_mb: float
    calling_thread_share: float
    work: FrameWork


@dataclass(frozen=True, slots=True)
class FanOut:
    """The detect step of one video, divided among processes. Each list has a time for each round.

    Attributes:
        size: name of the video's size.
        seconds: its length.
        cut_s: processor time of all segments together, by their number.
        two_processes_s: processor time of the slower of two processes, each with half of the video, at once.
        speedup: elapsed time of one process with one processor, divided by that with two. The quickest round
            of each counts: what another program delays is slow in one round.
    """

    size: str
    seconds: float
    cut_s: dict[str, list[float]]
    two_processes_s: list[float]
    speedup: float


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that the calculations need. Times are medians over the rounds.

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


def measure(source: Path, folder: Path, effort: Effort, models: Sequence[str]) -> Measured:
    """Measures everything.

    Args:
        source: a real video, whose pictures are shown.
        folder: receives the videos that are made of it.
        effort: how much is measured.
        models: the options that name the models, see `benchmarks.scaling.steps`.
    """
    videos = {size.name: make(source, size, effort.seconds, folder) for size in SIZES}
    divided = videos[DIVIDED]
    one = ["--cpus", "0", *models]
    # Runs that are compared with each other follow each other.
    steps: dict[str, tuple[Path, list[str]]] = {
        DIVIDED: (divided, one),
        TWO_PROCESSORS: (divided, ["--cpus", "0", "1", *models]),
        **{str(count): (divided, ["--segments", str(count), *one]) for count in CUTS},
        **{size: (video, one) for size, video in videos.items() if size != DIVIDED},
        SAMPLING: (divided, ["--sample-fps", SAMPLING, *one]),
    }
    runs: dict[str, list[Any]] = {name: [] for name in steps}
    pairs: list[list[Any]] = []
    for number in range(effort.rounds):
        for name, (video, options) in steps.items():
            print(f"round {number + 1} of {effort.rounds}: {name}", file=sys.stderr, flush=True)
            runs[name].append(_run(video, options))
        pairs.append(_pair(divided, models))
    hour = repeat(divided, effort.planned_minutes, folder)
    plans = [_run(hour, ["--run", *one]) for _ in range(effort.rounds)]
    with tempfile.TemporaryDirectory() as kept:
        _run(divided, ["--keep", kept, *models])
        links = tuple(_link_time(divided, Path(kept) / "0.npz", length) for length in effort.linked_minutes)
    return Measured(
        machine=machine(),
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        start_s=_median(run["start"]["processor_s"] for some in runs.values() for run in some),
        hour_plan_s=_median(run["plan"]["processor_s"] for run in plans),
        videos=(
            *(_video_time(size, "default", effort.seconds, videos[size], runs[size]) for size in videos),
            _video_time(DIVIDED, SAMPLING, effort.seconds, divided, runs[SAMPLING]),
        ),
        fan_out=FanOut(
            size=DIVIDED,
            seconds=effort.seconds,
            cut_s={
                "1": [_detect_s(run) for run in runs[DIVIDED]],
                **{str(count): [_detect_s(run) for run in runs[str(count)]] for count in CUTS},
            },
            two_processes_s=[max(map(_detect_s, pair)) for pair in pairs],
            speedup=round(_quickest_s(runs[DIVIDED]) / _quickest_s(runs[TWO_PROCESSORS]), 3),
        ),
        links=links,
        results=tuple(_result_time(count) for count in effort.observations),
        page_s=float(_output("benchmarks.scaling.serving")),
    )


def _pair(video: Path, models: Sequence[str]) -> list[Any]:
    """Runs the two halves of a video at once, each on a processor of its own."""
    halves = (["--cpus", str(half), "--segments", "2", "--run", str(half), *models] for half in range(2))
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda options: _run(video, options), halves))


def _video_time(size: str, sampling: str, seconds: float, video: Path, runs: Sequence[Any]) -> VideoTime:
    [segment] = runs[0]["segments"]
    return VideoTime(
        size=size,
        sampling=sampling,
        seconds=seconds,
        video_bytes=video.stat().st_size,
        detect_s=_median(map(_detect_s, runs)),
        detections=segment["detections"],
        segment_bytes=segment["result_bytes"],
        peak_mb=_median(run["peak_mb"] for run in runs),
        calling_thread_share=_median(
            run["segments"][0]["calling_thread_s"] / run["segments"][0]["processor_s"] for run in runs
        ),
        work=FrameWork(**runs[0]["work"]),
    )


def _detect_s(run: Any) -> float:
    return round(sum(float(segment["processor_s"]) for segment in run["segments"]), 4)


def _quickest_s(runs: Sequence[Any]) -> float:
    """Returns the shortest elapsed time of runs with one segment."""
    return min(float(run["segments"][0]["elapsed_s"]) for run in runs)


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 4)


def _run(video: Path, options: Sequence[str]) -> Any:
    """Runs steps in a process of their own."""
    return json.loads(_output("benchmarks.scaling.steps", str(video), *options))


def _link_time(video: Path, detections: Path, minutes: int) -> LinkTime:
    """Measures linking in a process of its own."""
    print(f"linking {minutes} min", file=sys.stderr, flush=True)
    return from_json(
        LinkTime, _output("benchmarks.scaling.linking", str(video), str(detections), str(minutes))
    )


def _result_time(observations: int) -> ResultTime:
    """Measures a result in a process of its own."""
    return from_json(ResultTime, _output("benchmarks.scaling.results", str(observations)))


def _output(module: str, *arguments: str) -> str:
    """Runs a module in a process of its own that logs nothing, and returns what it prints."""
    ran = subprocess.run(  # noqa: S603 - a module of this folder
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, "POWERTOOLS_LOG_LEVEL": "CRITICAL"},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return ran.stdout
