"""Holds the engine to the accuracy that docs/benchmarks.md reports.

    TRACKING_DATA=FOLDER TRACKING_MODEL=yolox_nano.onnx \\
        REIDENTIFICATION_MODEL=person-reidentification-retail-0286.onnx pytest -m accuracy

The folder has videos and, beside each, its ground truth NAME.gt.txt. These are licensed for evaluation only.
They are not part of this repository, and the tests are skipped without them.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.engine.accuracy import DEFAULT_SAMPLING, EVERY_FRAME
from benchmarks.engine.ground_truth import Labelled, sequences
from benchmarks.engine.scoring import evaluate
from benchmarks.engine.tables import read_table
from people_pathing.engine.motchallenge.writing import mot_rows
from tests.accuracy.conftest import Tracked

BENCHMARKS = Path(__file__).parents[2] / "docs" / "benchmarks.md"
# Percentage points that a change may cost before it has to be explained in docs/benchmarks.md.
TOLERANCE = 2.0
# Frames per second of each method in the table; None is the default.
SAMPLE_FPS = {EVERY_FRAME: math.inf, DEFAULT_SAMPLING: None}

pytestmark = [pytest.mark.accuracy, pytest.mark.timeout(900)]


@dataclass(frozen=True, slots=True)
class Figures:
    """The accuracy of one method on one sequence, in percent."""

    mota: float
    idf1: float
    hota: float


def reported_figures(document: str) -> dict[tuple[str, str], Figures]:
    """Reads the table of docs/benchmarks.md: sequence and method -> figures."""
    header, *measured = read_table(document, "accuracy")
    assert header[:5] == ["sequence", "method", "MOTA", "IDF1", "HOTA"]
    return {(row[0], row[1]): Figures(*map(float, row[2:5])) for row in measured}


def _sequences() -> list[Labelled]:
    folder = os.environ.get("TRACKING_DATA")
    return list(sequences(Path(folder))) if folder else []


def _parameters() -> list[object]:
    reason = "TRACKING_DATA names no folder with videos and ground truth"
    missing = pytest.param(None, id="no data", marks=pytest.mark.skip(reason))
    return [pytest.param(sequence, id=sequence.name) for sequence in _sequences()] or [missing]


@pytest.mark.parametrize("method", SAMPLE_FPS)
@pytest.mark.parametrize("sequence", _parameters())
def test_accuracy_is_within_two_points_of_the_reported_figures(
    tracked: Tracked, sequence: Labelled, method: str
) -> None:
    if (reported := reported_figures(BENCHMARKS.read_text()).get((sequence.name, method))) is None:
        pytest.skip(f"docs/benchmarks.md has no figures for {sequence.name}")

    result = tracked(sequence.video, SAMPLE_FPS[method])

    score = evaluate(sequence, list(mot_rows(result)))
    assert score.mota >= reported.mota - TOLERANCE
    assert score.idf1 >= reported.idf1 - TOLERANCE
    assert score.hota >= reported.hota - TOLERANCE


def test_the_data_folder_has_sequences_with_ground_truth() -> None:
    if not (folder := os.environ.get("TRACKING_DATA")):
        pytest.skip("TRACKING_DATA names no folder with videos and ground truth")
    assert _sequences(), f"{folder} has no NAME.gt.txt with a video beside it"


def test_the_document_reports_figures_for_every_method() -> None:
    figures = reported_figures(BENCHMARKS.read_text())

    assert {method for _sequence, method in figures} >= set(SAMPLE_FPS)
    assert all(0 < figure.hota <= figure.idf1 <= 100 for figure in figures.values())
