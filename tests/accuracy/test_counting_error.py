"""Holds the counts to the error that docs/benchmarks.md reports. test_floors.py says what data it needs."""

from __future__ import annotations

import re

import pytest

from benchmarks.counting.counters import count_rows
from benchmarks.counting.grid import grid
from benchmarks.counting.tallies import FIGURES, Tally, errors
from benchmarks.engine.ground_truth import Labelled
from benchmarks.engine.tables import read_table
from tests.accuracy.conftest import Tracked
from tests.accuracy.test_floors import BENCHMARKS, _sequences

pytestmark = [pytest.mark.accuracy, pytest.mark.timeout(900)]
ALL = "all"


def reported_limits(document: str, tracks: str = "ours, default sampling") -> dict[str, float]:
    """Returns the upper end of the interval of each figure over all sequences, in percent."""
    header, *rows = read_table(document, "counting")
    [row] = [
        found
        for cells in rows
        if (found := dict(zip(header, cells, strict=True)))["sequence"] == ALL
        and (found["tracks"], found["counted by"]) == (tracks, "ours")
    ]
    limits = {figure: re.fullmatch(r"[\d.]+ \(\d+ to (\d+)\)", row[figure]) for figure in FIGURES}
    return {figure: float(match[1]) for figure, match in limits.items() if match}


def reported_sequences(document: str) -> set[str]:
    header, *rows = read_table(document, "counting")
    return {row[header.index("sequence")] for row in rows} - {ALL}


def tallies(sequence: Labelled, tracked: Tracked) -> tuple[Tally, Tally]:
    """Returns what is counted on the tracks and on the ground truth."""
    result = tracked(sequence.video, None)
    rows = [
        (frame + 1, track.index, x1, y1, x2 - x1, y2 - y1)
        for track in result.tracks
        for frame, (x1, y1, x2, y2) in zip(track.frame_numbers.tolist(), track.boxes.tolist(), strict=True)
    ]
    found, truth = (
        count_rows(people, grid(), result.metadata, result.frame_count)
        for people in (rows, sequence.truth.tolist())
    )
    return found, truth


def test_counting_errors_are_within_the_reported_interval(tracked: Tracked) -> None:
    document = BENCHMARKS.read_text("utf-8")
    sequences = [one for one in _sequences() if one.name in reported_sequences(document)]
    if len(sequences) < len(reported_sequences(document)):
        pytest.skip("TRACKING_DATA has not all sequences of the table")
    pairs = [tallies(sequence, tracked) for sequence in sequences]

    measured = errors([found for found, _ in pairs], [truth for _, truth in pairs])
    limits = reported_limits(document)
    assert limits.keys() == set(FIGURES)
    assert {
        figure: measured[figure].percent for figure in FIGURES if measured[figure].percent > limits[figure]
    } == {}


def test_the_document_reports_an_interval_for_every_figure() -> None:
    limits = reported_limits(BENCHMARKS.read_text("utf-8"))

    assert limits.keys() == set(FIGURES)
    assert all(0 < limit < 30 for limit in limits.values())
