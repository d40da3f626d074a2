from pathlib import Path

import numpy as np

from people_pathing.engine.motchallenge.writing import mot_rows, write
from people_pathing.engine.tracks import Track, TrackingResult
from people_pathing.engine.video import VideoMetadata
from tests.unit.engine.walkers import walker

METADATA = VideoMetadata("h264", "QuickTime / MOV", 400, 25.0, 100, 100, "LIMITED")


def result(*tracks: Track) -> TrackingResult:
    return TrackingResult(METADATA, 10, 10, np.arange(0, 10, 2), tracks)


def rows(*tracks: Track) -> list[tuple[float, ...]]:
    return list(mot_rows(result(*tracks)))


def test_frames_between_two_sampled_ones_are_interpolated() -> None:
    found = rows(walker(0, [2, 4], [10, 14]))
    assert found == [
        (3, 1, 10, 10, 20, 50, 0.5, -1, -1, -1),
        (4, 1, 12, 10, 20, 50, 0.5, -1, -1, -1),
        (5, 1, 14, 10, 20, 50, 0.5, -1, -1, -1),
    ]


def test_frames_around_a_sampled_frame_without_the_person_have_no_row() -> None:
    assert [row[0] for row in rows(walker(0, [0, 2, 6, 8], [1, 1, 1, 1]))] == [1, 2, 3, 7, 8, 9]


def test_rows_are_ordered_by_frame_then_by_id() -> None:
    found = rows(walker(0, [4, 6], [1, 1]), walker(1, [0, 2, 4], [1, 1, 1]))
    assert [row[:2] for row in found] == [(1, 2), (2, 2), (3, 2), (4, 2), (5, 1), (5, 2), (6, 1), (7, 1)]


def test_a_result_without_people_has_no_rows() -> None:
    assert rows() == []


def test_a_file_has_a_line_per_row_and_its_folder_is_created(tmp_path: Path) -> None:
    path = tmp_path / "new" / "street.txt"
    write(result(walker(0, [2, 4], [10, 14])), path)
    assert path.read_text().splitlines() == [
        "3,1,10.00,10.00,20.00,50.00,0.500,-1,-1,-1",
        "4,1,12.00,10.00,20.00,50.00,0.500,-1,-1,-1",
        "5,1,14.00,10.00,20.00,50.00,0.500,-1,-1,-1",
    ]
    assert list(path.parent.iterdir()) == [path]


def test_a_file_of_an_earlier_run_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "street.txt"
    path.write_text("old")
    write(result(), path)
    assert path.read_text() == ""
