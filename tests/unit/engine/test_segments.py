import io
import math
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from people_pathing.engine.detections import Detections, concatenate
from people_pathing.engine.detectors.yolox.detector import YoloxDetector
from people_pathing.engine.interfaces import Detector, FrameDetections
from people_pathing.engine.segments import detect_segment, plan_segments
from people_pathing.engine.selection import load_face_detector
from people_pathing.engine.video import Segment, VideoError
from tests import clips, portrait, yolox_like

WHOLE = Segment(0, 0, None)


def walking_square(number: int, width: int, height: int) -> clips.Picture:
    """A white square that moves by one cell of the test network per frame."""
    return yolox_like.white_square(8 * (number % 12), 24, size=(width, height))


@pytest.fixture
def detector(tmp_path: Path) -> Detector:
    return YoloxDetector(yolox_like.write_model(tmp_path / "squares.onnx"), input_px=96)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return clips.write_clip(
        tmp_path / "walk.mp4", frames=24, options={"bf": "2", "crf": "10"}, draw=walking_square
    )


def saved(detections: Detections) -> bytes:
    file = io.BytesIO()
    detections.save(file)
    return file.getvalue()


def test_detections_have_the_places_and_times_of_the_people(detector: Detector, clip: Path) -> None:
    found = detect_segment(clip, WHOLE, detector, sample_fps=math.inf)
    assert found.frame_count == 24
    assert found.frame_numbers.tolist() == list(range(24))
    assert (found.timestamps_us // 1000).tolist() == [number * 1000 // 30 for number in range(24)]
    assert found.rows.tolist() == list(range(24))
    centres = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
    np.testing.assert_allclose(centres, [[8 * (number % 12) + 4, 28] for number in range(24)], atol=0.01)
    assert found.descriptors.shape[0] == 24


def test_boxes_are_in_pixels_of_the_frame_for_any_input_size(tmp_path: Path, detector: Detector) -> None:
    def large(number: int, width: int, height: int) -> clips.Picture:
        return walking_square(number, width // 2, height // 2).repeat(2, axis=0).repeat(2, axis=1)

    path = clips.write_clip(tmp_path / "large.mp4", size=(192, 128), frames=2, draw=large)
    found = detect_segment(path, WHOLE, detector, sample_fps=math.inf)
    np.testing.assert_allclose(found.boxes[0], [-8, 32, 24, 80], atol=0.01)


def test_people_are_detected_in_sampled_frames_only(detector: Detector, clip: Path) -> None:
    found = detect_segment(clip, WHOLE, detector)
    assert found.frame_count == 24
    assert found.frame_numbers.tolist() == list(range(0, 24, 2))
    assert found.rows.tolist() == list(range(12))
    odd = detect_segment(clip, WHOLE, detector, sample_fps=6)
    assert (odd.frame_numbers.tolist(), odd.frame_count) == ([0, 5, 10, 15, 20], 24)


@pytest.mark.parametrize("sample_fps", [None, math.inf])
@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_any_cut_into_segments_gives_the_same_bytes(
    detector: Detector, clip: Path, count: int, sample_fps: float | None
) -> None:
    _, segments = plan_segments(clip, count=count)
    parts = []
    for segment in segments:
        file = io.BytesIO(saved(detect_segment(clip, segment, detector, sample_fps=sample_fps)))
        parts.append(Detections.load(file))
    whole = detect_segment(clip, WHOLE, detector, sample_fps=sample_fps)
    assert saved(concatenate(parts)) == saved(whole)


class OnePerson:
    """Finds the person in the portrait, which is at half size and moves by two pixels per frame."""

    name = "one person"

    def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        return width_px // 2, height_px // 2

    def detect(self, image: NDArray[np.uint8]) -> FrameDetections:
        left = np.flatnonzero((image != 0).any(axis=(0, 2)))[0]
        box = [left + 5, 5, left + 120, 150]
        return FrameDetections(np.array([box], np.float32), np.array([0.9], np.float32))


def moving_portrait(number: int, width: int, height: int) -> clips.Picture:
    picture = np.zeros((height, width, 3), np.uint8)
    left = 20 + 2 * number
    picture[:, left : left + 256] = portrait.portrait(0.5)[:, :, ::-1]
    return picture


def test_faces_are_searched_at_full_size_with_the_same_result_in_any_segments(tmp_path: Path) -> None:
    path = clips.write_clip(tmp_path / "face.mp4", size=(320, 300), frames=12, draw=moving_portrait)
    faces = load_face_detector("centerface")
    found = detect_segment(path, WHOLE, OnePerson(), face_detector=faces, sample_fps=math.inf)
    assert found.faces["row"].tolist() == list(range(12))
    for number, face in enumerate(found.faces):
        expected = portrait.LANDMARKS / 2 + [20 + 2 * number, 0]
        np.testing.assert_allclose(face["landmarks"], expected, atol=5)
    _, segments = plan_segments(path, count=3)
    parts = [
        detect_segment(path, segment, OnePerson(), face_detector=faces, sample_fps=math.inf)
        for segment in segments
    ]
    assert saved(concatenate(parts)) == saved(found)


def test_face_detection_is_off_by_default(tmp_path: Path) -> None:
    path = clips.write_clip(tmp_path / "face.mp4", size=(320, 300), frames=2, draw=moving_portrait)
    assert len(detect_segment(path, WHOLE, OnePerson(), sample_fps=math.inf).faces) == 0


def test_progress_is_the_share_of_the_segment_that_is_done(detector: Detector, clip: Path) -> None:
    shares: list[float] = []
    _, segments = plan_segments(clip, count=2)
    detect_segment(clip, segments[1], detector, sample_fps=math.inf, on_progress=shares.append)
    np.testing.assert_allclose(shares, [*(number / 12 for number in range(12)), 1.0], atol=1e-3)


def test_results_are_in_frame_order_however_long_each_frame_takes(clip: Path) -> None:
    class Slower:
        """Takes longest for the first frames, and returns a score that identifies the frame."""

        name = "slower"

        def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
            return width_px, height_px

        def detect(self, image: NDArray[np.uint8]) -> FrameDetections:
            left = int(np.flatnonzero(image[28, :, 0] > 127)[0]) // 8
            sum(range(20_000 * (12 - left)))
            return FrameDetections(np.array([[0, 0, 10, 20]], np.float32), np.array([left / 100], np.float32))

    found = detect_segment(clip, WHOLE, Slower(), sample_fps=math.inf)
    np.testing.assert_allclose(found.scores, [(number % 12) / 100 for number in range(24)])


def test_the_error_of_a_failing_detector_reaches_the_caller(clip: Path) -> None:
    class Failing:
        name = "failing"

        def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
            return width_px, height_px

        def detect(self, image: NDArray[np.uint8]) -> FrameDetections:
            raise MemoryError("no room for the image")

    with pytest.raises(MemoryError, match="no room for the image"):
        detect_segment(clip, WHOLE, Failing())


def test_a_file_that_is_not_a_video_is_rejected(tmp_path: Path, detector: Detector) -> None:
    (tmp_path / "notes.mp4").write_text("not a video")
    with pytest.raises(VideoError, match=r"notes\.mp4: FFmpeg cannot read this"):
        detect_segment(tmp_path / "notes.mp4", WHOLE, detector)


def test_a_plan_covers_the_video_without_gap_or_overlap(tmp_path: Path) -> None:
    path = clips.write_clip(tmp_path / "street.mp4", frames=30)
    for count in (1, 2, 7):
        _, segments = plan_segments(path, count=count)
        assert [segment.index for segment in segments] == list(range(count))
        assert segments[0].start_us == 0
        assert [segment.end_us for segment in segments] == [*(one.start_us for one in segments[1:]), None]


def test_a_video_without_timestamps_is_one_segment(tmp_path: Path) -> None:
    path = clips.write_clip(
        tmp_path / "no-timestamps.h264", frames=23, rate=Fraction(30_000, 1001), options={"bf": "2"}
    )
    assert plan_segments(path, count=7)[1] == (WHOLE,)


def test_only_the_best_150_people_of_a_frame_are_kept(clip: Path) -> None:
    class Crowd:
        name = "crowd"

        def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
            return width_px, height_px

        def detect(self, image: NDArray[np.uint8]) -> FrameDetections:
            boxes = np.tile(np.array([[0, 0, 10, 20]], np.float32), (1_000, 1))
            return FrameDetections(boxes, np.linspace(1, 0.1, 1_000, dtype=np.float32))

    found = detect_segment(clip, WHOLE, Crowd(), sample_fps=math.inf)
    assert np.bincount(found.rows).tolist() == [150] * 24
    assert found.scores.min() > 0.86


def test_images_that_need_much_memory_are_searched_one_at_a_time(clip: Path) -> None:
    class Counting:
        name = "counting"
        running = most = 0

        def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
            return 4096, 4096

        def detect(self, image: NDArray[np.uint8]) -> FrameDetections:
            self.running += 1
            self.most = max(self.most, self.running)
            time.sleep(0.01)
            self.running -= 1
            return FrameDetections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))

    detector = Counting()
    detect_segment(clip, Segment(0, 0, 100_000), detector, sample_fps=math.inf)
    assert detector.most == 1
