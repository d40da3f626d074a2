"""Masked areas: nothing that happens in them changes a result, and people in them are not detected."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from people_pathing.engine import track_video
from people_pathing.engine.detections import Detections, concatenate
from people_pathing.engine.detectors.yolox.detector import YoloxDetector
from people_pathing.engine.interfaces import Detector, FrameDetections
from people_pathing.engine.scene.masks import GREY, MaskedAreas
from people_pathing.engine.segments import detect_segment, plan_segments
from people_pathing.engine.video import Segment
from tests import clips, yolox_like
from tests.unit.engine.test_segments import WHOLE, Brightness, saved, walking_square

SIZE = WIDTH_PX, HEIGHT_PX = 320, 240
MASK = [(0.31, 0.0), (0.62, 0.07), (0.55, 0.7), (0.28, 0.6)]
LEFT_HALF = [(0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)]


class Everything:
    """Finds people whose boxes depend on every pixel of the image."""

    name = "everything"

    def __init__(self, scale: float) -> None:
        self.scale = scale

    def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        return int(width_px * self.scale), int(height_px * self.scale)

    def detect(self, image: NDArray[np.uint8]) -> FrameDetections:
        height_px, width_px = image.shape[:2]
        left = float(image.astype(np.float64).mean() / 255 * width_px / 8)
        # The first stands on the floor. The second is large, and has the mask inside.
        boxes = [[left, 0.5 * height_px, left + 20, height_px], [0, 0, width_px, height_px]]
        return FrameDetections(np.array(boxes, np.float32), np.array([0.9, 0.8], np.float32))


def scene_with(secret: int) -> Callable[[int, int, int], clips.Picture]:
    """Draws a place that changes slowly, with noise in the masked area that changes with each frame."""

    def draw(number: int, width: int, height: int) -> clips.Picture:
        cells = np.random.default_rng(0).integers(0, 256, (height // 8, width // 8 + 8, 3), np.uint8)
        picture = cells.repeat(8, axis=0).repeat(8, axis=1)[:, number:][:, :width].copy()
        inside = np.zeros((height, width), np.uint8)
        vertices = np.round((np.array(MASK) * (width, height) - 0.5) * 256).astype(np.int32)
        cv2.fillPoly(inside, [vertices], 1, shift=8)
        noise = np.random.default_rng((secret, number)).integers(0, 256, (height, width, 3), np.uint8)
        picture[inside > 0] = noise[inside > 0]
        return picture

    return draw


def lossless(
    path: Path, draw: Callable[[int, int, int], clips.Picture], pixels: str = "yuv420p", **more: Any
) -> Path:
    return clips.write_clip(
        path, frames=14, rate=10, size=SIZE, codec="ffv1", pixels=pixels, draw=draw, **more
    )


def detected(path: Path, detector: Detector, segment: Segment = WHOLE, **options: Any) -> Detections:
    return detect_segment(
        path, segment, detector, reidentifier=Brightness(), sample_fps=math.inf, search_fps=5, **options
    )


@pytest.mark.parametrize("pixels", ["yuv420p", "yuv444p", "gray"])
@pytest.mark.parametrize("scale", [0.29, 0.5, 1.0, 1.6])
def test_what_happens_in_a_masked_area_changes_no_byte(tmp_path: Path, pixels: str, scale: float) -> None:
    one, other = (
        lossless(tmp_path / f"{secret}.mkv", scene_with(secret), pixels, container="matroska")
        for secret in (1, 2)
    )
    detector = Everything(scale)

    assert saved(detected(one, detector, masks=[MASK])) == saved(detected(other, detector, masks=[MASK]))
    assert saved(detected(one, detector)) != saved(detected(other, detector))


@pytest.mark.parametrize("count", [2, 5])
def test_any_cut_into_segments_gives_the_same_bytes(tmp_path: Path, count: int) -> None:
    path = lossless(tmp_path / "a.mkv", scene_with(1))
    _, segments = plan_segments(path, count=count)
    assert len(segments) == count
    detector = Everything(0.5)
    parts = [detected(path, detector, segment, masks=[MASK, LEFT_HALF]) for segment in segments]

    assert saved(concatenate(parts)) == saved(detected(path, detector, masks=[MASK, LEFT_HALF]))


@pytest.fixture
def squares(tmp_path: Path) -> Detector:
    return YoloxDetector(yolox_like.write_model(tmp_path / "squares.onnx"), input_px=96)


def test_people_are_detected_outside_of_the_masked_area_only(tmp_path: Path, squares: Detector) -> None:
    path = clips.write_clip(
        tmp_path / "walk.mp4", frames=24, options={"bf": "2", "crf": "10"}, draw=walking_square
    )
    found = detect_segment(path, WHOLE, squares, sample_fps=math.inf, masks=[LEFT_HALF])
    lefts = {number: 8 * (number % 12) for number in range(24)}

    # A square within the grey strip of 8 pixels beside the area is not seen either.
    assert found.rows.tolist() == [number for number, left in lefts.items() if left >= 56]


class InPlace:
    """Finds a person at a place, whatever the image shows."""

    name = "in place"

    def __init__(self, foot_x: float, foot_y: float) -> None:
        self.foot = foot_x, foot_y

    def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        return width_px // 2, height_px // 2

    def detect(self, image: NDArray[np.uint8]) -> FrameDetections:
        x, y = self.foot[0] * image.shape[1], self.foot[1] * image.shape[0]
        return FrameDetections(np.array([[x - 9, y - 30, x + 9, y]], np.float32), np.array([0.9], np.float32))


@pytest.mark.parametrize(
    ("foot", "count"),
    [((0.25, 0.5), 0), ((0.5, 0.5), 0), ((0.52, 0.5), 1), ((0.75, 0.9), 1), ((0.1, 1.0), 0)],
)
def test_a_person_whose_foot_point_is_in_the_area_or_on_its_border_is_dropped(
    tmp_path: Path, foot: tuple[float, float], count: int
) -> None:
    path = lossless(tmp_path / "a.mkv", scene_with(1))
    found = detect_segment(path, WHOLE, InPlace(*foot), masks=[LEFT_HALF])

    assert len(found.boxes) == count * len(np.unique(found.rows)) == count * int(found.searched.sum())


def test_masks_are_in_ratios_of_the_frame_as_displayed(tmp_path: Path) -> None:
    class Watching(Everything):
        def detect(self, image: NDArray[np.uint8]) -> FrameDetections:
            seen.append(image)
            return super().detect(image)

    seen: list[NDArray[np.uint8]] = []
    path = clips.write_clip(tmp_path / "turned.mp4", frames=2, size=SIZE, rotation=90, draw=scene_with(1))
    detect_segment(path, WHOLE, Watching(1.0), masks=[LEFT_HALF])

    assert seen[0].shape[:2] == (WIDTH_PX, HEIGHT_PX)
    assert (seen[0][:, : HEIGHT_PX // 2] == GREY).all()
    assert not (seen[0][:, HEIGHT_PX // 2 + 16 :] == GREY).all()


def test_edges_of_masked_areas_are_no_part_of_a_still_background(tmp_path: Path) -> None:
    def panning(number: int, width: int, height: int) -> clips.Picture:
        """A pale place, in which grey areas have the clearest corners."""
        cells = np.random.default_rng(0).integers(200, 256, (height // 8, width // 8 + 8, 3), np.uint8)
        return cells.repeat(8, axis=0).repeat(8, axis=1)[:, 3 * number :][:, :width].copy()

    squares = [
        [(x, y), (x + 0.02, y), (x + 0.02, y + 0.02), (x, y + 0.02)]
        for x in np.arange(0.08, 0.95, 0.14)
        for y in np.arange(0.08, 0.9, 0.2)
    ]
    path = lossless(tmp_path / "pan.mkv", panning)
    found = detect_segment(path, WHOLE, InPlace(0.5, 0.95), sample_fps=math.inf, masks=squares)

    np.testing.assert_allclose(found.camera_steps[1:, 2], -3, atol=0.3)


def test_whole_videos_are_tracked_without_the_masked_area(tmp_path: Path, squares: Detector) -> None:
    path = clips.write_clip(
        tmp_path / "walk.mp4", frames=12, options={"bf": "2", "crf": "10"}, draw=walking_square
    )
    everything = [(0, 0), (1, 0), (1, 1), (0, 1)]

    assert track_video(path, detector=squares, reidentifier=None, sample_fps=math.inf).tracks
    assert not track_video(
        path, detector=squares, reidentifier=None, sample_fps=math.inf, masks=[everything]
    ).tracks


@pytest.mark.parametrize(
    ("masks", "error", "message"),
    [
        ([[(0, 0), (1, 0)]], ValueError, "mask 1 has 2 vertices; give at least 3"),
        ([LEFT_HALF, [(0, 0), (320, 0), (0, 240)]], ValueError, "mask 2 has a vertex outside the frame"),
        ([[(0, 0), (float("nan"), 0), (0, 1)]], ValueError, "mask 1 has a vertex outside the frame"),
        (LEFT_HALF, TypeError, "mask 1 must be a list of vertices"),
        (["zones.json"], TypeError, "mask 1 must be a list of vertices"),
    ],
)
def test_a_mask_that_is_not_possible_is_refused_before_the_video_is_opened(
    masks: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        track_video("no-such-video.mp4", masks=masks)


def test_an_image_without_masks_is_not_copied() -> None:
    image = np.zeros((4, 4), np.uint8)
    assert MaskedAreas().fill(image, (4, 4)) is image
