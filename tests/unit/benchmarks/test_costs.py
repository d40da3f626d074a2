"""Costs are compared within one run, and calculated hours follow from the measured rates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.engine.detectors import load_detectors
from benchmarks.engine.ground_truth import Labelled
from benchmarks.engine.hours import SPARSE, STILL_S, hour_of
from benchmarks.network import network_alone
from benchmarks.timing import Seconds, interleaved, median_ratio
from people_pathing.engine import FrameDetections, read_metadata
from people_pathing.engine.interfaces import Image
from tests.clips import write_clip

RATE, FRAMES = 10, 40


class EmptyDetector:
    """Finds no people, and counts the images."""

    name = "empty"

    def __init__(self) -> None:
        self.images = 0

    def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        return width_px, height_px

    def detect(self, image: Image) -> FrameDetections:
        self.images += 1
        return FrameDetections(np.empty((0, 4), np.float32), np.empty(0, np.float32))


@pytest.fixture
def labelled(tmp_path: Path) -> Labelled:
    video = write_clip(tmp_path / "clip.mp4", frames=FRAMES, rate=RATE, size=(96, 64))
    return Labelled("clip", video, np.empty((0, 7)))


def test_measurements_alternate() -> None:
    order: list[str] = []

    def action(name: str) -> Seconds:
        order.append(name)
        return Seconds(2.0 if name == "slow" else 1.0, 1.0)

    times = interleaved({name: lambda name=name: action(name) for name in ("slow", "base")}, rounds=2)  # type: ignore[misc]

    assert order == ["slow", "base", "slow", "base"]
    assert median_ratio(times["slow"], times["base"]) == Seconds(2, 1)


def test_the_load_of_the_machine_does_not_change_a_ratio() -> None:
    base = [Seconds(load, load) for load in (1.0, 5.0, 2.0)]
    times = [Seconds(1.5 * one.wall, 1.5 * one.processor) for one in base]

    assert median_ratio(times, base) == Seconds(1.5, 1.5)


def test_the_network_is_timed_on_every_sampled_frame(labelled: Labelled) -> None:
    detector = EmptyDetector()

    count, seconds = network_alone(labelled.video, detector, None)

    assert (count, detector.images) == (FRAMES, FRAMES)
    assert seconds.processor > 0


def test_a_sparse_hour_is_calculated_from_the_busy_and_the_still_one(
    labelled: Labelled, tmp_path: Path
) -> None:
    hour = hour_of(labelled, EmptyDetector(), None, tmp_path, rounds=1)

    assert hour.sparse_s == pytest.approx(SPARSE * hour.busy_s + (1 - SPARSE) * hour.still_s)
    assert read_metadata(tmp_path / "clip-stopped.mp4").duration_ms == STILL_S * 1000


def test_a_detector_without_model_is_skipped_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = str(tmp_path / "missing.onnx")

    loaded = load_detectors({"yolox": missing, "ssd": missing})

    assert list(loaded) == ["hog"]
    assert f"skipped: detector ssd: there is no model file {missing}" in capsys.readouterr().err
