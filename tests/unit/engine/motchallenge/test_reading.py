import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from people_pathing.engine.detect_step.people import MAX_PEOPLE
from people_pathing.engine.motchallenge.reading import read_detections

ROWS = [[1, -1, 10, 20, 30, 60, 0.9], [2, -1, 12, 20, 30, 60, 0.8]]


def test_rows_become_boxes_and_times_of_their_frames() -> None:
    found = read_detections(ROWS, frame_rate=25)

    assert found.frame_numbers.tolist() == [0, 1]
    assert found.timestamps_us.tolist() == [0, 40_000]
    assert found.rows.tolist() == [0, 1]
    assert found.boxes.tolist() == [[10, 20, 40, 80], [12, 20, 42, 80]]
    np.testing.assert_allclose(found.scores, [0.9, 0.8], rtol=1e-6)
    assert (found.frame_count, found.expected_frame_count) == (2, 2)
    assert not found.descriptors[:].any()


def test_rows_may_be_in_any_order_and_the_best_of_a_frame_comes_first() -> None:
    rows = [[2, -1, 1, 1, 9, 9, 0.5], [1, -1, 2, 1, 9, 9, 0.5], [2, -1, 3, 1, 9, 9, 0.7]]

    found = read_detections(rows, frame_rate=25)

    assert found.rows.tolist() == [0, 1, 1]
    assert found.boxes[:, 0].tolist() == [2, 3, 1]


def test_without_a_score_every_detection_is_certain() -> None:
    assert read_detections([row[:6] for row in ROWS], frame_rate=25).scores.tolist() == [1, 1]


def test_columns_after_the_score_are_ignored() -> None:
    assert len(read_detections([[*row, -1, -1, -1] for row in ROWS], frame_rate=25)) == 2


def test_a_detector_that_searched_every_third_frame_is_recognised() -> None:
    rows = [[frame, -1, 10, 20, 30, 60, 0.9] for frame in (5, 8, 14)]

    found = read_detections(rows, frame_rate=25, frame_count=20)

    assert found.frame_numbers.tolist() == [1, 4, 7, 10, 13, 16, 19]
    assert found.rows.tolist() == [1, 2, 4]


def test_frames_without_people_count_as_searched_up_to_the_end_of_the_video() -> None:
    found = read_detections(ROWS, frame_rate=25, frame_count=5)

    assert found.frame_numbers.tolist() == [0, 1, 2, 3, 4]
    assert found.searched.all()
    assert found.frame_count == 5


@pytest.mark.parametrize("nothing", [[], np.empty((0, 7))])
def test_no_detections_are_valid(nothing: Any) -> None:
    found = read_detections(nothing, frame_rate=25, frame_count=3)

    assert (len(found), found.frame_count) == (0, 3)
    assert found.boxes.shape == (0, 4)


def test_of_a_crowd_the_best_count() -> None:
    rows = [[1, -1, 10 * n, 20, 30, 60, n / 1000] for n in range(MAX_PEOPLE + 5)]

    found = read_detections(rows, frame_rate=25)

    assert len(found) == MAX_PEOPLE
    assert found.boxes[-1, 0] == 50


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ([1, -1, float("nan"), 20, 30, 60, 0.9], "all numbers must be finite"),
        ([1, -1, 1e39, 20, 30, 60, 0.9], "all numbers must be finite"),
        ([0, -1, 10, 20, 30, 60, 0.9], "the frame must be a whole number from 1"),
        ([1.5, -1, 10, 20, 30, 60, 0.9], "the frame must be a whole number from 1"),
        ([1e12, -1, 10, 20, 30, 60, 0.9], "the frame must be at most 5184000"),
        ([1, -1, 10, 20, 0, 60, 0.9], "width and height must be above 0"),
        ([1, -1, 10, 20, 30, -60, 0.9], "width and height must be above 0"),
        ([1, -1, 10, 20, 30, 60, 90], "the score must be from 0 to 1; scale it first"),
        ([1, -1, 10, 20, 30, 60, -1], "the score must be from 0 to 1; scale it first"),
    ],
)
def test_an_impossible_number_is_an_error_that_names_the_row(
    row: list[float], problem: str, tmp_path: Path
) -> None:
    rows = [ROWS[0], row]
    path = tmp_path / "det.txt"
    path.write_text("\n\n".join(",".join(map(str, values)) for values in rows))

    with pytest.raises(ValueError, match=rf"^detections\[1\]: {problem}, but the row is "):
        read_detections(rows, frame_rate=25)
    with pytest.raises(ValueError, match=rf"det\.txt, line 3: {problem}, but the row is "):
        read_detections(path, frame_rate=25)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "frame,id,left,top,width,height\n",
            "line 1: 'frame,id,left,top,width,height' is not a row of numbers",
        ),
        (
            "1,-1,10,20,30,60,0.9\n1,-1,10\n",
            "line 2: '1,-1,10' has too few numbers; expected are frame, id, left",
        ),
        ("1 -1 10 20 30 60 0.9\n", "line 1: .* has too few numbers; .*, separated by commas"),
        ("\x00\x01ftypmp42" + "x" * 99, r"line 1: '.{2,60}…' has too few numbers"),
    ],
)
def test_a_file_of_another_format_is_an_error_that_names_the_line(
    text: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "det.txt"
    path.write_text(text)

    with pytest.raises(ValueError, match=message):
        read_detections(path, frame_rate=25)


def test_a_file_may_have_spaces_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "det.txt"
    path.write_text("1, -1, 10, 20, 30, 60, 0.9\n", "utf-8-sig")

    assert read_detections(str(path), frame_rate=25).boxes.tolist() == [[10, 20, 40, 80]]


def test_an_empty_file_has_nobody(tmp_path: Path) -> None:
    path = tmp_path / "det.txt"
    path.touch()

    assert len(read_detections(path, frame_rate=25, frame_count=3)) == 0


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        (
            [[1, 2, 3]],
            ValueError,
            r"must have the shape \(N, 6 or more\), not \(1, 3\); expected are fr",
        ),
        ([1, 2, 3, 4, 5, 6, 7], ValueError, r"must have the shape \(N, 6 or more\), not \(7,\)"),
        ([[1, 2], [3]], TypeError, "detections must be an array of numbers or the path of a file"),
        ([["a"] * 7], TypeError, "detections must be an array of numbers or the path of a file"),
        (io.StringIO("1,2"), TypeError, "detections must be an array of numbers or the path of a file"),
        (None, TypeError, "detections must be an array of numbers or the path of a file"),
    ],
)
def test_anything_but_rows_is_an_error(rows: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read_detections(rows, frame_rate=25)
