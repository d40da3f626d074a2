"""The counting error, and the counters that it compares."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.counting.counters import count_rows, count_unconfirmed, count_with_supervision
from benchmarks.counting.grid import CELLS, WHOLE, grid
from benchmarks.counting.tallies import FIGURES, Tally, errors
from people_pathing.engine import VideoMetadata

FRAMES, RATE = 60, 10.0
METADATA = VideoMetadata("h264", "QuickTime / MOV", 6000, RATE, 400, 400, None)


def walker(person: int, xs: list[int], y: float = 250.0) -> list[list[float]]:
    """Returns the rows of a person whose feet are at these places."""
    return [[frame, person, x - 10, y - 60, 20, 60] for frame, x in enumerate(xs, 1)]


def across() -> list[list[float]]:
    """Returns a person who walks through the whole frame to the right, and one who walks back."""
    there = [20 + 6 * frame for frame in range(FRAMES)]
    return walker(1, there) + walker(2, there[::-1], y=350.0)


def test_the_grid_has_every_cell_every_side_and_every_whole_line() -> None:
    found = grid()

    assert len(found.zones) == CELLS**2
    whole = [line for line in found.lines if line.name.startswith(WHOLE)]
    assert len(whole) == 2 * (CELLS - 1)
    assert len(found.lines) - len(whole) == 2 * CELLS * (CELLS - 1)


def test_both_counters_agree_on_people_who_walk_straight_through_the_frame() -> None:
    ours = count_rows(across(), grid(), METADATA, FRAMES)
    theirs = count_with_supervision(across(), grid(), METADATA, FRAMES, foot_point_only=True)

    assert ours.whole_crossings.sum() == 2 * (CELLS - 1)
    assert ours.whole_crossings.tolist() == theirs.whole_crossings.tolist()
    assert ours.short_crossings.tolist() == theirs.short_crossings.tolist()
    assert ours.visits.tolist() == theirs.visits.tolist()
    assert ours.visits.sum() == 2 * CELLS
    # The first counts at the boundary, the second in whole frames.
    assert np.abs(ours.occupancy - theirs.occupancy).sum() <= ours.visits.sum()
    assert ours.dwell_s == pytest.approx(theirs.dwell_s, abs=0.2)


def test_confirmation_changes_nothing_on_straight_paths() -> None:
    confirmed = count_rows(across(), grid(), METADATA, FRAMES)
    at_once = count_unconfirmed(across(), grid(), METADATA, FRAMES)

    assert confirmed.whole_crossings.tolist() == at_once.whole_crossings.tolist()
    assert confirmed.visits.tolist() == at_once.visits.tolist()


def test_the_truth_has_no_error() -> None:
    truth = count_rows(across(), grid(), METADATA, FRAMES)

    for error in errors([truth], [truth]).values():
        assert (error.percent, error.low, error.high) == (0, 0, 0)


def test_the_error_is_the_sum_of_differences_divided_by_the_sum_of_the_truth() -> None:
    def tally(crossings: list[list[float]], numbers: list[float]) -> Tally:
        values = np.array(numbers)
        return Tally(np.array(crossings), np.array(crossings), values, values[:, None], values)

    found = errors([tally([[3, 0], [1, 1]], [1, 2])], [tally([[2, 1], [1, 6]], [2, 2])])

    assert {name: error.percent for name, error in found.items()} == {
        "short lines": pytest.approx(70),
        "whole lines": pytest.approx(70),
        **dict.fromkeys(FIGURES[2:], pytest.approx(25)),
    }
    # With two cells, a draw can have one of them twice: 2 / 3 or 5 / 7.
    assert found["short lines"].low == pytest.approx(100 * 2 / 3)
    assert found["short lines"].high == pytest.approx(100 * 5 / 7)
