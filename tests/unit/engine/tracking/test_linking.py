import tracemalloc

import numpy as np
import pytest

from people_pathing.engine.tracking.evidence import Candidate, End, weigh
from people_pathing.engine.tracking.linking import choose, link
from people_pathing.engine.tracking.settings import LinkSettings
from tests.unit.engine.tracking.scenes import HEIGHT_PX, WIDTH_PX, Actor, film, walk

SIZE = (WIDTH_PX, HEIGHT_PX)


def linked(*actors: Actor, duration_s: float = 10.0) -> list[set[int]]:
    """Links one tracklet per actor and returns which of them were joined."""
    detections, _, who = film(actors, duration_s=duration_s)
    tracklets = [np.flatnonzero(who == actor) for actor in range(len(actors))]
    return [set(who[track].tolist()) for track in link(detections, tracklets, SIZE, LinkSettings())]


def test_the_chosen_joins_have_the_greatest_sum() -> None:
    # The single best join, 0 to 0, would leave end 1 alone and reduce the sum.
    ends, starts = np.array([0, 0, 1]), np.array([0, 1, 0])
    assert choose(ends, starts, np.array([5.0, 4.0, 4.0])).tolist() == [1, 2]


def test_every_end_and_every_start_is_used_at_most_once() -> None:
    ends, starts = np.array([0, 1, 2, 2]), np.array([7, 7, 7, 8])
    chosen = choose(ends, starts, np.array([1.0, 3.0, 2.0, 0.5]))
    assert chosen.tolist() == [1, 3]


def test_no_joins_are_chosen_from_none() -> None:
    nothing = np.empty(0, np.int64)
    assert len(choose(nothing, nothing, np.empty(0))) == 0


def test_tracklets_with_the_same_heading_are_joined() -> None:
    assert linked(Actor(walk(100, 300, 60), 1, end_s=4), Actor(walk(100, 300, 60), 1, start_s=5)) == [{0, 1}]


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (Actor(walk(400, 300, 60), 1, start_s=5), "too far away"),
        (Actor(walk(100, 300, 60), 2, start_s=5), "other clothes"),
        (Actor(walk(100, 300, 60), 1, start_s=9.5, end_s=12), "gone too long"),
        (Actor(walk(160, 300, 60), 1, start_s=3), "seen at the same time"),
    ],
)
def test_different_people_are_not_joined(other: Actor, reason: str) -> None:
    first = Actor(walk(100, 300, 60), 1, end_s=4)
    assert linked(first, other, duration_s=12) == [{0}, {1}], reason


def test_the_candidate_in_the_same_clothes_is_joined() -> None:
    first = Actor(walk(100, 300, 60), 1, end_s=4)
    near, alike = Actor(walk(100, 300, 60), 2, start_s=5), Actor(walk(115, 315, 60), 1, start_s=5)
    assert linked(first, near, alike) == [{0, 2}, {1}]


def test_consecutive_tracklets_become_one() -> None:
    parts = [Actor(walk(100, 300, 60), 1, start_s=at, end_s=at + 1.2) for at in (0, 2, 4, 6, 8)]
    assert linked(*parts) == [{0, 1, 2, 3, 4}]


def test_no_tracklets_and_a_single_one_stay_as_they_are() -> None:
    assert linked() == []
    assert linked(Actor(walk(100, 300, 60), 1)) == [{0}]


def test_memory_does_not_grow_with_the_number_of_possible_joins() -> None:
    # A crowd whose paths break all the time: 1.5 million pairs of an end and a later start.
    random = np.random.default_rng(1)
    count = 6_000
    times_s = np.sort(random.uniform(0, 60, count))
    place = random.uniform(0, WIDTH_PX, (count, 2))
    candidates = [
        Candidate(
            np.array([number]),
            start=End(times_s[number], place[number], np.zeros(2), 100.0),
            end=End(times_s[number], place[number], np.zeros(2), 100.0),
            appearance=random.random(144, np.float32),
        )
        for number in range(count)
    ]

    tracemalloc.start()
    ends, starts, evidence = weigh(candidates, SIZE, LinkSettings())
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(ends) == len(starts) == len(evidence) > 0
    assert peak_bytes < 300e6
