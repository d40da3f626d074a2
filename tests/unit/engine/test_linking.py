import numpy as np
import pytest

from people_pathing.engine.tracking.linking import LinkSettings, choose, link
from tests.unit.engine.scenes import HEIGHT_PX, WIDTH_PX, Actor, film, walk

SIZE = (WIDTH_PX, HEIGHT_PX)


def linked(*actors: Actor, duration_s: float = 10.0) -> list[set[int]]:
    """Each actor as one tracklet; which of them were joined."""
    detections, _, who = film(actors, duration_s=duration_s)
    tracklets = [np.flatnonzero(who == actor) for actor in range(len(actors))]
    return [set(who[track].tolist()) for track in link(detections, tracklets, SIZE, LinkSettings())]


def test_the_joins_chosen_have_the_greatest_sum() -> None:
    # the single best join, 0 to 0, would leave 1 alone and spoil the sum
    ends, starts = np.array([0, 0, 1]), np.array([0, 1, 0])
    assert choose(ends, starts, np.array([5.0, 4.0, 4.0])).tolist() == [1, 2]


def test_every_end_and_every_start_is_used_at_most_once() -> None:
    ends, starts = np.array([0, 1, 2, 2]), np.array([7, 7, 7, 8])
    chosen = choose(ends, starts, np.array([1.0, 3.0, 2.0, 0.5]))
    assert chosen.tolist() == [1, 3]


def test_no_joins_to_choose_from_give_none() -> None:
    nothing = np.empty(0, np.int64)
    assert len(choose(nothing, nothing, np.empty(0))) == 0


def test_a_path_that_goes_on_where_it_was_heading_is_joined() -> None:
    assert linked(Actor(walk(100, 300, 60), 1, end_s=4), Actor(walk(100, 300, 60), 1, start_s=5)) == [{0, 1}]


@pytest.mark.parametrize(
    ("stranger", "why"),
    [
        (Actor(walk(400, 300, 60), 1, start_s=5), "too far off"),
        (Actor(walk(100, 300, 60), 2, start_s=5), "other clothes"),
        (Actor(walk(100, 300, 60), 1, start_s=9.5, end_s=12), "gone too long"),
        (Actor(walk(160, 300, 60), 1, start_s=3), "seen at the same time"),
    ],
)
def test_strangers_are_not_joined(stranger: Actor, why: str) -> None:
    first = Actor(walk(100, 300, 60), 1, end_s=4)
    assert linked(first, stranger, duration_s=12) == [{0}, {1}], why


def test_of_two_who_might_go_on_the_better_dressed_does() -> None:
    first = Actor(walk(100, 300, 60), 1, end_s=4)
    near, alike = Actor(walk(100, 300, 60), 2, start_s=5), Actor(walk(115, 315, 60), 1, start_s=5)
    assert linked(first, near, alike) == [{0, 2}, {1}]


def test_a_chain_of_tracklets_becomes_one() -> None:
    parts = [Actor(walk(100, 300, 60), 1, start_s=at, end_s=at + 1.2) for at in (0, 2, 4, 6, 8)]
    assert linked(*parts) == [{0, 1, 2, 3, 4}]


def test_nobody_and_a_single_tracklet_are_left_as_they_are() -> None:
    assert linked() == []
    assert linked(Actor(walk(100, 300, 60), 1)) == [{0}]
