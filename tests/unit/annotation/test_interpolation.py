"""Boxes and trails between observations."""

import numpy as np
import pytest

from people_pathing.annotation.interpolation import box_at, longest_bridged_ms, trail_at
from people_pathing.annotation.people_paths import BoxSeries

BRIDGED_MS, KEPT_MS = 1000, 40


def series(*rows: tuple[int, float]) -> BoxSeries:
    """Boxes of the size 0.25, by time and left edge."""
    boxes = [(left, 0.5, left + 0.25, 0.75) for _, left in rows]
    return BoxSeries(np.array([at_ms for at_ms, _ in rows]), np.array(boxes, np.float32).reshape(-1, 4))


@pytest.mark.parametrize(("at_ms", "left"), [(100, 0.0), (150, 0.125), (175, 0.1875), (200, 0.25)])
def test_a_box_moves_linearly_between_two_observations(at_ms: int, left: float) -> None:
    assert box_at(series((100, 0), (200, 0.25)), at_ms, BRIDGED_MS, KEPT_MS) == (left, 0.5, left + 0.25, 0.75)


def test_a_long_gap_is_not_bridged() -> None:
    with_gap = series((0, 0), (1001, 0.5))

    assert box_at(with_gap, 0, BRIDGED_MS, KEPT_MS) == (0, 0.5, 0.25, 0.75)
    assert box_at(with_gap, 500, BRIDGED_MS, KEPT_MS) is None
    assert box_at(with_gap, 1001, BRIDGED_MS, KEPT_MS) == (0.5, 0.5, 0.75, 0.75)


def test_a_box_stays_shortly_where_there_is_no_other_to_move_to() -> None:
    single = series((100, 0.5))

    shown = [at_ms for at_ms in range(0, 200, 20) if box_at(single, at_ms, BRIDGED_MS, KEPT_MS)]

    assert shown == [60, 80, 100, 120, 140]


def test_of_two_observations_at_the_same_time_the_last_one_is_taken() -> None:
    assert box_at(series((100, 0), (100, 0.5)), 100, BRIDGED_MS, KEPT_MS) == (0.5, 0.5, 0.75, 0.75)


def test_videos_that_are_sampled_rarely_are_bridged_further() -> None:
    assert [longest_bridged_ms(interval_ms) for interval_ms in (67, 500, 2000)] == [1000, 1000, 4000]


def test_a_trail_ends_at_the_person_and_fades() -> None:
    path = series(*((at_ms, at_ms / 10_000) for at_ms in range(0, 4000, 500)))
    box = box_at(path, 3250, BRIDGED_MS, KEPT_MS)

    [(points, freshness)] = trail_at(path, 3250, box, BRIDGED_MS)

    assert points[:, 0] == pytest.approx([0.225, 0.275, 0.325, 0.375, 0.425, 0.45])
    assert points[:, 1] == pytest.approx([0.75] * 6)
    assert freshness == pytest.approx([0, 0.125, 0.375, 0.625, 0.875, 1])


def test_a_trail_is_interrupted_by_an_absence() -> None:
    path = series((0, 0), (100, 0.1), (1200, 0.5), (1300, 0.6))

    stretches = trail_at(path, 1300, None, BRIDGED_MS)

    assert [points[:, 0].round(3).tolist() for points, _ in stretches] == [[0.125, 0.225], [0.625, 0.725]]


def test_a_trail_fades_after_the_person_is_gone() -> None:
    path = series((0, 0), (100, 0.1))

    assert [len(trail_at(path, at_ms, None, BRIDGED_MS)) for at_ms in (100, 2000, 2101)] == [1, 1, 0]
