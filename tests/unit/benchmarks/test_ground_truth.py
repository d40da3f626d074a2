"""Ground truth is read and scored as MOTChallenge defines it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.engine.ground_truth import Labelled, read_ground_truth, sequences
from benchmarks.engine.scoring import evaluate

PERSON = [10.0, 10.0, 20.0, 50.0]
CAR = [100.0, 10.0, 80.0, 50.0]
REFLECTION = [200.0, 10.0, 20.0, 50.0]
FRAMES = range(1, 11)


def with_classes() -> list[str]:
    """Returns nine columns as since MOT16: a pedestrian, a car, a reflection, and a hidden pedestrian."""
    return [
        line
        for frame in FRAMES
        for line in (
            f"{frame},1,10,10,20,50,1,1,0.9",
            f"{frame},2,100,10,80,50,0,3,1",
            f"{frame},3,200,10,20,50,0,12,1",
            f"{frame},4,300,10,20,50,0,1,0",
        )
    ]


def labelled(tmp_path: Path, lines: list[str]) -> Labelled:
    (tmp_path / "street.gt.txt").write_text("\n".join(lines) + "\n")
    (tmp_path / "street.mp4").touch()
    [found] = sequences(tmp_path)
    return found


def found_in_every_frame(*boxes: list[float]) -> list[list[float]]:
    return [[frame, identity, *box, 1] for frame in FRAMES for identity, box in enumerate(boxes, 1)]


def test_only_pedestrians_with_confidence_are_scored(tmp_path: Path) -> None:
    street = labelled(tmp_path, with_classes())

    score = evaluate(street, found_in_every_frame(PERSON))

    assert (score.mota, score.idf1, score.hota) == pytest.approx((100, 100, 100))


def test_a_box_on_a_reflection_counts_neither_way(tmp_path: Path) -> None:
    street = labelled(tmp_path, with_classes())

    score = evaluate(street, found_in_every_frame(PERSON, REFLECTION))

    assert score.mota == pytest.approx(100)


def test_a_box_on_a_car_is_a_false_person(tmp_path: Path) -> None:
    street = labelled(tmp_path, with_classes())

    score = evaluate(street, found_in_every_frame(PERSON, CAR))

    assert score.mota == pytest.approx(0)


def test_positions_in_the_world_are_not_classes(tmp_path: Path) -> None:
    lines = [f"{frame},1,10,10,20,50,1,2,7,0" for frame in FRAMES]

    score = evaluate(labelled(tmp_path, lines), found_in_every_frame(PERSON))

    assert score.mota == pytest.approx(100)


def test_unknown_positions_are_not_classes(tmp_path: Path) -> None:
    lines = [f"{frame},1,10,10,20,50,1,-1,-1" for frame in FRAMES]

    assert len(labelled(tmp_path, lines).truth) == len(FRAMES)


def test_rows_with_confidence_zero_are_ignored_without_classes(tmp_path: Path) -> None:
    path = tmp_path / "gt.txt"
    path.write_text("1,1,10,10,20,50,1,-1,-1,-1\n1,2,90,10,20,50,0,-1,-1,-1\n")

    truth, others = read_ground_truth(path)

    assert truth.tolist() == [[1, 1, 10, 10, 20, 50, 1]]
    assert len(others) == 0


def test_a_result_without_people_is_scored(tmp_path: Path) -> None:
    score = evaluate(labelled(tmp_path, with_classes()), [])

    assert score.idf1 == 0


def test_large_numbers_of_people_keep_all_digits(tmp_path: Path) -> None:
    places = (10, 100)
    lines = [f"{frame},{2_000_000 + left},{left},10,20,50,1" for frame in FRAMES for left in places]
    found = [[frame, 2_000_000 + left, left, 10, 20, 50, 1] for frame in FRAMES for left in places]

    assert evaluate(labelled(tmp_path, lines), found).idf1 == pytest.approx(100)
