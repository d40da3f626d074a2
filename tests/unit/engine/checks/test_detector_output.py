import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from people_pathing.engine import track_video
from people_pathing.engine.checks.detector_output import checked_detections, input_size
from people_pathing.engine.interfaces import FrameDetections
from tests import clips

BOX = [10, 10, 30, 60]


class Fixed:
    """A detector that returns the same for every image of 96x64 pixels."""

    name = "mine"

    def __init__(self, found: Any, size: Any = (96, 64)) -> None:
        self.found = found
        self.size = size

    def input_size(self, width_px: int, height_px: int) -> Any:
        return self.size

    def detect(self, image: NDArray[np.uint8]) -> Any:
        return self.found


def check(found: Any) -> FrameDetections:
    return checked_detections(Fixed(found), found, 96, 64)


@pytest.mark.parametrize(
    "found",
    [
        FrameDetections(np.array([BOX], np.float32), np.array([0.9], np.float32)),
        (np.array([BOX], np.float64), np.array([0.9])),
        ([BOX], [0.9]),
        [np.array([BOX]), np.ones(1, np.int64)],
    ],
)
def test_boxes_of_any_kind_of_number_become_float32(found: Any) -> None:
    boxes, scores = check(found)

    assert {boxes.dtype.name, scores.dtype.name} == {"float32"}
    assert boxes.tolist() == [BOX]


def test_the_arrays_of_a_detector_that_returns_float32_are_not_copied() -> None:
    found = FrameDetections(np.array([BOX], np.float32), np.array([0.9], np.float32))

    assert check(found).boxes is found.boxes


@pytest.mark.parametrize("found", [([], []), (np.empty((0, 4)), np.empty(0)), (np.empty(0), np.empty(0))])
def test_nobody_is_an_answer(found: Any) -> None:
    boxes, scores = check(found)

    assert (boxes.shape, scores.shape) == ((0, 4), (0,))


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (None, "must return two arrays, not NoneType;"),
        (np.array([[*BOX, 0.9]]), "must return two arrays, not ndarray;"),
        (([BOX], [0.9], [0]), "must return two arrays, not tuple of 3;"),
        ({"boxes": [BOX]}, "must return two arrays, not dict;"),
        (([BOX], ["high"]), "scores are of type <U4, not numbers;"),
        (([BOX], [None]), "scores are of type object, not numbers;"),
        (([BOX, [1]], [0.9, 0.8]), "boxes are not an array"),
    ],
)
def test_an_answer_of_the_wrong_type_is_a_type_error_that_names_the_detector(
    found: Any, message: str
) -> None:
    with pytest.raises(TypeError, match=rf"^detector mine: .*{re.escape(message)}.* expected are boxes"):
        check(found)


@pytest.mark.parametrize(
    ("boxes", "scores", "message"),
    [
        ([[*BOX, 0.9]], [0.9], "boxes have the shape (1, 5), scores (1,); expected are boxes (N, 4)"),
        ([BOX], [0.9, 0.8], "boxes have the shape (1, 4), scores (2,);"),
        ([BOX], [[0.9]], "boxes have the shape (1, 4), scores (1, 1);"),
        ([], [0.9], "boxes have the shape (0,), scores (1,);"),
        (
            [BOX, [np.nan, 1, 2, 3]],
            [0.9, 0.8],
            "all numbers must be finite, but box 1 is [nan, 1.0,",
        ),
        ([[0, 0, np.inf, 3]], [0.9], "all numbers must be finite"),
        ([BOX], [np.nan], "scores must be from 0 to 1, but box 0 is [10.0, 10.0, 30.0, 60.0] with score nan"),
        ([BOX], [90], "scores must be from 0 to 1"),
        ([BOX], [-0.1], "scores must be from 0 to 1"),
        ([[50, 40, 20, 30]], [0.9], "boxes must be left, top, right, bottom (xyxy)"),
        ([[50, 40, 50, 60]], [0.9], "boxes must be left, top, right, bottom (xyxy)"),
        ([BOX, BOX], [0.5, 0.9], "the best score must come first, but box 1"),
        (
            [[300, 10, 320, 60]],
            [0.9],
            "boxes must be in pixels of the image that detect gets, which is 96x",
        ),
        ([[-300, 10, -280, 60]], [0.9], "boxes must be in pixels of the image"),
        ([[-1e30, -1e30, 1e30, 1e30]], [0.9], "boxes must be in pixels of the image"),
        ([[-5000, 10, 5000, 60]], [0.9], "boxes must be in pixels of the image"),
        ([[0.1, 0.2, 0.3, 0.9]], [0.9], "boxes must be in pixels, but all are within 0..1, as ratios are"),
    ],
)
def test_impossible_boxes_are_an_error_that_names_the_detector_and_the_box(
    boxes: Any, scores: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=rf"^detector mine: .*{re.escape(message)}"):
        check((boxes, scores))


def test_an_image_that_is_larger_than_any_frame_is_an_error_that_names_the_size() -> None:
    with pytest.raises(ValueError, match=r"not \(100000, 100000\); at most 35,389,440 pixels are possible"):
        input_size(Fixed(None, (100_000, 100_000)), 1920, 1080)
    assert input_size(Fixed(None, (8192, 4320)), 1920, 1080) == (8192, 4320)


def test_boxes_in_an_image_of_one_pixel_are_accepted() -> None:
    found = (np.array([[0, 0, 1, 1]], np.float32), np.array([0.9], np.float32))
    assert len(checked_detections(Fixed(found), found, 1, 1).boxes) == 1


def test_boxes_of_people_who_are_partly_outside_of_the_image_are_accepted() -> None:
    outside = [[-30, -20, 10, 50], [80, 30, 120, 100]]

    assert check((outside, [0.9, 0.9])).boxes.tolist() == outside


@pytest.mark.parametrize("size", [None, 640, (640,), (640.0, 480.0), (1, 2, 3), "640x480"])
def test_an_input_size_that_is_not_two_whole_numbers_is_a_type_error(size: Any) -> None:
    with pytest.raises(TypeError, match=r"^detector mine: input_size must return a width and a height"):
        input_size(Fixed(None, size), 96, 64)


def test_an_input_size_of_numpy_numbers_is_accepted() -> None:
    assert input_size(Fixed(None, (np.int64(32), np.int32(16))), 96, 64) == (32, 16)


def test_an_input_size_of_zero_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"input_size must return .* not \(0, 480\)"):
        input_size(Fixed(None, (0, 480)), 96, 64)


def test_a_detector_without_a_name_is_named_by_its_class() -> None:
    class Nameless:
        def detect(self, image: NDArray[np.uint8]) -> None: ...

    with pytest.raises(TypeError, match=r"^detector Nameless has no method input_size\(width_px, "):
        input_size(Nameless(), 96, 64)  # type: ignore[arg-type]


def test_a_mistake_of_a_detector_ends_the_tracking_of_a_video(tmp_path: Path) -> None:
    clip = clips.write_clip(tmp_path / "clip.mp4", frames=3)

    with pytest.raises(ValueError, match=r"^detector mine: scores must be from 0 to 1"):
        track_video(clip, detector=Fixed(([BOX], [90])))
    with pytest.raises(TypeError, match=r"^detector mine: detect must return two arrays, not NoneType"):
        track_video(clip, detector=Fixed(None))


def test_a_class_instead_of_a_detector_is_a_type_error() -> None:
    with pytest.raises(TypeError, match=r"^detector must be an object, not the class: Fixed\(\)$"):
        track_video("no-such-video.mp4", detector=Fixed)  # type: ignore[arg-type]
