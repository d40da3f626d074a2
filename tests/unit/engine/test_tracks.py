from pathlib import Path
from typing import Any

import numpy as np
import pytest

from people_pathing.engine.motchallenge.writing import mot_rows
from people_pathing.engine.tracks import Track, TrackDetection, TrackingResult
from people_pathing.engine.video import VideoMetadata
from tests.unit.engine.walkers import walker

METADATA = VideoMetadata("h264", "QuickTime / MOV", 400, 25.0, 640, 480, "LIMITED")


def result(*tracks: Track, warnings: tuple[str, ...] = ()) -> TrackingResult:
    """Ten frames. Every second one is sampled."""
    return TrackingResult(METADATA, 10, 10, np.arange(0, 10, 2), tracks, warnings)


def test_iterating_over_a_result_yields_its_tracks() -> None:
    first, second = walker(0, [0, 2], [1, 1]), walker(1, [2, 4], [5, 5])

    found = result(first, second)

    assert list(found) == [first, second]
    assert len(found) == 2


def test_the_people_of_a_sampled_frame_have_the_boxes_of_their_tracks() -> None:
    found = result(walker(0, [0, 2, 4], [10, 14, 18]), walker(1, [2, 4], [50, 50]))

    assert found.detections_at(0) == (TrackDetection(0, (10, 10, 30, 60), 0.5),)
    assert found.detections_at(2) == (
        TrackDetection(0, (14, 10, 34, 60), 0.5),
        TrackDetection(1, (50, 10, 70, 60), 0.5),
    )
    assert found.detections_at(6) == ()


def test_boxes_between_two_sampled_frames_are_interpolated() -> None:
    found = result(walker(0, [0, 2, 4], [10, 14, 18]))

    assert found.detections_at(1) == (TrackDetection(0, (12, 10, 32, 60), 0.5),)


def test_a_person_who_is_missing_from_a_sampled_frame_is_missing_beside_it() -> None:
    found = result(walker(0, [0, 2, 6, 8], [1, 1, 1, 1]))

    assert [len(found.detections_at(frame)) for frame in range(10)] == [1, 1, 1, 0, 0, 0, 1, 1, 1, 0]


def test_every_frame_has_the_boxes_that_save_mot_writes() -> None:
    found = result(walker(0, [0, 2, 4, 8], [10, 14, 18, 30]), walker(1, [4, 6], [50, 55.5]))

    expected = [(row.frame - 1, row.person - 1, row.left, row.score) for row in mot_rows(found)]

    assert [
        (frame, person.index, person.box[0], person.score)
        for frame in range(10)
        for person in found.detections_at(frame)
    ] == expected


def test_a_number_of_numpy_is_a_frame() -> None:
    assert result(walker(0, [0, 2], [10, 14])).detections_at(np.int32(2))  # type: ignore[arg-type]


@pytest.mark.parametrize("frame", [-1, 10, 10**12])
def test_a_frame_outside_of_the_video_is_an_error_that_names_the_frames(frame: int) -> None:
    with pytest.raises(IndexError, match=rf"there is no frame {frame}; the frames of this video are 0 to 9$"):
        result().detections_at(frame)


def test_a_video_without_frames_says_so() -> None:
    empty = TrackingResult(METADATA, 0, 0, np.arange(0), ())

    with pytest.raises(IndexError, match="there is no frame 0; this video has no frames"):
        empty.detections_at(0)


@pytest.mark.parametrize("frame", [1.0, "1", None])
def test_a_frame_that_is_not_a_whole_number_is_a_type_error(frame: Any) -> None:
    with pytest.raises(TypeError):
        result().detections_at(frame)


def test_save_mot_writes_the_rows_and_creates_the_folder(tmp_path: Path) -> None:
    result(walker(0, [2, 4], [10, 14])).save_mot(str(tmp_path / "new" / "street.txt"))

    assert (tmp_path / "new" / "street.txt").read_text().splitlines() == [
        "3,1,10.00,10.00,20.00,50.00,0.500,-1,-1,-1",
        "4,1,12.00,10.00,20.00,50.00,0.500,-1,-1,-1",
        "5,1,14.00,10.00,20.00,50.00,0.500,-1,-1,-1",
    ]


def test_results_and_tracks_are_shown_in_one_short_line_without_arrays() -> None:
    track = walker(3, [0, 2], [10, 14])

    assert repr(track) == "Track(index=3, 2 rows, 0.0 to 0.1 s)"
    assert repr(result(track)) == "TrackingResult(1 track, 10 frames, 640x480 at 25 fps)"
    assert repr(result(track, track, warnings=("Only 1 of 2 frames could be decoded.",))) == (
        "TrackingResult(2 tracks, 10 frames, 640x480 at 25 fps, 1 warning)"
    )


def test_an_empty_track_can_be_shown() -> None:
    assert repr(walker(0, [], [])) == "Track(index=0, no rows)"
