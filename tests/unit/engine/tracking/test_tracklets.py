import numpy as np
import pytest

from people_pathing.engine.tracking.settings import TrackerSettings
from people_pathing.engine.tracking.tracklets import (
    Tracklets,
    covered,
    drop_covered_at_gaps,
    drop_doubtful,
    lone_detections,
    tracklets_from,
)
from tests.unit.engine.tracking.scenes import Actor, film, walk


def test_the_shortest_of_several_steps_to_one_detection_is_used() -> None:
    tracklets = tracklets_from(np.array([3, 1, 1, 1, 0, 0], np.int32))
    assert [tracklet.tolist() for tracklet in tracklets] == [[1, 2, 3, 4]]


def test_joined_tracklets_keep_the_order_of_their_parts() -> None:
    tracklets = Tracklets.of([np.array([3, 5]), np.array([4])], np.array([7, 1]))
    joined = tracklets.grouped(order=np.array([1, 2, 3, 0]), sizes=np.array([2, 2]))
    assert [one.tolist() for one in tracklets] == [[3, 5], [4], [7], [1]]
    assert [one.tolist() for one in joined] == [[4, 7], [1, 3, 5]]
    assert joined.firsts.tolist() == [4, 1]


def test_clear_detections_outside_of_all_tracklets_are_found() -> None:
    clearer = Actor(walk(100, 300, 30), 1, score=lambda time_s: 0.5 + time_s / 10)
    detections = film([clearer], duration_s=3, frame_rate=5)[0]
    found = lone_detections(detections, [np.array([9])], TrackerSettings(lone_score=0.65))
    assert found.tolist() == [8, *range(10, 15)]


def test_lone_detections_must_be_clearer_where_people_are_searched_often() -> None:
    clearer = Actor(walk(100, 300, 30), 1, score=lambda time_s: 0.5 + time_s / 10)
    detections = film([clearer], duration_s=5, frame_rate=20)[0]
    # At half of the interval, half of the way from 0.65 to 1 is needed.
    first = lone_detections(detections, [], TrackerSettings(lone_score=0.65, lone_interval_s=0.1))[0]
    assert detections.scores[first] == pytest.approx(0.825, abs=0.006)


def test_a_second_box_around_a_known_person_is_not_lone() -> None:
    person, twice, neighbour = (Actor(walk(x, 300, 30), 1) for x in (100, 110, 130))
    detections, _, who = film([person, twice, neighbour], duration_s=1, jitter_px=0)
    found = lone_detections(detections, [np.flatnonzero(who == 0)], TrackerSettings())
    assert set(who[found].tolist()) == {2}


def kept(*actors: Actor) -> list[int]:
    detections, _, who = film(actors, duration_s=4)
    tracklets = [np.flatnonzero(who == actor) for actor in range(len(actors))]
    left = drop_doubtful(detections, tracklets, TrackerSettings())
    return [int(who[tracklet[0]]) for tracklet in left]


def test_tracklets_too_short_or_never_clear_are_dropped() -> None:
    clear, short = Actor(walk(100, 300, 30), 1), Actor(walk(300, 300, 30), 2, end_s=0.5)
    unclear = Actor(walk(500, 300, 30), 3, score=0.65)
    assert kept(clear, short, unclear) == [0]


def test_tracklets_whose_person_is_rarely_found_are_dropped() -> None:
    steady = Actor(walk(100, 300, 30), 1, hidden=[(1, 2.5)])
    rare = Actor(walk(300, 300, 30), 2, hidden=[(at + 0.1, at + 0.5) for at in np.arange(0, 4, 0.5).tolist()])
    assert kept(steady, rare) == [0]


def test_an_unclear_object_that_stands_still_is_dropped_and_a_standing_person_is_not() -> None:
    thing = Actor(walk(100, 300, 0), 1, score=lambda time_s: 0.8 if 1 < time_s < 1.5 else 0.5)
    standing = Actor(walk(300, 300, 0), 2, score=lambda time_s: 0.5 if 1 < time_s < 1.5 else 0.8)
    walking = Actor(walk(500, 300, 30), 3, score=lambda time_s: 0.8 if 1 < time_s < 1.5 else 0.5)
    assert kept(thing, standing, walking) == [1, 2]


def test_the_nearer_person_hides_the_farther_one_and_not_the_reverse() -> None:
    detections, _, who = film([Actor(walk(110, 300, 0), 1), Actor(walk(100, 320, 0), 2)], jitter_px=0)
    farther, nearer = (int(np.flatnonzero(who == actor)[0]) for actor in (0, 1))
    assert covered(detections, farther) == pytest.approx(0.75 * 0.8)
    assert covered(detections, nearer) == 0


def test_half_hidden_detections_are_dropped_only_beside_a_gap() -> None:
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
