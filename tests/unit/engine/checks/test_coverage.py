from dataclasses import replace

import numpy as np
import pytest

from people_pathing.engine.checks.coverage import check_decoded, coverage_warnings
from people_pathing.engine.detections import Detections
from people_pathing.engine.motchallenge.reading import read_detections
from people_pathing.engine.video import VideoError


def detections(sampled_per_s: float, frames: int = 5) -> Detections:
    rows = [[frame, -1, 10, 20, 30, 60, 0.9] for frame in range(1, frames + 1)]
    return read_detections(rows, frame_rate=sampled_per_s)


def test_a_complete_video_with_many_frames_has_no_warnings() -> None:
    assert coverage_warnings(detections(12.5)) == ()


def test_frames_that_could_not_be_decoded_are_a_warning_with_both_counts() -> None:
    damaged = replace(detections(12.5), frame_count=1788, expected_frame_count=2400)

    [warning] = coverage_warnings(damaged)

    assert warning.startswith("Only 1,788 of 2,400 frames could be decoded")


def test_few_frames_a_second_are_a_warning() -> None:
    assert coverage_warnings(detections(0.25)) == (
        "Frames are sampled every 4 s. With fewer than 2 frames per second, more people get several indices.",
    )


def test_one_long_pause_between_frames_is_no_warning() -> None:
    found = detections(12.5)
    paused = replace(found, timestamps_us=found.timestamps_us + np.array([0, 0, 0, 0, 60_000_000]))

    assert coverage_warnings(paused) == ()


@pytest.mark.parametrize("frames", [0, 1])
def test_a_video_of_one_frame_has_no_rate(frames: int) -> None:
    assert coverage_warnings(detections(12.5, frames)) == ()


@pytest.mark.parametrize(
    ("decoded", "expected"), [(0, 0), (0, 9), (1, 1), (1, 9), (2, 10), (2, 1_000_000), (12, 10)]
)
def test_a_video_is_tracked_if_two_frames_can_be_decoded_or_it_has_few(decoded: int, expected: int) -> None:
    found = replace(detections(12.5), frame_count=decoded, expected_frame_count=expected)

    check_decoded(found, "street.mp4")


@pytest.mark.parametrize("decoded", [0, 1])
@pytest.mark.parametrize(("expected", "shown"), [(10, "10"), (2_500, "2,500")])
def test_a_video_of_many_frames_of_which_at_most_one_can_be_decoded_is_rejected(
    decoded: int, expected: int, shown: str
) -> None:
    damaged = replace(detections(12.5), frame_count=decoded, expected_frame_count=expected)

    with pytest.raises(VideoError, match=f"^street.mp4: only {decoded} of its {shown} frames could be"):
        check_decoded(damaged, "street.mp4")
