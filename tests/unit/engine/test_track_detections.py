"""Tracking with detections of another program."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from people_pathing import LinkSettings, TrackerSettings, TrackingResult, VideoMetadata, track_detections

FRAMES = 50
METADATA = VideoMetadata("h264", "QuickTime / MOV", 2000, 25.0, 640, 480, None)


def rows(missing: tuple[int, ...] = (), score: float = 0.9) -> list[list[float]]:
    """Two people, one who walks to the right and one below who walks to the left."""
    return [
        row
        for frame in range(1, FRAMES + 1)
        if frame not in missing
        for row in (
            [frame, -1, 50 + 4 * frame, 100, 40, 100, score],
            [frame, -1, 500 - 4 * frame, 300, 40, 100, score],
        )
    ]


def starts(result: TrackingResult) -> list[list[int]]:
    return sorted(track.boxes[0, :2].round().astype(int).tolist() for track in result)


def test_each_person_has_one_track() -> None:
    result = track_detections(rows(), METADATA)

    assert (len(result), result.frame_count, result.warnings) == (2, FRAMES, ())
    assert starts(result) == [[54, 100], [496, 300]]
    assert [len(track) for track in result] == [FRAMES, FRAMES]


def test_the_size_and_rate_of_the_frames_replace_metadata() -> None:
    result = track_detections(np.array(rows()), frame_size=(640, 480), frame_rate=25)

    assert starts(result) == starts(track_detections(rows(), METADATA))
    assert result.metadata.duration_ms == 2000


def test_a_file_gives_the_same_paths_as_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "det.txt"
    path.write_text("".join(",".join(map(str, row)) + ",-1,-1,-1\n" for row in rows()))

    found, expected = track_detections(path, METADATA), track_detections(rows(), METADATA)

    assert [track.boxes.tolist() for track in found] == [track.boxes.tolist() for track in expected]


def test_an_unknown_appearance_is_no_evidence_against_a_join() -> None:
    """Only their movement distinguishes the people. A second without detections is bridged."""
    result = track_detections(rows(missing=tuple(range(20, 40))), METADATA)

    assert [len(track) for track in result] == [FRAMES, FRAMES]


def test_the_end_of_the_video_is_known_from_the_metadata() -> None:
    result = track_detections(rows()[:60], METADATA)

    assert result.frame_count == FRAMES
    assert result.detections_at(FRAMES - 1) == ()


def test_detections_of_a_longer_video_are_a_warning() -> None:
    short = replace(METADATA, duration_ms=1000)

    result = track_detections(rows(), short)

    assert result.warnings == ("The detections reach frame 50, but the video has about 25 frames.",)
    assert result.frame_count == FRAMES


def test_settings_decide_which_paths_are_kept() -> None:
    weak = rows(score=0.55)

    assert len(track_detections(weak, METADATA)) == 0
    assert (
        len(track_detections(weak, METADATA, settings=TrackerSettings(best_score=0.5, still_score=0.5))) == 2
    )


def test_settings_decide_how_long_a_gap_may_be() -> None:
    settings = TrackerSettings(link=LinkSettings(longest_gap_s=0.2), lost_s=0.1, shortest_s=0.2)

    result = track_detections(rows(missing=tuple(range(20, 40))), METADATA, settings=settings)

    assert len(result) == 4


def test_no_detections_give_no_tracks() -> None:
    assert len(track_detections([], METADATA)) == 0


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"frame_size": (640, 480)},
        {"frame_rate": 25},
        {"metadata": METADATA, "frame_size": (640, 480), "frame_rate": 25},
        {"metadata": METADATA, "frame_rate": 25},
    ],
)
def test_the_video_is_described_either_by_metadata_or_by_size_and_rate(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"give metadata, .* or frame_size and frame_rate$"):
        track_detections(rows(), **options)


def test_the_frame_size_must_be_above_0() -> None:
    with pytest.raises(ValueError, match=r"frame_size must be above 0, not \(0, 480\)"):
        track_detections(rows(), frame_size=(0, 480), frame_rate=25)


@pytest.mark.parametrize("frame_rate", [0, float("nan"), 1e-9, 1e9])
def test_the_frame_rate_must_be_one_that_a_video_can_have(frame_rate: float) -> None:
    with pytest.raises(ValueError, match="frame_rate must be between"):
        track_detections(rows(), frame_size=(640, 480), frame_rate=frame_rate)


@pytest.mark.parametrize("frame_size", [640, (640,), "640x480", (640, 480, 3)])
def test_a_frame_size_that_is_not_two_numbers_is_a_type_error(frame_size: Any) -> None:
    with pytest.raises(TypeError, match=r"frame_size must be \(width, height\) in pixels, not"):
        track_detections(rows(), frame_size=frame_size, frame_rate=25)


@pytest.mark.parametrize("column", [2, 3, 4, 5])
def test_a_box_that_no_frame_contains_is_an_error_that_names_the_row(column: int) -> None:
    wrong = rows()
    wrong[7][column] = 1e30
    with pytest.raises(ValueError, match=r"detections\[7\]: left, top, width and height must be in pixels"):
        track_detections(wrong, METADATA)


def test_days_without_people_between_two_detections_take_no_time_to_track() -> None:
    late = [[frame + 5_183_000, *rest] for frame, *rest in rows()]
    result = track_detections(
        [*rows(), *late],
        frame_size=(640, 480),
        frame_rate=240,
        settings=TrackerSettings(shortest_s=0.1),
    )
    assert result.frame_count == 5_183_050
    assert [len(track.frame_numbers) for track in result] == [FRAMES] * 4


def test_metadata_of_another_type_is_a_type_error() -> None:
    with pytest.raises(
        TypeError, match="metadata must be VideoMetadata, as read_metadata returns it, not 'x'"
    ):
        track_detections(rows(), "x")  # type: ignore[arg-type]


def test_settings_of_another_type_are_a_type_error() -> None:
    with pytest.raises(TypeError, match=r"^settings must be TrackerSettings\(\.\.\.\), not \{'best"):
        track_detections(rows(), METADATA, settings={"best_score": 0.5})  # type: ignore[arg-type]


def test_returns_cannot_be_recognised_without_pixels() -> None:
    with pytest.raises(ValueError, match="recognises_returns needs the video's pixels; use track_video"):
        track_detections(rows(), METADATA, settings=TrackerSettings(recognises_returns=True))
