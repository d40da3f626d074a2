import hashlib
import logging
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from people_pathing.engine import track_video
from people_pathing.engine.detectors import hog, ssd, yolox
from people_pathing.engine.detectors.hog import HogDetector
from people_pathing.engine.errors import DetectorError, ModelError
from people_pathing.engine.models import KnownModel
from people_pathing.engine.registries import (
    DETECTORS,
    all_known_models,
    known_detector_models,
    known_face_models,
)
from people_pathing.engine.reidentifiers import omniscale
from people_pathing.engine.selection import (
    MAX_INPUT_PX,
    MIN_INPUT_PX,
    DetectorSelection,
    ReidentifierSelection,
    fetch_model,
    load_detector,
    load_face_detector,
    load_reidentifier,
    model_cache_dir,
    select_detector,
    select_face_detector,
    select_reidentifier,
)
from tests import clips, omniscale_like, ssd_like, yolox_like

EMPTY: Mapping[str, str] = {}


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """No known model can be downloaded, because nothing listens at its address."""
    models = [replace(model, url=f"http://127.0.0.1:1/{model.name}.onnx") for model in yolox.MODELS]
    monkeypatch.setattr(yolox, "MODELS", tuple(models))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return yolox_like.write_model(tmp_path / "squares.onnx")


def names_of(models: Sequence[KnownModel]) -> str:
    return ", ".join(model.name for model in models)


# ---- which detector and which model


def test_a_model_file_is_used_with_the_default_detector(model: Path) -> None:
    for name in (None, "auto", "yolox"):
        assert select_detector(name, model, environment=EMPTY) == DetectorSelection("yolox", model)


def test_the_path_of_a_model_file_is_absolute(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(model.parent)
    assert select_detector(model=model.name, environment=EMPTY).model == model


def test_the_environment_names_the_model_if_no_argument_does(model: Path, tmp_path: Path) -> None:
    environment = {"TRACKING_MODEL": str(model)}
    assert select_detector(environment=environment).model == model
    other = yolox_like.write_model(tmp_path / "other.onnx")
    assert select_detector(model=other, environment=environment).model == other


def test_the_library_uses_the_model_that_the_environment_names(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKING_MODEL", str(model))
    assert load_detector().name == "yolox (squares.onnx)"
    monkeypatch.setenv("TRACKING_MODEL", str(tmp_path / "nowhere.onnx"))
    with pytest.raises(ModelError, match=r"nowhere\.onnx"):
        track_video(clips.write_clip(tmp_path / "clip.mp4", frames=2))


def test_hog_ignores_the_model_that_the_environment_names(model: Path) -> None:
    selection = select_detector("hog", environment={"TRACKING_MODEL": str(model)})
    assert selection == DetectorSelection("hog")
    assert isinstance(selection.load(), HogDetector)


def test_a_file_in_the_environment_is_for_the_default_detector(model: Path, tmp_path: Path) -> None:
    ssd_model = ssd_like.write_model(tmp_path / "person-detection-0200.onnx")
    environment = {"TRACKING_MODEL": str(model)}
    assert select_detector("ssd", ssd_model, environment=environment) == DetectorSelection("ssd", ssd_model)
    with pytest.raises(ModelError, match=r"model person-detection-0200: .*\.onnx has SHA-256"):
        select_detector("ssd", cache_dir=tmp_path, environment=environment)


def test_the_name_of_a_known_model_chooses_its_detector(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = ssd_like.write_model(tmp_path / "person-detection-0200.onnx")
    (known,) = ssd.MODELS
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(ssd, "MODELS", (replace(known, sha256=digest),))
    expected = DetectorSelection("ssd", path)
    assert select_detector(model=known.name, cache_dir=tmp_path, environment=EMPTY) == expected
    for name in (None, "ssd"):
        environment = {"TRACKING_MODEL": known.name, "MODEL_CACHE_DIR": str(tmp_path)}
        assert select_detector(name, environment=environment) == expected


def test_the_input_size_reaches_the_detector(model: Path) -> None:
    selection = select_detector("yolox", model, input_px=1280, environment=EMPTY)
    assert selection.input_px == 1280
    assert selection.load().input_size(1920, 1080) == (1280, 704)


@pytest.mark.parametrize("input_px", [MIN_INPUT_PX, MAX_INPUT_PX, np.int64(640)])
def test_an_input_size_within_the_range_is_accepted(model: Path, input_px: int) -> None:
    assert select_detector("yolox", model, input_px=input_px, environment=EMPTY).input_px == input_px


@pytest.mark.parametrize("input_px", [10**6, 4097, 31, 0, -5, 640.5, 640.0, math.nan, True, "640"])
def test_an_input_size_out_of_range_is_rejected(model: Path, input_px: Any) -> None:
    message = re.escape(f"input_px must be a whole number from 32 to 4096, not {input_px!r}")
    with pytest.raises(DetectorError, match=f"^{message}$"):
        load_detector("yolox", model, input_px=input_px)


def test_a_model_file_whose_name_is_too_long_is_missing() -> None:
    with pytest.raises(ModelError, match="there is no model file xxx"):
        select_detector(model="x" * 300, environment=EMPTY)


def test_a_missing_model_file_is_named_with_the_known_models() -> None:
    known = names_of(known_detector_models())
    message = rf"there is no model file nowhere\.onnx, and the known models are {known}$"
    with pytest.raises(DetectorError, match=message):
        load_detector("yolox", "nowhere.onnx")
    with pytest.raises(ModelError, match=message):
        select_detector(environment={"TRACKING_MODEL": "nowhere.onnx"})


def test_unknown_detectors_and_impossible_combinations_are_rejected() -> None:
    known = ", ".join(DETECTORS.names())
    with pytest.raises(DetectorError, match=f"there is no detector 'yolo'; choose from {known}$"):
        load_detector("yolo")
    with pytest.raises(
        DetectorError, match=r"the hog detector takes no model; leave out my\.onnx or use yolox"
    ):
        load_detector("hog", "my.onnx")
    with pytest.raises(DetectorError, match=r"fixed input size; leave out 1280 pixels or use yolox"):
        load_detector("hog", input_px=1280)
    with pytest.raises(DetectorError, match="does not use ONNX Runtime; leave out CUDAExecutionProvider"):
        load_detector("hog", providers=["CUDAExecutionProvider"])
    with pytest.raises(DetectorError, match="takes no model, no input size and no execution providers"):
        hog.load(Path("my.onnx"), input_px=None)
    with pytest.raises(DetectorError, match="needs a model"):
        yolox.load(None, input_px=None)


@pytest.mark.usefixtures("unreachable")
def test_hog_is_used_with_a_warning_if_the_default_model_is_not_available(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRACKING_MODEL", raising=False)
    selection = select_detector(cache_dir=tmp_path, environment=EMPTY)
    assert (selection.detector, selection.model) == ("hog", None)
    with caplog.at_level(logging.WARNING):
        detector = load_detector(cache_dir=tmp_path)
    assert isinstance(detector, HogDetector)
    assert "model nano: http://127.0.0.1:1/nano.onnx cannot be fetched" in caplog.text
    assert "OpenCV's HOG detector instead" in caplog.text


@pytest.mark.usefixtures("unreachable")
@pytest.mark.parametrize(
    "options",
    [
        {"name": "yolox"},
        {"model": "tiny"},
        {"input_px": 1280},
        {"environment": {"TRACKING_MODEL": "tiny"}},
        {"providers": ["CUDAExecutionProvider"]},
    ],
)
def test_hog_does_not_replace_what_only_yolox_can_do(tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(DetectorError, match="cannot be fetched"):
        select_detector(**{"environment": EMPTY, "cache_dir": tmp_path, **options})


# ---- which cache folder


def test_the_cache_folder_follows_the_environment() -> None:
    xdg = {"XDG_CACHE_HOME": "/xdg"}
    assert model_cache_dir({**xdg, "MODEL_CACHE_DIR": "/models"}) == Path("/models")
    assert model_cache_dir(xdg) == Path("/xdg/people-pathing")
    assert model_cache_dir({"XDG_CACHE_HOME": ""}) == Path.home() / ".cache" / "people-pathing"


@pytest.mark.usefixtures("unreachable")
def test_a_known_model_is_read_from_the_cache_folder(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    nano, *others = yolox.MODELS
    monkeypatch.setattr(yolox, "MODELS", (replace(nano, sha256=digest), *others))
    cached = model.rename(tmp_path / "nano.onnx")
    environment = {"MODEL_CACHE_DIR": str(tmp_path)}
    assert select_detector(environment=environment) == DetectorSelection("yolox", cached)
    assert select_detector(model="nano", cache_dir=tmp_path, environment=EMPTY).model == cached
    assert fetch_model("nano", environment=environment) == cached


def test_an_unknown_model_name_is_rejected_with_the_known_ones(tmp_path: Path) -> None:
    known = names_of(all_known_models())
    with pytest.raises(ModelError, match=f"no model is called 'huge'; the known models are {known}$"):
        fetch_model("huge", tmp_path)


# ---- faces


def test_a_known_face_model_is_selected_by_its_name(tmp_path: Path) -> None:
    selection = select_face_detector("centerface", environment=EMPTY)
    assert (selection.detector, selection.known_model) == ("centerface", "centerface")
    assert selection.model == fetch_model("centerface", tmp_path)
    assert selection.load().name == "centerface (centerface.onnx)"


def test_a_face_model_file_is_used_with_the_default_face_detector(tmp_path: Path) -> None:
    copy = tmp_path / "mine.onnx"
    copy.write_bytes(fetch_model("centerface", tmp_path).read_bytes())
    selection = select_face_detector(copy, environment=EMPTY)
    assert (selection.detector, selection.known_model, selection.model) == ("centerface", None, copy)
    assert load_face_detector(copy).name == "centerface (mine.onnx)"


def test_a_missing_face_model_file_is_named_with_the_known_one(tmp_path: Path) -> None:
    known = names_of(known_face_models())
    with pytest.raises(
        DetectorError, match=rf"no model file .*gone\.onnx, and the known model of faces is {known}$"
    ):
        load_face_detector(tmp_path / "gone.onnx")


# ---- re-identification


@pytest.fixture
def colours(tmp_path: Path) -> Path:
    return omniscale_like.write_model(tmp_path / "colours.onnx")


@pytest.fixture
def no_reidentification_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens at the address of the known model."""
    (known,) = omniscale.MODELS
    monkeypatch.setattr(omniscale, "MODELS", (replace(known, url="http://127.0.0.1:1/far"),))
    monkeypatch.delenv("REIDENTIFICATION_MODEL", raising=False)


def test_a_reidentification_model_file_is_used(colours: Path, tmp_path: Path) -> None:
    expected = ReidentifierSelection("omniscale", colours)
    assert select_reidentifier(colours, environment=EMPTY) == expected
    assert select_reidentifier(environment={"REIDENTIFICATION_MODEL": str(colours)}) == expected
    assert select_reidentifier(colours, environment={"REIDENTIFICATION_MODEL": "gone.onnx"}) == expected
    reidentifier = load_reidentifier(colours)
    assert reidentifier is not None
    assert reidentifier.name == "omniscale (colours.onnx)"


@pytest.mark.usefixtures("no_reidentification_model")
def test_colours_are_compared_with_a_warning_if_the_model_is_not_available(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert load_reidentifier(cache_dir=tmp_path) is None
    (record,) = caplog.records
    assert "retail-0286: http://127.0.0.1:1/far.xml cannot be fetched" in record.message
    assert "REIDENTIFICATION_MODEL" in record.message


@pytest.mark.usefixtures("no_reidentification_model")
def test_none_turns_re_identification_off_without_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    environment = {"REIDENTIFICATION_MODEL": "none", "MODEL_CACHE_DIR": str(tmp_path)}
    assert select_reidentifier(environment=environment) == ReidentifierSelection()
    with caplog.at_level(logging.WARNING):
        assert load_reidentifier("none", cache_dir=tmp_path) is None
    assert caplog.records == []


@pytest.mark.usefixtures("no_reidentification_model")
@pytest.mark.parametrize(
    "wanted",
    ["person-reidentification-retail-0286", "gone.onnx"],
)
def test_a_named_reidentification_model_must_be_available(tmp_path: Path, wanted: str) -> None:
    with pytest.raises(ModelError, match=r"cannot be fetched|no model file gone\.onnx, and the known model"):
        select_reidentifier(wanted, cache_dir=tmp_path, environment=EMPTY)
    with pytest.raises(ModelError):
        select_reidentifier(cache_dir=tmp_path, environment={"REIDENTIFICATION_MODEL": wanted})


def test_the_known_reidentification_model_is_read_from_the_cache_folder(
    tmp_path: Path, colours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (known,) = omniscale.MODELS
    digest = hashlib.sha256(colours.read_bytes()).hexdigest()
    monkeypatch.setattr(omniscale, "MODELS", (replace(known, sha256=digest, url="http://127.0.0.1:1/far"),))
    cached = colours.rename(tmp_path / f"{known.name}.onnx")
    for wanted in (None, known.name):
        selection = select_reidentifier(wanted, cache_dir=tmp_path, environment=EMPTY)
        assert selection == ReidentifierSelection("omniscale", cached)
