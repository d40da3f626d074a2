import tracemalloc
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from people_pathing.engine.detections import Detections
from people_pathing.engine.tracking import evidence as weighing
from people_pathing.engine.tracking.camera import find_camera_motion
from people_pathing.engine.tracking.evidence import Candidate, End, weigh
from people_pathing.engine.tracking.frames import scene_numbers
from people_pathing.engine.tracking.linking import LinkedVideo, choose, link
from people_pathing.engine.tracking.settings import LinkSettings
from tests.unit.engine.tracking.scenes import HEIGHT_PX, WIDTH_PX, Actor, film, walk


def linked(
    *actors: Actor, change: Callable[[Detections], Detections] = lambda detections: detections, **how: float
) -> list[set[int]]:
    """Links one tracklet per actor and returns which of them were joined.

    Args:
        actors: the people.
        change: what else is done to the detections.
        how: arguments of `film`.
    """
    detections, _, who = film(actors, **how)  # type: ignore[arg-type]
    detections = change(detections)
    video = LinkedVideo(
        detections,
        find_camera_motion(detections),
        frame_size=(WIDTH_PX, HEIGHT_PX),
        scenes=scene_numbers(detections),
        settings=LinkSettings(),
    )
    tracklets = [np.flatnonzero(who == actor) for actor in range(len(actors))]
    return [set(who[track].tolist()) for track in link(video, tracklets)]


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
        (Actor(walk(400, 300, 0), 1, start_s=14.5, end_s=17), "gone too long"),
        (Actor(walk(160, 300, 60), 1, start_s=3), "seen at the same time"),
    ],
)
def test_different_people_are_not_joined(other: Actor, reason: str) -> None:
    first = Actor(walk(100, 300, 60), 1, end_s=4)
    assert linked(first, other, duration_s=17) == [{0}, {1}], reason


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


def looks(*kinds: int) -> Callable[[Detections], Detections]:
    """Gives the first detection of each second an embedding, of another kind from five seconds on."""

    def change(detections: Detections) -> Detections:
        times_s = detections.timestamps_us[detections.rows] / 1e6
        rows = np.flatnonzero(np.diff(np.floor(times_s), prepend=-1) > 0)
        vectors = np.zeros((len(rows), 8), np.int8)
        vectors[np.arange(len(rows)), np.where(times_s[rows] < 5, *kinds)] = 127
        return replace(detections, embedding_rows=rows, embeddings=vectors.view(np.uint8))

    return change


def test_embeddings_outweigh_colours() -> None:
    first, recoloured = Actor(walk(100, 300, 60), 1, end_s=4), Actor(walk(100, 300, 60), 2, start_s=5)
    alike, same_colours = Actor(walk(100, 300, 60), 1, end_s=4), Actor(walk(100, 300, 60), 1, start_s=5)
    assert linked(first, recoloured) == [{0}, {1}]
    assert linked(first, recoloured, change=looks(3, 3)) == [{0, 1}]
    assert linked(alike, same_colours) == [{0, 1}]
    assert linked(alike, same_colours, change=looks(3, 4)) == [{0}, {1}]


def test_unknown_colours_are_no_evidence() -> None:
    def without_colours(detections: Detections) -> Detections:
        return replace(detections, descriptors=np.zeros_like(detections.descriptors[:]))

    near = [Actor(walk(100, 300, 60), 1, end_s=4), Actor(walk(100, 300, 60), 2, start_s=5)]
    far = [Actor(walk(100, 300, 60), 1, end_s=4), Actor(walk(400, 300, 60), 1, start_s=5)]
    assert linked(*near, change=without_colours) == [{0, 1}]
    assert linked(*far, change=without_colours) == [{0}, {1}]


def test_nothing_is_joined_across_a_cut() -> None:
    def cut_at_five_seconds(detections: Detections) -> Detections:
        return replace(detections, cuts=detections.timestamps_us == 5_000_000)

    halves = [Actor(walk(100, 300, 60), 1, end_s=4.9), Actor(walk(100, 300, 60), 1, start_s=5)]
    assert linked(*halves) == [{0, 1}]
    assert linked(*halves, change=cut_at_five_seconds) == [{0}, {1}]


def test_single_detections_become_one_path() -> None:
    steps = [Actor(walk(100, 300, 50), 1, start_s=at - 0.1, end_s=at + 0.1) for at in range(8)]
    other = [Actor(walk(500, 310, -50), 2, start_s=at - 0.1, end_s=at + 0.1) for at in range(8)]
    assert linked(*steps, *other, frame_rate=1.0) == [set(range(8)), set(range(8, 16))]


def test_memory_does_not_grow_with_the_number_of_possible_joins() -> None:
    # A crowd whose paths break all the time: 1.5 million pairs of an end and a later start.
    random = np.random.default_rng(1)
    count = 6_000
    times_s = np.sort(random.uniform(0, 60, count))
    place = random.uniform(0, WIDTH_PX, (count, 2))
    candidates = [
        Candidate(
            np.array([number]),
            start=(moment := End(times_s[number], place[number], np.zeros(2), 0.4, 100.0, False)),
            end=moment,
            scene=0,
            appearance=random.random(144, np.float32),
            embedding=np.zeros(1, np.float32),
        )
        for number in range(count)
    ]

    tracemalloc.start()
    ends, starts, evidence = weigh(candidates, LinkSettings())
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(ends) == len(starts) == len(evidence) > 0
    assert peak_bytes < 300e6


def test_appearances_are_compared_only_where_they_can_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    # A walk across a room takes longer than these people have.
    x_px, times_s = np.repeat(np.arange(20) * 1000.0, 10), np.tile(np.arange(10) * 0.5, 20)
    candidates = [
        Candidate(
            np.array([number]),
            start=(moment := End(time_s, np.array([x, 300.0]), np.zeros(2), 0.4, 100.0, False)),
            end=moment,
            scene=0,
            appearance=np.ones(144, np.float32),
            embedding=np.zeros(1, np.float32),
        )
        for number, (x, time_s) in enumerate(zip(x_px.tolist(), times_s.tolist(), strict=True))
    ]
    compared, compare = [], weighing._appearance_evidence

    def counted(
        appearances: NDArray[np.float32],
        embeddings: NDArray[np.float32],
        a: NDArray[np.int64],
        b: NDArray[np.int64],
        settings: LinkSettings,
    ) -> NDArray[np.float64]:
        compared.append(len(a))
        return compare(appearances, embeddings, a, b, settings)

    monkeypatch.setattr(weighing, "_appearance_evidence", counted)
    ends, _, _ = weigh(candidates, LinkSettings())
    assert len(ends) == sum(compared) == 20 * 10 * 9 / 2
