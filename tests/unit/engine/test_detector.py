import logging
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from people_pathing.engine import models
from people_pathing.engine.decoding import open_video
from people_pathing.engine.detector import (
    DetectorError,
    YoloxDetector,
    load_detector,
    non_maximum_suppression,
)
from people_pathing.engine.detectors.hog import HogDetector, likelihood
from people_pathing.engine.segments import detect_segment
from people_pathing.engine.video import Segment
from tests import yolox_like
from tests.stack.walkers import HEIGHT_PX, WIDTH_PX, Walker, write_clip


@pytest.mark.parametrize("ending", ["cells left to infer", "cells spelt out", "flatten"])
def test_people_are_found_on_images_of_any_size(tmp_path: Path, ending: yolox_like.Ending) -> None:
    detector = YoloxDetector(yolox_like.write_model(tmp_path / "any.onnx", ending))
    for size in ((96, 64), (64, 96), (320, 160)):
        boxes, scores = detector.detect(yolox_like.white_square(40, 24, size=size))
        np.testing.assert_allclose(boxes, [[36, 16, 52, 40]], atol=1e-3)
        assert scores[0] == pytest.approx(1 / (1 + np.exp(-2.0)), abs=1e-3)
        assert boxes.dtype == scores.dtype == np.float32


@pytest.mark.parametrize(("side", "box"), [(16, (24, 0, 56, 48)), (32, (16, -32, 80, 64))])
def test_larger_people_are_found_by_coarser_strides(
    tmp_path: Path, side: int, box: tuple[int, int, int, int]
) -> None:
    detector = YoloxDetector(yolox_like.write_model(tmp_path / "any.onnx"))
    image = yolox_like.white_square(32, 16 if side == 16 else 0, side=side)
    boxes, _ = detector.detect(image)
    assert box in [tuple(np.round(found).tolist()) for found in boxes]


def test_nobody_is_found_on_an_empty_image(tmp_path: Path) -> None:
    detector = YoloxDetector(yolox_like.write_model(tmp_path / "any.onnx"))
    boxes, scores = detector.detect(np.zeros((64, 96, 3), np.uint8))
    assert (boxes.shape, scores.shape) == ((0, 4), (0,))


def test_a_graph_that_cannot_be_freed_of_its_size_gets_images_fitted_into_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = yolox_like.write_model(tmp_path / "fixed.onnx", "unknown")
    with caplog.at_level(logging.WARNING):
        detector = YoloxDetector(path)
    assert f"{path}: its input stays 96 x 64 pixels" in caplog.text
    assert detector.input_size(192, 128) == (96, 64)
    assert detector.input_size(100, 400) == (16, 64)
    boxes, scores = detector.detect(yolox_like.white_square(40, 24, size=(80, 64)))
    np.testing.assert_allclose(boxes, [[36, 16, 52, 40]], atol=1e-3)
    assert scores[0] == pytest.approx(1 / (1 + np.exp(-2.0)), abs=1e-3)


@pytest.mark.parametrize(
    ("frame", "seen"),
    [
        ((768, 576), (640, 480)),
        ((1280, 720), (640, 352)),
        ((1920, 1080), (960, 544)),
        ((1080, 1920), (544, 960)),
        ((3840, 2160), (960, 544)),
        ((320, 240), (640, 480)),
        ((4000, 100), (960, 32)),
    ],
)
def test_the_input_has_the_shape_of_the_frame(
    tmp_path: Path, frame: tuple[int, int], seen: tuple[int, int]
) -> None:
    assert YoloxDetector(yolox_like.write_model(tmp_path / "any.onnx")).input_size(*frame) == seen


def test_a_larger_input_can_be_chosen_for_small_people(tmp_path: Path) -> None:
    detector = load_detector("yolox", yolox_like.write_model(tmp_path / "any.onnx"), input_px=1280)
    assert detector.input_size(1920, 1080) == (1280, 704)
    assert detector.input_size(640, 480) == (1280, 960)


def test_the_same_frame_gets_the_same_answer_in_whatever_thread(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    detector = YoloxDetector(yolox_like.write_model(tmp_path / "any.onnx"))
    image = np.random.default_rng(3).integers(150, 256, (160, 320, 3), np.uint8)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(detector.detect, [image] * 16))
    assert len({(boxes.tobytes(), scores.tobytes()) for boxes, scores in found}) == 1
    assert len(found[0][0]) > 0


def test_of_overlapping_boxes_the_best_is_kept() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [6, 0, 16, 10], [50, 50, 60, 60]], np.float32)
    scores = np.array([0.5, 0.9, 0.6, 0.3], np.float32)
    kept, kept_scores = non_maximum_suppression(boxes, scores, max_iou=0.5)
    assert kept.tolist() == boxes[[1, 2, 3]].tolist()
    assert kept_scores.tolist() == scores[[1, 2, 3]].tolist()


def test_the_order_of_equal_boxes_does_not_matter() -> None:
    random = np.random.default_rng(5)
    boxes = random.integers(0, 30, (40, 2)).astype(np.float32)
    boxes = np.concatenate([boxes, boxes + 12], axis=1)
    scores = random.choice(np.array([0.25, 0.5], np.float32), 40)
    first = non_maximum_suppression(boxes, scores)
    for _ in range(5):
        order = random.permutation(40)
        again = non_maximum_suppression(boxes[order], scores[order])
        assert [column.tobytes() for column in again] == [column.tobytes() for column in first]


def other_network(path: Path, output: tuple[int, ...], op_type: str = "Identity") -> Path:
    graph = helper.make_graph(
        [helper.make_node(op_type, ["images"], ["output"])],
        "other",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, output)],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, output)],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=7), path)
    return path


def test_a_file_that_is_no_model_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "notes.onnx"
    for content in (b"", b"not a model", b"\x08\x07"):
        path.write_bytes(content)
        with pytest.raises(DetectorError, match=rf"{path}: not an ONNX model|{path}: not a YOLOX model"):
            load_detector("yolox", path)


def test_a_model_with_other_outputs_is_refused_by_name(tmp_path: Path) -> None:
    for shape in ((1, 3, 64, 64), (1, 3, 85), (1000,)):
        path = other_network(tmp_path / "classifier.onnx", shape)
        with pytest.raises(
            DetectorError, match=r"classifier\.onnx: not a YOLOX model.*\(1, cells, 5 \+ classes\)"
        ):
            load_detector("yolox", path)


def test_a_model_that_decodes_boxes_itself_is_refused_by_name(tmp_path: Path) -> None:
    path = other_network(tmp_path / "decoded.onnx", (1, 3, 64, 64), "Exp")
    with pytest.raises(DetectorError, match=r"decoded\.onnx: decodes boxes by itself; export it without"):
        load_detector("yolox", path)


def test_a_missing_model_file_is_named() -> None:
    with pytest.raises(DetectorError, match=r"nowhere\.onnx: there is no such file"):
        load_detector("yolox", "nowhere.onnx")


def test_unknown_and_contradictory_wishes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DetectorError, match=r"no detector is called 'yolo'; there are 'yolox' and 'hog'"):
        load_detector("yolo")  # type: ignore[arg-type]
    with pytest.raises(DetectorError, match=r"the HOG detector takes no model; leave out my\.onnx"):
        load_detector("hog", "my.onnx")
    with pytest.raises(DetectorError, match="leave out 1280 pixels or use 'yolox'"):
        load_detector("hog", input_px=1280)


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """No known model can be fetched: nobody listens there."""
    registry = {
        name: models.Model(name, f"http://127.0.0.1:1/{name}.onnx", 1, "0" * 64) for name in models.REGISTRY
    }
    monkeypatch.setattr(models, "REGISTRY", registry)


@pytest.mark.usefixtures("unreachable")
def test_where_no_model_can_be_had_hog_is_used_and_said_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        detector = load_detector(cache_dir=tmp_path)
    assert isinstance(detector, HogDetector)
    assert "model nano: http://127.0.0.1:1/nano.onnx cannot be fetched" in caplog.text
    assert "OpenCV's HOG detector instead" in caplog.text


@pytest.mark.usefixtures("unreachable")
def test_a_model_that_was_asked_for_is_not_replaced_by_hog(tmp_path: Path) -> None:
    for wish in ({"name": "yolox"}, {"model": "tiny"}):
        with pytest.raises(DetectorError, match="cannot be fetched"):
            load_detector(**wish, cache_dir=tmp_path)  # type: ignore[arg-type]


PEOPLE = [
    Walker(60, 6, 400, 150, coat=(40, 40, 160), legs=(60, 40, 30)),
    Walker(460, -6, 440, 190, coat=(30, 120, 40), legs=(40, 40, 40)),
]


def test_hog_finds_the_same_people_each_time_in_an_image_of_the_size_it_asks_for(tmp_path: Path) -> None:
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


def test_hog_finds_people_without_the_margin_of_its_window(tmp_path: Path) -> None:
    people = PEOPLE
    write_clip(tmp_path / "street.mp4", people, 1)
    found = detect_segment(tmp_path / "street.mp4", Segment(0, 0, None), HogDetector())
    likely = found.boxes[found.scores > 0.5]
    for walker, box in zip(people, likely[np.argsort(likely[:, 0])], strict=True):
        x, y = walker.centre(0)
        np.testing.assert_allclose([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2], [x, y], atol=10)
        assert box[3] - box[1] == pytest.approx(walker.height_px, rel=0.1)


def test_a_heavier_weight_is_a_likelier_person() -> None:
    scores = likelihood(np.array([0, 1.2, 1.5, 3], np.float32))
    assert scores.tolist() == sorted(scores.tolist())
    assert scores[0] < 0.01
    assert scores[1] == pytest.approx(0.5)
    assert 0.99 < scores[3] < 1
