"""The made videos show what their ground truth says."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from benchmarks.engine.ground_truth import Labelled
from benchmarks.kinds import KINDS, Material, View
from benchmarks.material import MIN_VISIBLE, SCENE_IDS, describe, ground_truth, make
from tests.clips import Picture, write_clip

SIZE = (240, 180)
FRAMES = 70
PERSON = (100, 60, 40, 60)
"""Left, top, width and height of the person in the first frame, who goes one pixel to the right in each."""


def draw(number: int, width: int, height: int) -> Picture:
    """Draws a white person before a grey wall."""
    picture = np.full((height, width, 3), 60, np.uint8)
    left, top, wide, high = PERSON
    picture[top : top + high, left + number : left + number + wide] = 220
    return picture


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Labelled:
    video = write_clip(
        tmp_path_factory.mktemp("source") / "wall.mp4",
        frames=FRAMES,
        rate=10,
        size=SIZE,
        options={"crf": "4"},
        draw=draw,
    )
    left, top, wide, high = PERSON
    truth = [[number + 1, 7, left + number, top, wide, high, 1] for number in range(FRAMES)]
    return Labelled("wall", video, np.array(truth, float))


@pytest.mark.parametrize("kind", KINDS)
def test_boxes_are_where_the_made_video_shows_the_person(
    kind: str, labelled: Labelled, tmp_path: Path
) -> None:
    made = make(labelled, kind, tmp_path)
    with av.open(made.video) as file:
        pictures = [frame.to_ndarray(format="gray") for frame in file.decode(video=0)]
    assert len(pictures) == len(KINDS[kind](describe(labelled.video)).views)
    assert len(made.truth) > 0.5 * len(pictures)
    for frame, _, left, top, width, height, _ in made.truth:
        bright = pictures[int(frame) - 1] > 140
        rows, columns = np.flatnonzero(bright.any(axis=1)), np.flatnonzero(bright.any(axis=0))
        seen = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
        assert seen == pytest.approx((left, top, left + width, top + height), abs=1.5)


def test_material_is_the_same_every_time(labelled: Labelled, tmp_path: Path) -> None:
    folders = tmp_path / "a", tmp_path / "b"
    for folder in folders:
        folder.mkdir()
        make(labelled, "still", folder)
    for name in ("wall-still.mp4", "wall-still.gt.txt"):
        first, second = ((folder / name).read_bytes() for folder in folders)
        assert first == second


def test_every_fifth_frame_keeps_its_time(labelled: Labelled, tmp_path: Path) -> None:
    with av.open(make(labelled, "every-5", tmp_path).video) as file:
        assert [frame.time for frame in file.decode(video=0)] == [
            number * 0.5 for number in range(FRAMES // 5)
        ]


def test_identities_are_new_after_a_cut(labelled: Labelled, tmp_path: Path) -> None:
    truth = make(labelled, "jumps", tmp_path).truth
    assert np.unique(truth[:, 1]).tolist() == [7, 7 + SCENE_IDS, 7 + 2 * SCENE_IDS]


def test_a_person_who_is_hardly_in_the_window_is_to_be_ignored() -> None:
    truth = np.array([[1, 1, 0, 0, 10, 20, 1], [1, 2, 96, 0, 10, 20, 1], [1, 3, 98, 0, 10, 20, 1.0]])
    window = (100 - 2.0, 0.0, 50.0, 50.0)
    rows = ground_truth(Material((View(0, window),), Fraction(10), (100, 100)), truth)
    assert rows[:, 1].tolist() == [2, 3]  # nothing is visible of the first
    assert rows[:, 2:6].tolist() == [[0, 0, 16, 40], [0, 0, 20, 40]]
    assert rows[:, 6].tolist() == [1, 1]
    (hardly,) = ground_truth(
        Material((View(0, (96 + 10 * (1 - MIN_VISIBLE) + 0.1, 0, 50, 50)),), Fraction(10), (50, 50)),
        truth[1:2],
    )
    assert hardly[6] == 0


def test_boxes_that_count_neither_way_move_with_the_window(labelled: Labelled, tmp_path: Path) -> None:
    reflections = np.insert(labelled.truth, 7, 12, axis=1)
    reflections[:, 6] = 0
    mirrored = Labelled("mirror", labelled.video, labelled.truth, reflections)

    made = make(mirrored, "pan", tmp_path)

    moved = made.others[made.others[:, 7] == 12]
    assert moved[np.isin(moved[:, 0], made.truth[:, 0]), 2:6] == pytest.approx(made.truth[:, 2:6])
