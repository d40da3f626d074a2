import numpy as np
import pytest

from people_pathing.engine.tracking.smoothing import fill_gaps, smooth

TIMES_US = (np.arange(60) * 100_000).astype(np.int64)


def filled(rows: list[int], path: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    shapes = np.column_stack([path, np.full((len(path), 2), [40.0, 100.0])])
    at = np.array(rows)
    found, result, _ = fill_gaps(at, shapes[at], np.ones(len(rows)), TIMES_US, heading_s=0.8, bent_s=0.5)
    return found, result[:, :2]


def test_a_gap_in_a_straight_walk_is_filled_exactly() -> None:
    path = np.column_stack([np.arange(60) * 7.0, np.arange(60) * -2.0])
    found, result = filled([*range(20), *range(40, 60)], path)
    assert found.tolist() == list(range(60))
    assert result == pytest.approx(path)


def test_a_gap_in_a_curve_is_filled_better_than_by_a_straight_line() -> None:
    angle = np.arange(60) / 60 * np.pi
    path = 200 * np.column_stack([np.cos(angle), np.sin(angle)])
    _, result = filled([*range(20), *range(40, 60)], path)
    straight = np.linspace(path[19], path[40], 22)[1:-1]
    assert np.abs(result[20:40] - path[20:40]).max() < 0.6 * np.abs(straight - path[20:40]).max()


def test_filling_gaps_keeps_the_known_rows() -> None:
    path = np.random.default_rng(1).normal(0, 50, (60, 2))
    rows = [3, 4, 9, 30, 31]
    found, result = filled(rows, path)
    assert result[np.isin(found, rows)] == pytest.approx(path[rows])


def one_path(count: int) -> np.ndarray:
    """Returns the number of the only path, for each row."""
    return np.zeros(count, np.int64)


def test_smoothing_does_not_change_straight_movement() -> None:
    times = np.sort(np.random.default_rng(2).uniform(0, 10, 80))
    line = np.column_stack([3 * times, 5 - times])
    assert smooth(times, line, np.ones(80), one_path(80), sigma_s=0.4) == pytest.approx(line)


def test_smoothing_reduces_jitter() -> None:
    times = np.arange(100) / 10
    noise = np.random.default_rng(3).normal(0, 1, (100, 1))
    assert smooth(times, noise, np.ones(100), one_path(100), sigma_s=0.4).std() < 0.5 * noise.std()


def test_smoothing_ignores_rows_with_a_tiny_weight() -> None:
    times, values = np.arange(11) / 10, np.zeros((11, 1))
    values[5] = 100
    weights = np.ones(11)
    weights[5] = 1e-6
    assert np.abs(smooth(times, values, weights, one_path(11), sigma_s=0.3)).max() < 1e-3


def test_a_single_row_is_not_changed_by_smoothing() -> None:
    assert smooth(np.array([2.0]), np.array([[7.0]]), np.ones(1), one_path(1), sigma_s=0.3).tolist() == [
        [7.0]
    ]


def test_paths_that_are_smoothed_together_do_not_change_each_other() -> None:
    rng = np.random.default_rng(4)
    lengths = [1, 30, 2, 45]
    paths = [
        (np.sort(rng.uniform(0, 9, n)), rng.normal(0, 9, (n, 2)), rng.uniform(0.1, 1, n)) for n in lengths
    ]
    times, values, weights = map(np.concatenate, zip(*paths, strict=True))
    together = smooth(times, values, weights, np.repeat(np.arange(4), lengths), sigma_s=0.4)
    alone = [smooth(*path, one_path(len(path[0])), sigma_s=0.4) for path in paths]
    assert np.array_equal(together, np.concatenate(alone))
