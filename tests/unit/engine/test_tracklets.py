import numpy as np
import pytest

from people_pathing.engine.tracking.tracklets import (
    covered,
    drop_covered_at_gaps,
    drop_doubtful,
    fill_gaps,
    smooth,
)
from tests.unit.engine.scenes import Actor, film, walk

TIMES_US = (np.arange(60) * 100_000).astype(np.int64)


def filled(rows: list[int], path: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    shapes = np.column_stack([path, np.full((len(path), 2), [40.0, 100.0])])
    at = np.array(rows)
    found, result, _ = fill_gaps(at, shapes[at], np.ones(len(rows)), TIMES_US, heading_s=0.8)
    return found, result[:, :2]


def test_a_gap_in_a_straight_walk_is_filled_exactly() -> None:
    path = np.column_stack([np.arange(60) * 7.0, np.arange(60) * -2.0])
    found, result = filled([*range(20), *range(40, 60)], path)
    assert found.tolist() == list(range(60))
    assert result == pytest.approx(path)


def test_a_gap_in_a_curve_is_filled_nearer_to_it_than_the_straight_way() -> None:
    angle = np.arange(60) / 60 * np.pi
    path = 200 * np.column_stack([np.cos(angle), np.sin(angle)])
    _, result = filled([*range(20), *range(40, 60)], path)
    straight = np.linspace(path[19], path[40], 22)[1:-1]
    assert np.abs(result[20:40] - path[20:40]).max() < 0.6 * np.abs(straight - path[20:40]).max()


def test_sightings_themselves_stay_where_they_are() -> None:
    path = np.random.default_rng(1).normal(0, 50, (60, 2))
    rows = [3, 4, 9, 30, 31]
    found, result = filled(rows, path)
    assert result[np.isin(found, rows)] == pytest.approx(path[rows])


def test_smoothing_leaves_straight_movement_alone_to_its_ends() -> None:
    times = np.sort(np.random.default_rng(2).uniform(0, 10, 80))
    line = np.column_stack([3 * times, 5 - times])
    assert smooth(times, line, np.ones(80), sigma_s=0.4) == pytest.approx(line)


def test_smoothing_takes_jitter_away() -> None:
    times = np.arange(100) / 10
    noise = np.random.default_rng(3).normal(0, 1, (100, 1))
    assert smooth(times, noise, np.ones(100), sigma_s=0.4).std() < 0.5 * noise.std()


def test_smoothing_trusts_weights() -> None:
    times, values = np.arange(11) / 10, np.zeros((11, 1))
    values[5] = 100
    weights = np.ones(11)
    weights[5] = 1e-6
    assert np.abs(smooth(times, values, weights, sigma_s=0.3)).max() < 1e-3


def test_a_single_sighting_is_smoothed_to_itself() -> None:
    assert smooth(np.array([2.0]), np.array([[7.0]]), np.ones(1), sigma_s=0.3).tolist() == [[7.0]]


def kept(*actors: Actor) -> list[int]:
    detections, _, who = film(actors, duration_s=4)
    tracklets = [np.flatnonzero(who == actor) for actor in range(len(actors))]
    left = drop_doubtful(
        detections, tracklets, shortest_s=0.6, best_score=0.7, still_heights=0.5, still_score=0.6
    )
    return [int(who[tracklet[0]]) for tracklet in left]


def test_tracklets_too_short_or_never_clear_are_dropped() -> None:
    clear, short = Actor(walk(100, 300, 30), 1), Actor(walk(300, 300, 30), 2, end_s=0.5)
    unclear = Actor(walk(500, 300, 30), 3, score=0.65)
    assert kept(clear, short, unclear) == [0]


def test_a_thing_that_stands_still_and_is_unclear_mostly_is_dropped_but_not_a_person_who_stands() -> None:
    thing = Actor(walk(100, 300, 0), 1, score=lambda time_s: 0.8 if 1 < time_s < 1.5 else 0.5)
    standing = Actor(walk(300, 300, 0), 2, score=lambda time_s: 0.5 if 1 < time_s < 1.5 else 0.8)
    walking = Actor(walk(500, 300, 30), 3, score=lambda time_s: 0.8 if 1 < time_s < 1.5 else 0.5)
    assert kept(thing, standing, walking) == [1, 2]


def test_the_farther_of_two_people_is_covered_by_the_nearer_and_not_the_other_way_round() -> None:
    detections, _, who = film([Actor(walk(110, 300, 0), 1), Actor(walk(100, 320, 0), 2)], jitter_px=0)
    farther, nearer = (int(np.flatnonzero(who == actor)[0]) for actor in (0, 1))
    assert covered(detections, farther) == pytest.approx(0.75 * 0.8)
    assert covered(detections, nearer) == 0


def test_sightings_half_covered_are_dropped_beside_a_gap_and_nowhere_else() -> None:
    passing = [
        Actor(walk(100, 300, 50), 1, hidden=[(4.8, 6.0)]),
        Actor(lambda time_s: (350.0 if time_s < 7 else 450.0, 320.0), 2),
    ]
    detections, _, who = film(passing, jitter_px=0)
    tracklet = np.flatnonzero(who == 0)
    kept = drop_covered_at_gaps(detections, tracklet, gap_s=0.5, covered_share=0.5)
    dropped = np.setdiff1d(tracklet, kept)
    times = detections.timestamps_us[detections.rows[dropped]] / 1e6
    assert 0 < len(dropped) < 8
    assert times.min() > 4.3
    assert times.max() <= 4.8
