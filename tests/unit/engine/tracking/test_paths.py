from dataclasses import replace

import numpy as np
import pytest

from people_pathing.engine import detections as detections_module
from people_pathing.engine.detections import FACE, RowsOnDisk, concatenate
from people_pathing.engine.tracking import association
from people_pathing.engine.tracking.association import associate_window, needed_interval_us, plan_windows
from people_pathing.engine.tracking.paths import link_detections
from people_pathing.engine.tracking.settings import TrackerSettings
from people_pathing.engine.tracks import Track
from tests.unit.engine.tracking.scenes import Actor, actors_of, film, walk


def tracks_of(actors: list[Actor], **how: float) -> tuple[Track, ...]:
    detections, metadata, _ = film(actors, **how)  # type: ignore[arg-type]
    return link_detections(detections, metadata)


def same(first: tuple[Track, ...], second: tuple[Track, ...]) -> bool:
    return len(first) == len(second) and all(
        a.index == b.index
        and np.array_equal(a.frame_numbers, b.frame_numbers)
        and np.array_equal(a.timestamps_ms, b.timestamps_ms)
        and np.array_equal(a.boxes, b.boxes)
        and np.array_equal(a.scores, b.scores)
        and np.array_equal(a.faces, b.faces)
        for a, b in zip(first, second, strict=True)
    )


SIDEWAYS = np.array([1, 0, 1, 0], np.float32)
"""Added to a box, this moves it to the right by one pixel."""

CROSSING = [
    Actor(walk(100, 300, 60), clothes=1, hidden=[(4.6, 5.4)]),
    Actor(walk(700, 310, -60), clothes=2),
]


def test_people_who_cross_keep_their_identities() -> None:
    tracks = tracks_of(CROSSING)
    assert [actors_of(track, CROSSING) for track in tracks] == [{0}, {1}]


def test_people_in_the_same_clothes_who_cross_keep_their_identities() -> None:
    alike = [Actor(walk(100, 300, 60), 1, hidden=[(4.7, 5.3)]), Actor(walk(700, 310, -60), 1)]
    assert [actors_of(track, alike) for track in tracks_of(alike)] == [{0}, {1}]


def test_clothes_distinguish_people_who_turn_round_where_they_meet() -> None:
    def turning(x: float, vx: float, feet: float):  # type: ignore[no-untyped-def]
        return lambda time_s: (x + vx * min(time_s, 10 - time_s), feet)

    turned = [
        Actor(turning(100, 55, 300), clothes=1, hidden=[(4.3, 5.7)]),
        Actor(turning(700, -55, 300), clothes=2, hidden=[(4.3, 5.7)]),
    ]
    assert [actors_of(track, turned) for track in tracks_of(turned)] == [{0}, {1}]


def test_a_person_hidden_for_two_seconds_keeps_one_track_without_a_gap() -> None:
    walker = Actor(walk(100, 300, 50), clothes=1, hidden=[(4, 6)])
    (track,) = tracks_of([walker])
    assert np.array_equal(track.frame_numbers, np.arange(150))
    truth = np.array([walker.box_at(time) for time in track.timestamps_ms / 1000])
    assert np.abs(track.boxes - truth).max() < 8


def test_a_track_has_the_faces_of_its_person_at_the_right_times() -> None:
    detections, metadata, who = film(CROSSING)
    faces = np.zeros(len(range(0, len(detections), 3)), FACE)
    faces["row"] = np.arange(0, len(detections), 3)
    # Score and pitch record the person and the frame of each face.
    faces["score"] = who[faces["row"]]
    faces["pose"][:, 0] = detections.rows[faces["row"]]
    tracks = link_detections(replace(detections, faces=faces), metadata)
    assert sum(len(track.faces) for track in tracks) > 90
    for track in tracks:
        (actor,) = actors_of(track, CROSSING)
        assert set(track.faces["score"]) == {actor}
        np.testing.assert_array_equal(track.frame_numbers[track.faces["row"]], track.faces["pose"][:, 0])
    without = link_detections(detections, metadata)
    assert [len(track.faces) for track in without] == [0, 0]
    assert all(np.array_equal(a.boxes, b.boxes) for a, b in zip(tracks, without, strict=True))


def test_a_person_who_is_away_for_too_long_gets_a_new_track() -> None:
    gone = [Actor(walk(400, 300, 5), clothes=1, hidden=[(4, 15)])]
    first, second = tracks_of(gone, duration_s=19)
    assert first.timestamps_ms[-1] <= 4000
    assert second.timestamps_ms[0] >= 15000


def test_a_long_gap_in_a_path_stays_empty() -> None:
    hidden = Actor(walk(400, 300, 5), clothes=1, hidden=[(4, 9)])
    (track,) = tracks_of([hidden], duration_s=13)
    in_gap = (track.timestamps_ms > 4100) & (track.timestamps_ms < 8900)
    assert not in_gap.any()
    assert len(track) == len(track.boxes) == len(track.scores) > 110
    truth = np.array([hidden.box_at(time) for time in track.timestamps_ms / 1000])
    assert np.abs(track.boxes - truth).max() < 8


def test_a_cut_ends_all_paths() -> None:
    detections, metadata, _ = film(CROSSING)
    at_cut = len(detections.frame_numbers) // 3
    detections.cuts[at_cut] = True
    before, after = link_detections(detections, metadata)[:2], link_detections(detections, metadata)[2:]
    assert [actors_of(track, CROSSING) for track in (*before, *after)] == [{0}, {1}, {0}, {1}]
    assert {int(track.frame_numbers[-1]) for track in before} == {at_cut - 1}
    assert {int(track.frame_numbers[0]) for track in after} == {at_cut}


@pytest.mark.parametrize("every", [2, 3, 5])
def test_paths_are_complete_although_few_frames_are_searched(every: int) -> None:
    detections, metadata, _ = film(CROSSING)
    searched = np.arange(len(detections.frame_numbers)) % every == 0
    found = searched[detections.rows]
    rare = replace(
        detections,
        searched=searched,
        rows=detections.rows[found],
        boxes=detections.boxes[found],
        scores=detections.scores[found],
        descriptors=detections.descriptors[found],
    )
    tracks = link_detections(rare, metadata)
    assert [actors_of(track, CROSSING) for track in tracks] == [{0}, {1}]
    for track, actor in zip(tracks, CROSSING, strict=True):
        assert np.array_equal(np.diff(track.frame_numbers), np.ones(len(track) - 1))
        truth = np.array([actor.box_at(time) for time in track.timestamps_ms / 1000])
        assert np.abs(track.boxes - truth).max() < 8


@pytest.mark.parametrize("frame_rate", [1.0, 2.0, 3.0])
def test_people_who_do_not_overlap_from_frame_to_frame_are_followed(frame_rate: float) -> None:
    walkers = [Actor(walk(100, 300, 70), clothes=1), Actor(walk(700, 430, -70), clothes=2)]
    tracks = tracks_of(walkers, frame_rate=frame_rate, duration_s=8.0)
    assert [actors_of(track, walkers) for track in tracks] == [{0}, {1}]
    assert {len(track) for track in tracks} == {8 * frame_rate}


def test_people_are_followed_while_the_camera_turns() -> None:
    # The camera turns by more than the width of a person from frame to frame.
    detections, metadata, _ = film(CROSSING)
    shift = 60.0 * np.sin(detections.timestamps_us / 1e6 * 12)
    steps = detections.camera_steps.copy()
    steps[1:, 2] = np.diff(shift)
    boxes = detections.boxes + shift[detections.rows, None].astype(np.float32) * SIDEWAYS
    turned = replace(detections, boxes=boxes, camera_steps=steps)
    tracks, fixed = link_detections(turned, metadata), link_detections(detections, metadata)
    assert len(tracks) == len(fixed) == 2
    for track, reference in zip(tracks, fixed, strict=True):
        shown = np.isin(reference.frame_numbers, track.frame_numbers)
        assert shown.mean() > 0.9
        moved = shift[track.frame_numbers, None] * SIDEWAYS
        assert np.abs(track.boxes - moved - reference.boxes[shown]).max() < 6


def test_a_person_whom_the_camera_leaves_behind_keeps_the_track_when_it_turns_back() -> None:
    detections, metadata, _ = film([Actor(walk(500, 300, 0), 1), Actor(walk(50, 300, 0), 2)])
    times_s = detections.timestamps_us / 1e6
    shift = 420 * np.clip(2 - abs(times_s - 5), 0, 1)  # turns in the fourth and in the seventh second
    steps = detections.camera_steps.copy()
    steps[1:, 2] = np.diff(shift)
    boxes = detections.boxes + shift[detections.rows, None].astype(np.float32) * SIDEWAYS
    seen = boxes[:, 0] < metadata.frame_width - 20
    turned = replace(
        detections,
        camera_steps=steps,
        rows=detections.rows[seen],
        boxes=boxes[seen],
        scores=detections.scores[seen],
        descriptors=detections.descriptors[np.flatnonzero(seen)],
    )
    tracks = link_detections(turned, metadata)
    assert len(tracks) == 2
    assert [np.diff(track.frame_numbers).max() > 15 for track in tracks] == [True, False]


def test_a_person_in_other_clothes_at_the_same_place_gets_a_new_track() -> None:
    replaced = [Actor(walk(400, 300, 0), 1, end_s=4), Actor(walk(405, 300, 0), 2, start_s=5)]
    assert [actors_of(track, replaced[:1]) for track in tracks_of(replaced)[:1]] == [{0}]
    assert len(tracks_of(replaced)) == 2


def test_a_person_who_enters_where_another_left_the_picture_gets_a_new_track() -> None:
    swapped = [Actor(walk(400, 300, 100), 1, end_s=3.8), Actor(walk(1330, 300, -100), 1, start_s=5.5)]
    assert len(tracks_of(swapped)) == 2


def test_false_detections_are_not_reported() -> None:
    person = Actor(walk(100, 300, 50), clothes=1)
    lamp_post = Actor(walk(600, 500, 0), clothes=3, score=0.55)
    flicker = Actor(walk(300, 500, 0), clothes=4, start_s=3, end_s=3.3)
    assert [actors_of(track, [person]) for track in tracks_of([person, lamp_post, flicker])] == [{0}]


def test_all_people_in_a_clip_of_a_third_of_a_second_are_reported() -> None:
    assert len(tracks_of(CROSSING, duration_s=1 / 3)) == 2


def test_tracks_are_numbered_in_order_of_first_appearance() -> None:
    late, early = Actor(walk(500, 200, 10), 1, start_s=3), Actor(walk(100, 500, 10), 2, start_s=1)
    tracks = tracks_of([late, early])
    assert [track.index for track in tracks] == [0, 1]
    assert [actors_of(track, [late, early]) for track in tracks] == [{1}, {0}]


def test_two_jobs_in_one_process_give_the_same_tracks_as_each_alone() -> None:
    alone = tracks_of(CROSSING)
    tracks_of([Actor(walk(200, 200, 20), 5), Actor(walk(600, 500, -20), 6)])
    assert same(tracks_of(CROSSING), alone)


@pytest.mark.parametrize("frame_rate", [6.0, 10.0, 30.0])
def test_identities_do_not_depend_on_the_frame_rate(frame_rate: float) -> None:
    assert [actors_of(track, CROSSING) for track in tracks_of(CROSSING, frame_rate=frame_rate)] == [{0}, {1}]


@pytest.mark.parametrize("frame_rate", [0.5, 1.0, 1.9, 2.0])
def test_people_are_tracked_at_about_one_frame_per_second(frame_rate: float) -> None:
    strollers = [Actor(walk(100, 300, 4), clothes=1), Actor(walk(600, 310, -4), clothes=2)]
    tracks = tracks_of(strollers, frame_rate=frame_rate, duration_s=60.0)
    assert [actors_of(track, strollers) for track in tracks] == [{0}, {1}]
    assert min(len(track) for track in tracks) >= 60 * frame_rate - 2


def test_people_are_tracked_across_frames_at_irregular_times() -> None:
    times = np.cumsum(np.tile([0.03, 0.11, 0.06], 50))
    detections, metadata, _ = film(CROSSING, times_s=times.tolist(), duration_s=float(times[-1]))
    assert [actors_of(track, CROSSING) for track in link_detections(detections, metadata)] == [{0}, {1}]


def test_a_reversed_video_gives_the_same_paths() -> None:
    detections, metadata, _ = film(CROSSING)
    order = np.argsort(-detections.rows, kind="stable")
    last = len(detections.frame_numbers) - 1
    backwards = replace(
        detections,
        rows=(last - detections.rows[order]).astype(np.int32),
        boxes=detections.boxes[order],
        scores=detections.scores[order],
        descriptors=detections.descriptors[order],
    )
    paths = link_detections(detections, metadata)
    reversed_paths = link_detections(backwards, metadata)
    assert [len(track) for track in reversed_paths] == [len(track) for track in paths] == [150, 150]
    for path in paths:
        same_way = min(reversed_paths, key=lambda other: float(np.abs(other.boxes[::-1] - path.boxes).max()))
        assert same_way.boxes[::-1] == pytest.approx(path.boxes, abs=0.5)


@pytest.mark.parametrize("window_ms", [900, 3_300, 5_000])
def test_people_keep_their_identities_across_windows(monkeypatch: pytest.MonkeyPatch, window_ms: int) -> None:
    monkeypatch.setattr(association, "WINDOW_MS", window_ms)
    monkeypatch.setattr(association, "WARM_UP_US", 2_000_000)
    assert [actors_of(track, CROSSING) for track in tracks_of(CROSSING)] == [{0}, {1}]
    assert [len(track) for track in tracks_of(CROSSING)] == [150, 150]


def test_windows_that_are_tracked_from_only_their_detections_give_the_same_tracks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(association, "WINDOW_MS", 2_500)
    monkeypatch.setattr(association, "WARM_UP_US", 1_000_000)
    detections, metadata, _ = film(CROSSING)
    windows = plan_windows(metadata)
    assert len(windows) == 4
    steps = []
    for window in windows:
        start_us, end_us = needed_interval_us(window)
        shown = (detections.timestamps_us >= start_us) & (detections.timestamps_us < end_us)
        needed = shown[detections.rows]
        part = replace(
            detections,
            frame_numbers=detections.frame_numbers[shown],
            timestamps_us=detections.timestamps_us[shown],
            rows=(detections.rows[needed] - np.flatnonzero(shown)[0]).astype(np.int32),
            boxes=detections.boxes[needed],
            scores=detections.scores[needed],
            descriptors=np.empty((int(needed.sum()), 0), np.uint8),
        )
        steps.append(associate_window(part, window))
    together = np.concatenate(steps)
    assert len(together) == len(detections)
    assert same(
        link_detections(detections, metadata, successors=together), link_detections(detections, metadata)
    )


def test_descriptors_may_be_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    detections, metadata, _ = film(CROSSING)
    monkeypatch.setattr(detections_module, "SPILL_BYTES", 16)
    stored = concatenate([detections])
    assert isinstance(stored.descriptors, RowsOnDisk)
    assert same(link_detections(stored, metadata), link_detections(detections, metadata))


def test_a_video_without_people_has_no_tracks() -> None:
    assert tracks_of([]) == ()


def test_the_people_in_a_video_of_one_frame_are_reported() -> None:
    assert [len(track) for track in tracks_of(CROSSING, duration_s=0.05)] == [1, 1]


def test_a_person_who_comes_back_keeps_the_index_only_on_request() -> None:
    shoppers = [
        Actor(walk(100, 300, 60), clothes=1, end_s=5),
        Actor(walk(700, 310, -60), clothes=1, start_s=1, end_s=6),
        Actor(walk(400, 320, 20), clothes=1, start_s=30, end_s=36),
    ]
    detections, metadata, who = film(shoppers, duration_s=40)
    rows = np.arange(0, len(detections), 8)
    vectors = np.zeros((len(rows), 8), np.int8)
    # The third person is the second one again.
    vectors[np.arange(len(rows)), np.array([0, 1, 1])[who[rows]]] = 127
    detections = replace(detections, embedding_rows=rows, embeddings=vectors.view(np.uint8))
    usual = link_detections(detections, metadata)
    assert [actors_of(track, shoppers) for track in usual] == [{0}, {1}, {2}]
    recognised = link_detections(detections, metadata, TrackerSettings(recognises_returns=True))
    assert [actors_of(track, shoppers) for track in recognised] == [{0}, {1, 2}]
    assert ((recognised[1].timestamps_ms < 6100) | (recognised[1].timestamps_ms > 29_900)).all()
