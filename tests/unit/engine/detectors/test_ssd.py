from pathlib import Path

import numpy as np
import pytest

from people_pathing.engine.detectors import ssd
from people_pathing.engine.detectors.ssd import ANCHORS, SsdDetector, calibrated
from people_pathing.engine.errors import DetectorError
from tests.ssd_like import write_model
from tests.yolox_like import white_square


def test_a_white_square_is_found_with_the_size_of_its_anchor(tmp_path: Path) -> None:
    detector = SsdDetector(write_model(tmp_path / "squares.onnx"))
    image = white_square(64, 32, size=(160, 96), side=16)
    boxes, scores = detector.detect(image)
    width, height = ANCHORS[0].width_px[1], ANCHORS[0].height_px[1]
    np.testing.assert_allclose(boxes, [[72 - width / 2, 40 - height / 2, 72 + width / 2, 40 + height / 2]])
    assert scores[0] > 0.99
    assert boxes.dtype == scores.dtype == np.float32


def test_nobody_is_found_on_black(tmp_path: Path) -> None:
    boxes, scores = SsdDetector(write_model(tmp_path / "squares.onnx")).detect(
        np.zeros((64, 96, 3), np.uint8)
    )
    assert (boxes.shape, scores.shape) == ((0, 4), (0,))


def test_what_is_hardly_ever_a_person_is_left_out(tmp_path: Path) -> None:
    detector = SsdDetector(write_model(tmp_path / "squares.onnx"))
    below, above = (
        detector.detect(np.where(white_square(64, 32, size=(160, 96), side=16), grey, 0).astype(np.uint8))
        for grey in (178, 183)
    )
    assert len(below.scores) == 0
    # Its probability is 0.07.
    np.testing.assert_allclose(above.scores, 0.0724**0.7, rtol=0.01)


@pytest.mark.parametrize(
    ("frame", "seen"),
    [((1920, 1080), (512, 288)), ((768, 576), (512, 384)), ((480, 640), (384, 512)), ((4000, 10), (512, 32))],
)
def test_the_input_has_the_frames_shape_in_whole_steps(
    tmp_path: Path, frame: tuple[int, int], seen: tuple[int, int]
) -> None:
    assert SsdDetector(write_model(tmp_path / "squares.onnx")).input_size(*frame) == seen


def test_the_input_size_can_be_chosen(tmp_path: Path) -> None:
    detector = ssd.load(write_model(tmp_path / "squares.onnx"), input_px=960)
    assert detector.input_size(1920, 1080) == (960, 544)


def test_calibrated_scores_keep_their_order_and_range() -> None:
    scores = np.linspace(0, 1, 50, dtype=np.float32)
    changed = calibrated(scores)
    assert changed.dtype == np.float32
    assert (np.diff(changed) > 0).all()
    assert changed[[0, -1]].tolist() == [0, 1]


def test_it_is_named_after_its_file(tmp_path: Path) -> None:
    detector = SsdDetector(write_model(tmp_path / "mine.onnx"))
    assert detector.name == "ssd (mine.onnx)"
    assert len(detector.model_sha256) == 64


def test_another_file_is_rejected_with_the_command_that_fetches_the_right_one(tmp_path: Path) -> None:
    text = tmp_path / "text.onnx"
    text.write_text("not a model")
    for path in (text, write_model(tmp_path / "other.onnx", anchors={16: 4, 32: 6})):
        with pytest.raises(DetectorError, match="people-pathing models person-detection-0200"):
            SsdDetector(path)
    with pytest.raises(DetectorError, match="needs a model"):
        ssd.load(None, input_px=None)
