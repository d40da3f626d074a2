"""Each part is turned off completely, and all parts are measured on the same changes of the settings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.engine import parts
from benchmarks.engine.detecting import Detected, DetectionStore
from benchmarks.engine.ground_truth import Labelled
from benchmarks.engine.parts import VARIANTS, compare_parts
from benchmarks.engine.scoring import Score
from benchmarks.engine.spread import Run
from people_pathing.engine import Detections, FrameDetections
from people_pathing.engine.interfaces import Boxes, Image
from people_pathing.engine.tracking.settings import TrackerSettings
from tests.clips import Picture, write_clip

FRAMES, SIZE = 30, (160, 120)


class WalkerDetector:
    """Finds the bright person by brightness."""

    name = "walker"

    def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        return width_px, height_px

    def detect(self, image: Image) -> FrameDetections:
        bright = image.mean(axis=2) > 150
        rows, columns = np.flatnonzero(bright.any(axis=1)), np.flatnonzero(bright.any(axis=0))
        if not len(rows):
            return FrameDetections(np.empty((0, 4), np.float32), np.empty(0, np.float32))
        box = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
        return FrameDetections(np.array([box], np.float32), np.array([0.9], np.float32))


class OneEmbedding:
    """Describes all people alike."""

    name = "one"

    def embed(self, image: Image, boxes: Boxes) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
        return np.full((len(boxes), 4), 64, np.uint8)


def walking(number: int, width: int, height: int) -> Picture:
    picture = np.full((height, width, 3), 60, np.uint8)
    picture[30:90, 10 + 3 * number : 40 + 3 * number] = 220
    return picture


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Labelled:
    video = tmp_path_factory.mktemp("parts") / "walk.mp4"
    write_clip(video, frames=FRAMES, rate=10, size=SIZE, options={"crf": "4"}, draw=walking)
    truth = [[number + 1, 1, 10 + 3 * number, 30, 30, 60, 1] for number in range(FRAMES)]
    return Labelled("walk", video, np.array(truth, float))


@pytest.fixture
def store(tmp_path: Path) -> DetectionStore:
    return DetectionStore(tmp_path, OneEmbedding())


def detections_of(store: DetectionStore, labelled: Labelled) -> tuple[Detected, Detections]:
    detected = store.detect(labelled, WalkerDetector())
    return detected, detected.load()


def test_turning_a_part_off_leaves_nothing_of_it(store: DetectionStore, labelled: Labelled) -> None:
    _, detections = detections_of(store, labelled)
    assert len(detections.embedding_rows)

    assert len(parts.without_embeddings(detections).embedding_rows) == 0
    assert not parts.without_cuts(detections).cuts.any()
    assert (parts.without_camera_motion(detections).camera_steps == [1, 0, 0, 0]).all()
    assert parts.without_lone_detections(TrackerSettings()).lone_score > 1


def test_detections_are_kept_for_the_next_method(
    store: DetectionStore, labelled: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = detections_of(store, labelled)
    monkeypatch.setattr(WalkerDetector, "detect", None)

    assert store.detect(labelled, WalkerDetector()).file == first.file


def test_all_variants_follow_one_person(
    store: DetectionStore, labelled: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    def score_here(runs: list[Run]) -> list[Score]:
        return [run.score() for run in runs]

    monkeypatch.setattr(parts, "score_all", score_here)

    found = compare_parts({"as given": [labelled]}, store, WalkerDetector(), draws=2)

    assert [one.variant for one in found] == [variant.title for variant in VARIANTS]
    assert all(one.mean.switches == 0 and one.tenth.mota > 80 for one in found)


def test_a_variant_without_effect_is_not_tracked_again(
    store: DetectionStore, labelled: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracked: list[Run] = []

    def score_nothing(runs: list[Run]) -> list[Score]:
        tracked.extend(runs)
        return [Score(0, 0, 0, 0)] * len(runs)

    monkeypatch.setattr(parts, "score_all", score_nothing)

    compare_parts({"as given": [labelled]}, store, WalkerDetector(), draws=1)

    assert len(tracked) == len(set(tracked))
    # The clip has no cuts.
    assert not any(run.changed is parts.without_cuts for run in tracked)
