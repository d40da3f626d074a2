import gc
import io
import math
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from people_pathing.engine.detect_step.people import MIN_DESCRIBED_SCORE
from people_pathing.engine.detect_step.sampled_frame import SampledFrame
from people_pathing.engine.detections import FIXED_CAMERA, Detections, concatenate
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


def test_the_colours_of_clear_detections_only_are_described(clip: Path) -> None:
    class Unsure:
        name = "unsure"

        def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
            return width_px, height_px

        def detect(self, image: NDArray[np.uint8]) -> FrameDetections:
            box = [10, 10, 60, 60]
            scores = np.array([0.9, MIN_DESCRIBED_SCORE, MIN_DESCRIBED_SCORE - 0.01], np.float32)
            return FrameDetections(np.array([box] * 3, np.float32), scores)

    found = detect_segment(clip, WHOLE, Unsure(), sample_fps=math.inf)

    assert found.descriptors[:3].any(axis=1).tolist() == [True, True, False]


def test_boxes_are_in_pixels_of_the_frame_for_any_input_size(tmp_path: Path, detector: Detector) -> None:
    def large(number: int, width: int, height: int) -> clips.Picture:
        return walking_square(number, width // 2, height // 2).repeat(2, axis=0).repeat(2, axis=1)

    path = clips.write_clip(tmp_path / "large.mp4", size=(192, 128), frames=2, draw=large)
    found = detect_segment(path, WHOLE, detector, sample_fps=math.inf)
    np.testing.assert_allclose(found.boxes[0], [-8, 32, 24, 80], atol=0.01)


def test_people_are_detected_in_sampled_frames_only(detector: Detector, clip: Path) -> None:
    found = detect_segment(clip, WHOLE, detector, search_fps=math.inf)
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


class Brightness:
    """Describes each person by the brightness of the frame and by the place."""

    name = "brightness"

    def embed(self, image: NDArray[np.uint8], boxes: NDArray[np.float32]) -> NDArray[np.uint8]:
        mean = np.full((len(boxes), 1), image.mean(), np.uint8)
        return np.hstack([mean, np.clip(boxes, 0, 255).astype(np.uint8)])


def changing_scene(number: int, width: int, height: int) -> clips.Picture:
    """Textured places that change after 2.5 and 5 seconds. In the middle second of each, nothing moves.

    In the second place, the camera turns. A white square walks through the others.
    """
    place, within = divmod(number, 25)
    chance = np.random.default_rng(place)
    cells = chance.integers(0, 160, (height // 4, width // 4 + 8, 3), np.uint8)
    picture = cells.repeat(4, axis=0).repeat(4, axis=1)
    step = within if within < 8 else max(8, within - 9)
    picture = picture[:, (2 * step if place == 1 else 0) :][:, :width].copy()
    left = 8 * (step % 10)
    picture[24:32, left : left + 8] = 255
    return picture


@pytest.fixture
def scenes(tmp_path: Path) -> Path:
    return clips.write_clip(
        tmp_path / "scenes.mp4",
        frames=75,
        rate=10,
        options={"bf": "2", "crf": "8"},
        draw=changing_scene,
    )


@pytest.mark.parametrize("search_fps", [None, 3.4])
@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_segments_change_nothing_about_cuts_still_scenes_embeddings_and_camera_steps(
    detector: Detector, scenes: Path, count: int, search_fps: float | None
) -> None:
    def detected(segment: Segment) -> Detections:
        return detect_segment(scenes, segment, detector, reidentifier=Brightness(), search_fps=search_fps)

    whole = detected(WHOLE)
    assert np.flatnonzero(whole.cuts).tolist() == [25, 50]
    assert (whole.camera_steps[1:25] == FIXED_CAMERA).all()
    assert np.abs(whole.camera_steps[27:33, 2] + 2).max() < 0.3
    assert len(whole.embeddings) >= 7
    _, segments = plan_segments(scenes, count=count)
    assert saved(concatenate(detected(segment) for segment in segments)) == saved(whole)


def test_a_segment_that_begins_after_a_gap_in_time_has_the_same_bytes(
    tmp_path: Path, detector: Detector
) -> None:
    times = [Fraction(number, 10) + (8 if number >= 15 else 0) for number in range(30)]
    path = clips.write_clip(tmp_path / "gap.mp4", frames=30, times=times, draw=walking_square)
    parts = [detect_segment(path, segment, detector) for segment in plan_segments(path, count=2)[1]]
    whole = detect_segment(path, WHOLE, detector)
    assert np.isnan(whole.camera_steps[whole.timestamps_us >= 9_000_000][0]).all()
    assert saved(concatenate(parts)) == saved(whole)


class Watched:
    """Counts the searches of a detector."""

    name = "watched"

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self.searches = 0

    def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        return self._detector.input_size(width_px, height_px)

    def detect(self, image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        self.searches += 1
        return self._detector.detect(image)


def quiet_street(number: int, width: int, height: int) -> clips.Picture:
    """A place with sensor noise. A white square stands there, and walks in the last second."""
    chance = np.random.default_rng(7)
    picture = chance.integers(0, 160, (height // 4, width // 4, 1)).repeat(4, axis=0).repeat(4, axis=1)
    left = 8 + 8 * max(0, number - 50)
    picture[24:32, left : left + 8] = 255
    noise = np.random.default_rng(number).normal(0, 3, (height, width, 1))
    return np.clip(picture + noise, 0, 255).astype(np.uint8).repeat(3, axis=2)


def test_people_are_not_searched_again_where_nothing_moves(tmp_path: Path, detector: Detector) -> None:
    path = clips.write_clip(tmp_path / "quiet.mp4", frames=60, rate=10, draw=quiet_street)
    watched = Watched(detector)
    found = detect_segment(path, WHOLE, watched, search_fps=math.inf)
    # Once in each of three intervals of two seconds, and in each frame of the last second.
    assert 12 <= watched.searches <= 14
    assert found.searched.all()
    assert found.rows.tolist() == list(range(60))
    every = detect_segment(path, WHOLE, detector, search_fps=math.inf, skip_still=False)
    np.testing.assert_allclose(found.boxes, every.boxes, atol=0.5)


def test_people_who_stay_are_described_once(tmp_path: Path, detector: Detector) -> None:
    path = clips.write_clip(tmp_path / "quiet.mp4", frames=60, rate=10, draw=quiet_street)
    found = detect_segment(path, WHOLE, detector, search_fps=math.inf, reidentifier=Brightness())
    # Not at 2 and 4 s, because nothing moved in the two seconds before.
    assert (found.timestamps_us[found.rows[found.embedding_rows]] // 1_000_000).tolist() == [0, 5]
    every = detect_segment(
        path, WHOLE, detector, search_fps=math.inf, reidentifier=Brightness(), skip_still=False
    )
    assert (every.timestamps_us[every.rows[every.embedding_rows]] // 1_000_000).tolist() == [0, 1, 2, 3, 4, 5]


def test_a_second_segment_searches_at_most_one_frame_more(tmp_path: Path, detector: Detector) -> None:
    path = clips.write_clip(tmp_path / "quiet.mp4", frames=60, rate=10, draw=quiet_street)
    watched = Watched(detector)
    detect_segment(path, Segment(1, 1_500_000, 2_500_000), watched)
    assert watched.searches == 2


def test_people_are_searched_in_every_nth_sampled_frame(detector: Detector, clip: Path) -> None:
    found = detect_segment(clip, WHOLE, detector, sample_fps=math.inf, search_fps=10)
    assert np.flatnonzero(found.searched).tolist() == [*range(0, 24, 3), 23]
    assert found.rows.tolist() == [*range(0, 24, 3), 23]
    assert len(found.timestamps_us) == 24


def test_with_the_default_sampling_about_six_frames_a_second_are_searched(
    detector: Detector, clip: Path
) -> None:
    found = detect_segment(clip, WHOLE, detector)
    assert found.frame_numbers.tolist() == list(range(0, 24, 2))
    assert np.flatnonzero(found.searched).tolist() == [*range(0, 12, 2), 11]
    chosen = detect_segment(clip, WHOLE, detector, sample_fps=15)
    assert chosen.searched.all()


@pytest.mark.parametrize("frames", [23, 24])
def test_the_last_sampled_frame_is_searched(tmp_path: Path, detector: Detector, frames: int) -> None:
    path = clips.write_clip(tmp_path / "short.mp4", frames=frames, rate=30, draw=walking_square)
    found = detect_segment(path, WHOLE, detector)
    assert found.searched[-1]
    assert not found.searched[1::2][:-1].any()


def test_a_search_rate_must_be_above_zero(detector: Detector, clip: Path) -> None:
    with pytest.raises(ValueError, match="search_fps must be above 0"):
        detect_segment(clip, WHOLE, detector, search_fps=0)


def test_the_best_people_get_an_embedding_once_a_second(tmp_path: Path) -> None:
    class Crowd:
        name = "crowd"

        def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
            return width_px // 2, height_px // 2

        def detect(self, image: NDArray[np.uint8]) -> FrameDetections:
            boxes = np.tile(np.array([[0, 0, 10, 20]], np.float32), (80, 1))
            return FrameDetections(boxes, np.linspace(1, 0.2, 80, dtype=np.float32))

    path = clips.write_clip(tmp_path / "walk.mp4", frames=25, rate=10, draw=walking_square)
    found = detect_segment(path, WHOLE, Crowd(), search_fps=math.inf, reidentifier=Brightness())
    assert found.embedding_rows.tolist() == [*range(50), *range(800, 850), *range(1600, 1650)]
    # The boxes and the image are those of the frame, not those of the detector's smaller image.
    assert found.embeddings[:1][0, 1:].tolist() == [0, 0, 20, 40]


def test_the_frames_around_a_jump_in_time_are_searched(tmp_path: Path, detector: Detector) -> None:
    def jumping(number: int, width: int, height: int) -> clips.Picture:
        picture = changing_scene(0, width, height)
        left = 16 + number // 2 if number < 16 else 48 + number // 2
        picture[24:32, :] = 60
        picture[24:32, left : left + 8] = 255
        return picture

    path = clips.write_clip(tmp_path / "jump.mp4", frames=30, rate=10, options={"crf": "8"}, draw=jumping)
    found = detect_segment(path, WHOLE, OneSquare(), search_fps=2)
    assert np.flatnonzero(found.cuts).tolist() == [16]
    assert found.searched[15]
    assert found.searched[16]


class OneSquare:
    """Finds a white square of 8 by 8 pixels."""

    name = "one square"

    def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        return width_px, height_px

    def detect(self, image: NDArray[np.uint8]) -> FrameDetections:
        left = int(np.flatnonzero(image[28, :, 0] > 200)[0])
        return FrameDetections(np.array([[left, 24, left + 8, 32]], np.float32), np.array([0.9], np.float32))


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


def test_frames_are_freed_without_the_garbage_collector(detector: Detector, clip: Path) -> None:
    gc.collect()
    gc.disable()
    try:
        detect_segment(clip, WHOLE, detector)
        left = sum(isinstance(one, SampledFrame) for one in gc.get_objects())
    finally:
        gc.enable()
    assert left == 0


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
