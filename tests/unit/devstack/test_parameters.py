from pathlib import Path

import pytest

from devstack.parameters import stack_parameters
from people_pathing.engine import DetectorError


@pytest.fixture(autouse=True)
def no_reidentification(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it, a test would download the model."""
    monkeypatch.setenv("REIDENTIFICATION_MODEL", "none")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "network.onnx"
    path.touch()
    return path


def test_hog_needs_no_model() -> None:
    assert stack_parameters("hog", None, None, None, print) == {
        "Detector": "hog",
        "DetectorInput": "default",
        "SegmentSeconds": "8",
        "ReidentificationModel": "none",
    }


def test_models_are_passed_as_absolute_paths(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(model.parent)
    assert stack_parameters("yolox", model.name, 1280, model.name, print) == {
        "Detector": "yolox",
        "DetectorInput": "1280",
        "SegmentSeconds": "8",
        "TrackingModel": str(model),
        "FaceModel": str(model),
        "ReidentificationModel": "none",
    }


def test_the_model_of_the_environment_is_used_if_none_is_given(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKING_MODEL", str(model))
    assert stack_parameters(None, None, None, None, print)["TrackingModel"] == str(model)


def test_the_reidentification_model_of_the_environment_is_passed_on(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REIDENTIFICATION_MODEL", str(model))
    assert stack_parameters("hog", None, None, None, print)["ReidentificationModel"] == str(model)


def test_a_named_reidentification_model_is_passed_on(model: Path) -> None:
    chosen = stack_parameters("hog", None, None, None, print, str(model))
    assert chosen["ReidentificationModel"] == str(model)
    assert stack_parameters("hog", None, None, None, print, "none")["ReidentificationModel"] == "none"


def test_people_are_linked_by_colours_with_a_warning_if_no_reidentification_model_is_available(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REIDENTIFICATION_MODEL", "")
    monkeypatch.setenv("MODEL_CACHE_DIR", str(tmp_path))
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    warnings: list[str] = []
    assert stack_parameters("hog", None, None, None, warnings.append)["ReidentificationModel"] == "none"
    [warning] = warnings
    assert "REIDENTIFICATION_MODEL" in warning


def test_the_fallback_detector_is_used_with_a_warning_if_no_model_is_available(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRACKING_MODEL", raising=False)
    monkeypatch.setenv("MODEL_CACHE_DIR", str(tmp_path))
    # No host answers on this port, so the download fails at once.
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    warnings: list[str] = []
    assert stack_parameters(None, None, None, None, warnings.append)["Detector"] == "hog"
    [warning] = warnings
    assert "HOG" in warning


def test_a_combination_that_the_detector_does_not_accept_is_rejected(model: Path) -> None:
    with pytest.raises(DetectorError, match="takes no model"):
        stack_parameters("hog", str(model), None, None, print)
