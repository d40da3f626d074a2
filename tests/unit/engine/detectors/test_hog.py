from pathlib import Path

import numpy as np
import pytest

from people_pathing.engine.decoding import open_video
from people_pathing.engine.detectors.hog import HogDetector, likelihood
from people_pathing.engine.segments import detect_segment
from people_pathing.engine.video import Segment
from tests.stack.walkers import HEIGHT_PX, WIDTH_PX, Walker, write_clip

PEOPLE = [
    Walker(60, 6, 400, 150, coat=(40, 40, 160), legs=(60, 40, 30)),
    Walker(460, -6, 440, 190, coat=(30, 120, 40), legs=(40, 40, 40)),
]


def test_the_same_image_gives_the_same_people_each_time(tmp_path: Path) -> None:
    detector = HogDetector()
    size = detector.input_size(WIDTH_PX, HEIGHT_PX)
    assert size == (1152, 864)
    write_clip(tmp_path / "street.mp4", PEOPLE, 1)
    with open_video(tmp_path / "street.mp4") as video:
        image = video.image(next(video.frames(Segment(0, 0, None))), *size)
    first = detector.detect(image)
    assert len(first[1]) >= 2
    assert first[0].shape == (len(first[1]), 4)
    for _ in range(5):
        assert [column.tobytes() for column in detector.detect(image)] == [one.tobytes() for one in first]


def test_boxes_have_no_margin_around_the_people(tmp_path: Path) -> None:
    write_clip(tmp_path / "street.mp4", PEOPLE, 1)
    found = detect_segment(tmp_path / "street.mp4", Segment(0, 0, None), HogDetector())
    likely = found.boxes[found.scores > 0.5]
    for walker, box in zip(PEOPLE, likely[np.argsort(likely[:, 0])], strict=True):
        x, y = walker.centre(0)
        np.testing.assert_allclose([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2], [x, y], atol=10)
        assert box[3] - box[1] == pytest.approx(walker.height_px, rel=0.1)


def test_a_greater_svm_distance_gives_a_higher_score() -> None:
    scores = likelihood(np.array([0, 1.2, 1.5, 3], np.float32))
    assert scores.tolist() == sorted(scores.tolist())
    assert scores[0] < 0.01
    assert scores[1] == pytest.approx(0.5)
    assert 0.99 < scores[3] < 1
