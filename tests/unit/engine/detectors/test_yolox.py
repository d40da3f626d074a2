import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from people_pathing.engine.detectors.yolox.detector import YoloxDetector
from people_pathing.engine.errors import DetectorError
from tests import yolox_like


@pytest.mark.parametrize("ending", ["cells left to infer", "cells spelt out", "flatten"])
def test_people_are_found_in_images_of_any_size(tmp_path: Path, ending: yolox_like.Ending) -> None:
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


def test_no_people_are_found_in_an_empty_image(tmp_path: Path) -> None:
    detector = YoloxDetector(yolox_like.write_model(tmp_path / "any.onnx"))
    boxes, scores = detector.detect(np.zeros((64, 96, 3), np.uint8))
    assert (boxes.shape, scores.shape) == ((0, 4), (0,))


def test_images_are_fitted_into_a_graph_with_a_fixed_size(
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


def test_a_larger_input_size_can_be_chosen(tmp_path: Path) -> None:
    detector = YoloxDetector(yolox_like.write_model(tmp_path / "any.onnx"), input_px=1280)
    assert detector.input_size(1920, 1080) == (1280, 704)
    assert detector.input_size(640, 480) == (1280, 960)


def test_the_same_frame_gives_the_same_people_in_every_thread(tmp_path: Path) -> None:
    detector = YoloxDetector(yolox_like.write_model(tmp_path / "any.onnx"))
    image = np.random.default_rng(3).integers(150, 256, (160, 320, 3), np.uint8)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(detector.detect, [image] * 16))
    assert len({(boxes.tobytes(), scores.tobytes()) for boxes, scores in found}) == 1
    assert len(found[0][0]) > 0


def other_network(path: Path, output: tuple[int, ...], op_type: str = "Identity") -> Path:
    graph = helper.make_graph(
        [helper.make_node(op_type, ["images"], ["output"])],
        "other",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, output)],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, output)],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=7), path)
    return path


def test_a_file_that_is_not_a_model_is_rejected_by_name(tmp_path: Path) -> None:
    path = tmp_path / "notes.onnx"
    for content in (b"", b"not a model", b"\x08\x07"):
        path.write_bytes(content)
        with pytest.raises(DetectorError, match=rf"{path}: not an ONNX model|{path}: not a YOLOX model"):
            YoloxDetector(path)


def test_a_model_with_other_outputs_is_rejected_by_name(tmp_path: Path) -> None:
    for shape in ((1, 3, 64, 64), (1, 3, 85), (1000,)):
        path = other_network(tmp_path / "classifier.onnx", shape)
        with pytest.raises(
            DetectorError, match=r"classifier\.onnx: not a YOLOX model.*\(1, cells, 5 \+ classes\)"
        ):
            YoloxDetector(path)


def test_a_model_that_decodes_boxes_itself_is_rejected_by_name(tmp_path: Path) -> None:
    path = other_network(tmp_path / "decoded.onnx", (1, 3, 64, 64), "Exp")
    with pytest.raises(DetectorError, match=r"decoded\.onnx: decodes boxes by itself; export it without"):
        YoloxDetector(path)
