"""Measures the accuracy of the engine, compared with live trackers on the same detections.

    python -m benchmarks.engine [--write docs/benchmarks.md] [--spread 24] [--no-hog]

The data folder (--data, or TRACKING_DATA) has videos and, beside each, its ground truth NAME.gt.txt in
MOTChallenge's format. Ground truth rows with confidence 0 are ignored, as the format requires.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine import (
    Detections,
    Detector,
    Segment,
    Track,
    TrackingResult,
    VideoMetadata,
    detect_segment,
    load_detector,
    read_metadata,
)
from people_pathing.engine.segments import available_cpus
from people_pathing.engine.tracking.paths import link_detections
from people_pathing.engine.tracking.settings import TrackerSettings
from people_pathing.exports.mot import mot_rows

DEFAULT_DATA = Path(__file__).parents[2] / "shared/data"
DEFAULT_MODEL = Path(__file__).parents[2] / "shared/models/yolox_nano.onnx"
TABLE_START, TABLE_END = "<!-- measured -->", "<!-- end -->"
SPREAD = 0.15
"""Largest relative change of a setting in the sensitivity test."""

Rows = NDArray[np.float64]
"""(N, 7) columns of a MOTChallenge file: frame, id, left, top, width, height, confidence."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A video and its ground truth.

    Attributes:
        name: name of the sequence.
        video: the file.
        truth: ground truth rows with confidence above 0.
    """

    name: str
    video: Path
    truth: Rows


@dataclass(frozen=True, slots=True)
class Score:
    """The accuracy on one sequence.

    Attributes:
        mota: percent.
        idf1: percent.
        hota: percent.
        switches: number of exchanged identities.
    """

    mota: float
    idf1: float
    hota: float
    switches: int


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of the table.

    Attributes:
        sequence: name of the sequence.
        method: name of the method.
        score: its accuracy.
        detect_ms: milliseconds of detection per frame of the video.
        link_ms: milliseconds of association and linking per frame of the video.
    """

    sequence: str
    method: str
    score: Score
    detect_ms: float | None = None
    link_ms: float | None = None


def sequences(data: Path) -> Iterator[Labelled]:
    """Yields the videos in a folder that have ground truth."""
    for truth in sorted(data.glob("*.gt.txt")):
        name = truth.name.removesuffix(".gt.txt")
        videos = [path for path in sorted(data.glob(f"{name}.*")) if path.suffix != ".txt"]
        if videos:
            # In some data sets, later columns are positions in the world, which the reader takes for classes.
            rows = np.loadtxt(truth, delimiter=",", usecols=range(7), ndmin=2)
            yield Labelled(name, videos[0], rows[rows[:, 6] > 0])


def evaluate(truth: Rows, found: Sequence[Sequence[float]]) -> Score:
    """Compares MOTChallenge rows with the ground truth by TrackEval's rules."""
    from trackers.eval import evaluate_mot_sequence

    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder, "truth.txt"), Path(folder, "found.txt")
        for path, rows in zip(paths, (truth, found or [[1, 1, -9, -9, 1, 1, 1]]), strict=True):
            path.write_text("".join(",".join(f"{value:g}" for value in row[:7]) + "\n" for row in rows))
        result = evaluate_mot_sequence(*paths, metrics=["CLEAR", "HOTA", "Identity"])
    assert result.CLEAR
    assert result.Identity
    assert result.HOTA
    return Score(
        mota=100 * result.CLEAR.MOTA,
        idf1=100 * result.Identity.IDF1,
        hota=100 * result.HOTA.HOTA,
        switches=result.CLEAR.IDSW,
    )


def score_tracks(
    truth: Rows, metadata: VideoMetadata, detections: Detections, tracks: tuple[Track, ...]
) -> Score:
    """Compares tracks with the ground truth."""
    result = TrackingResult(metadata, detections.frame_count, detections.frame_numbers, tracks)
    return evaluate(truth, list(mot_rows(result)))


def live_rows(tracker: Any, detections: Detections) -> list[list[float]]:
    """Returns the MOTChallenge rows of a live tracker of the `trackers` library."""
    from supervision import Detections as SupervisionDetections

    rows = []
    starts = np.searchsorted(detections.rows, np.arange(len(detections.frame_numbers) + 1))
    for row, frame in enumerate(detections.frame_numbers.tolist()):
        here = slice(starts[row], starts[row + 1])
        found = tracker.update(
            SupervisionDetections(detections.boxes[here], confidence=detections.scores[here])
        )
        for box, track_id, score in zip(found.xyxy, found.tracker_id, found.confidence, strict=True):
            if track_id >= 0:
                x1, y1, x2, y2 = box.tolist()
                rows.append([frame + 1, track_id + 1, x1, y1, x2 - x1, y2 - y1, score])
    return rows


def detect(
    sequence: Labelled, detector: Detector, sample_fps: float | None
) -> tuple[VideoMetadata, Detections, float]:
    """Returns the metadata and the detections of a video, and the milliseconds per frame that they took."""
    metadata = read_metadata(sequence.video)
    started = time.perf_counter()
    detections = detect_segment(sequence.video, Segment(0, 0, None), detector, sample_fps=sample_fps)
    return metadata, detections, 1000 * (time.perf_counter() - started) / detections.frame_count


def measure(
    sequence: Labelled, detector: Detector, hog: Detector | None
) -> Iterator[tuple[Measured, VideoMetadata, Detections]]:
    """Yields the result of every method on one sequence, the engine's own first."""
    from trackers import BoTSORTTracker, ByteTrackTracker

    def ours(
        method: str, used: Detector, sample_fps: float | None
    ) -> tuple[Measured, VideoMetadata, Detections]:
        metadata, detections, detect_ms = detect(sequence, used, sample_fps)
        started = time.perf_counter()
        tracks = link_detections(detections, metadata)
        link_ms = 1000 * (time.perf_counter() - started) / detections.frame_count
        score = score_tracks(sequence.truth, metadata, detections, tracks)
        return Measured(sequence.name, method, score, detect_ms, link_ms), metadata, detections

    first, metadata, detections = ours("ours, every frame", detector, math.inf)
    yield first, metadata, detections
    yield ours("ours, default sampling", detector, None)
    live: list[tuple[str, Callable[[], Any]]] = [
        ("ByteTrack, live", lambda: ByteTrackTracker(frame_rate=metadata.frame_rate)),
        ("BoT-SORT, live", lambda: BoTSORTTracker(frame_rate=metadata.frame_rate, enable_cmc=False)),
    ]
    for method, make in live:
        started = time.perf_counter()
        rows = live_rows(make(), detections)
        link_ms = 1000 * (time.perf_counter() - started) / detections.frame_count
        score = evaluate(sequence.truth, rows)
        yield Measured(sequence.name, method, score, first.detect_ms, link_ms), metadata, detections
    if hog:
        yield ours("HOG + ours, every frame", hog, math.inf)


def perturbed(settings: TrackerSettings, chance: random.Random) -> TrackerSettings:
    """Multiplies every setting by a random factor of 1 ± SPREAD. Scores stay below one."""

    def changes(values: Any) -> dict[str, float]:
        return {
            field.name: getattr(values, field.name) * chance.uniform(1 - SPREAD, 1 + SPREAD)
            for field in fields(values)
            if isinstance(getattr(values, field.name), float)
        }

    return replace(settings, **changes(settings), link=replace(settings.link, **changes(settings.link)))


def spread(
    sequence: Labelled, metadata: VideoMetadata, detections: Detections, draws: int
) -> tuple[Score, Score]:
    """Changes all settings at random and returns the 10th percentile and the mean of the scores.

    Of identity switches, the 90th percentile is returned, because fewer are better.
    """
    scores = [
        score_tracks(
            sequence.truth,
            metadata,
            detections,
            link_detections(detections, metadata, perturbed(TrackerSettings(), random.Random(draw))),  # noqa: S311
        )
        for draw in range(draws)
    ]
    columns = np.array([[score.mota, score.idf1, score.hota, -score.switches] for score in scores])
    tenth, mean = (
        Score(mota, idf1, hota, round(-switches))
        for mota, idf1, hota, switches in (
            np.percentile(columns, 10, axis=0).tolist(),
            columns.mean(axis=0).tolist(),
        )
    )
    return tenth, mean


def machine() -> str:
    """Returns a description of this machine for the table."""
    name = platform.processor() or platform.machine()
    if (info := Path("/proc/cpuinfo")).exists():
        models = [
            line.split(":")[1].strip() for line in info.read_text().splitlines() if "model name" in line
        ]
        name = models[0] if models else name
    return f"{name}, {available_cpus()} cores, Python {platform.python_version()}"


HEAD = (
    "| sequence | method | MOTA | IDF1 | HOTA | ID switches | detection, ms a frame | linking, ms a frame |\n"
    "|---|---|---|---|---|---|---|---|\n"
)


def line(measured: Measured) -> str:
    """Returns a row of the table."""
    score = measured.score
    figures = f"{score.mota:.1f} | {score.idf1:.1f} | {score.hota:.1f} | {score.switches}"
    times = " | ".join("" if ms is None else f"{ms:.1f}" for ms in (measured.detect_ms, measured.link_ms))
    return f"| {measured.sequence} | {measured.method} | {figures} | {times} |\n"


def write_table(path: Path, table: str) -> None:
    """Replaces the text between the marks of a document by the table."""
    before, rest = path.read_text().split(TABLE_START)
    path.write_text(f"{before}{TABLE_START}\n\n{table}\n{TABLE_END}{rest.split(TABLE_END)[1]}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark and prints its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("TRACKING_DATA", DEFAULT_DATA)))
    parser.add_argument(
        "--model", default=os.environ.get("TRACKING_MODEL"), help="YOLOX ONNX file or name of a known model"
    )
    parser.add_argument("--no-hog", action="store_true", help="leave out HOG, which is the slowest")
    parser.add_argument(
        "--spread", type=int, default=0, metavar="N", help="measure N random changes of the settings"
    )
    parser.add_argument("--write", type=Path, help="document whose table is replaced")
    options = parser.parse_args(arguments)
    found = list(sequences(options.data))
    if not found:
        print(f"{options.data} has no NAME.gt.txt with a video beside it; choose another folder with --data.")
        return
    detector = load_detector("yolox", options.model or (DEFAULT_MODEL if DEFAULT_MODEL.exists() else None))
    hog = None if options.no_hog else load_detector("hog")
    table = f"{machine()}; {detector.name}\n\n{HEAD}"
    print(table, end="")
    for sequence in found:
        every_frame: tuple[VideoMetadata, Detections] | None = None
        for measured, metadata, detections in measure(sequence, detector, hog):
            every_frame = every_frame or (metadata, detections)
            table += (row := line(measured))
            print(row, end="", flush=True)
        if options.spread and every_frame:
            low, mean = spread(sequence, *every_frame, options.spread)
            for method, score in (("10th percentile", low), ("mean", mean)):
                title = f"ours, {method} of {options.spread} changes of ±{SPREAD:.0%}"
                table += (row := line(Measured(sequence.name, title, score)))
                print(row, end="", flush=True)
    if options.write:
        write_table(options.write, table)


if __name__ == "__main__":
    main()
