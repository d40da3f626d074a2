import tracemalloc
from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from people_pathing.engine.detections import FIXED_CAMERA, Detections
from people_pathing.engine.tracking import evidence as weighing
from people_pathing.engine.tracking import linking
from people_pathing.engine.tracking.appearance import DESCRIPTOR_SIZE
from people_pathing.engine.tracking.assignment import choose
from people_pathing.engine.tracking.camera import find_camera_motion
from people_pathing.engine.tracking.candidates import Candidates, Ends
from people_pathing.engine.tracking.evidence import weigh
from people_pathing.engine.tracking.frames import scene_numbers
from people_pathing.engine.tracking.linking import LinkedVideo, candidates_of, link, sequences
from people_pathing.engine.tracking.settings import LinkSettings
from people_pathing.engine.tracking.tracklets import Tracklets
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
    return [set(who[track].tolist()) for track in link(video, Tracklets.of(tracklets))]


def test_joins_form_sequences_by_their_first_number() -> None:
    order, lengths = sequences(6, ends=np.array([4, 1, 3]), starts=np.array([1, 3, 0]))
    assert order.tolist() == [2, 4, 1, 3, 0, 5]
    assert lengths.tolist() == [1, 4, 1]


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


def apart(times_s: NDArray[np.floating], places: NDArray[np.floating]) -> LinkedVideo:
    """A video with one person in each frame, in changing clothes.

    Args:
        times_s: (N,) ascending.
        places: (N, 2) centres of the boxes.
    """
    count = len(times_s)
    half = np.array([20.0, 50.0])
    detections = Detections(
        frame_numbers=np.arange(count),
        timestamps_us=np.round(times_s * 1e6).astype(np.int64),
        searched=np.ones(count, np.bool_),
        cuts=np.zeros(count, np.bool_),
        camera_steps=np.tile(np.array(FIXED_CAMERA, np.float32), (count, 1)),
        frame_count=count,
        expected_frame_count=count,
        rows=np.arange(count, dtype=np.int32),
        boxes=np.concatenate([places - half, places + half], axis=1).astype(np.float32),
        scores=np.full(count, 0.9, np.float32),
        descriptors=np.random.default_rng(2).integers(0, 200, (count, DESCRIPTOR_SIZE)).astype(np.uint8),
    )
    size = (int(places[:, 0].max()) + 200, HEIGHT_PX)
    return LinkedVideo(
        detections, find_camera_motion(detections), size, scene_numbers(detections), LinkSettings()
    )


def lone(video: LinkedVideo) -> Tracklets:
    return Tracklets.of([], np.arange(len(video.detections)))


def peak_bytes(work: Callable[[], object]) -> int:
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_number_of_possible_joins() -> None:
    # A crowd whose paths break all the time: 1.5 million pairs of an end and a later start.
    random = np.random.default_rng(1)
    video = apart(np.sort(random.uniform(0, 60, 6_000)), random.uniform(100, HEIGHT_PX - 100, (6_000, 2)))
    candidates = candidates_of(video, lone(video))
    ends, starts, evidence = weigh(candidates, video.settings)
    assert len(ends) == len(starts) == len(evidence) > 0
    assert peak_bytes(lambda: weigh(candidates, video.settings)) < 100e6


def test_only_joins_of_new_candidates_are_weighed_again() -> None:
    random = np.random.default_rng(1)
    video = apart(np.sort(random.uniform(0, 20, 300)), random.uniform(100, HEIGHT_PX - 100, (300, 2)))
    before = candidates_of(video, lone(video))
    joins = weigh(before, video.settings)
    certain = choose(*joins)[:40]
    after, found = linking._joined(video, before, joins, certain)
    assert len(after) == 260
    assert 0 < len(found.ends) < len(joins.ends)
    for weighed, expected in zip(found, weigh(after, video.settings), strict=True):
        assert weighed.tolist() == expected.tolist()


def test_a_lone_detection_needs_few_bytes() -> None:
    # Too long after each other to be joined.
    video = apart(np.arange(20_000) * 11.0, np.full((20_000, 2), 300.0))
    link(video, lone(video))
    assert peak_bytes(lambda: link(video, lone(video))) / 20_000 < 800


def test_a_lone_detection_is_described_like_a_short_tracklet() -> None:
    # Two detections of one person in the same place have the same looks as one of them, and no velocity.
    times_s, places = (
        np.array([1.0, 1.0, 4.0, 4.0]),
        np.array([[90.0, 200.0], [90, 200], [400, 300], [400, 300]]),
    )
    video = apart(times_s, places)
    detections = replace(
        video.detections,
        descriptors=video.detections.descriptors[np.array([0, 0, 2, 2])],
        embedding_rows=np.array([2, 3]),
        embeddings=np.array([[3, 4], [3, 4]], np.uint8),
    )
    video = replace(video, detections=detections)
    one = candidates_of(video, Tracklets.of([np.array([0]), np.array([2])]))
    two = candidates_of(video, Tracklets.of([np.array([0, 1]), np.array([2, 3])]))
    for column in fields(Ends):
        for ends in ("starts", "ends"):
            single, double = (getattr(getattr(found, ends), column.name) for found in (one, two))
            np.testing.assert_allclose(single, double, err_msg=column.name)
    for single, double in zip(one.appearances.of(one.keys), two.appearances.of(two.keys), strict=True):
        np.testing.assert_allclose(2 * single, double)
    assert one.ends.is_at_border.tolist() == [False, False]


def test_appearances_are_compared_only_where_they_can_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    # A walk across a room takes longer than these people have.
    x_px, times_s = np.repeat(np.arange(20) * 1000.0 + 500, 10), np.tile(np.arange(10) * 0.5, 20)
    order = np.argsort(times_s, kind="stable")
    video = apart(times_s[order], np.stack([x_px[order], np.full(200, 300.0)], axis=1))
    same = replace(video.detections, descriptors=np.ones((200, DESCRIPTOR_SIZE), np.uint8))
    video = replace(video, detections=same)
    compared, compare = [], weighing._appearance_evidence

    def counted(
        candidates: Candidates, a: NDArray[np.int64], b: NDArray[np.int64], settings: LinkSettings
    ) -> NDArray[np.float64]:
        compared.append(len(a))
        return compare(candidates, a, b, settings)

    monkeypatch.setattr(weighing, "_appearance_evidence", counted)
    ends, _, _ = weigh(candidates_of(video, lone(video)), video.settings)
    assert len(ends) == sum(compared) == 20 * 10 * 9 / 2
