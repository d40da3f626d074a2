import os
import subprocess
import sys
import warnings
from pathlib import Path

import onnx
import pytest

from people_pathing.engine import load_detector, load_face_detector, load_reidentifier
from people_pathing.engine.errors import DetectorError
from people_pathing.engine.onnx_session import CPU, NO_TELEMETRY, inference_session
from tests import omniscale_like, ssd_like
from tests.yolox_like import write_model

FUNCTIONS = Path(__file__).parents[3] / "functions"
LOAD = "import sys; from people_pathing.engine import load_detector; load_detector('yolox', sys.argv[1])"


def test_loading_a_model_stores_no_device_id_and_no_telemetry(tmp_path: Path) -> None:
    model = write_model(tmp_path / "model.onnx")
    home = tmp_path / "home"
    home.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_"))}
    subprocess.run(
        [sys.executable, "-c", LOAD, model], env={**environment, "HOME": str(home)}, cwd=FUNCTIONS, check=True
    )
    assert [file for file in home.rglob("*") if file.is_file()] == []


@pytest.mark.parametrize("before", [None, "0"])
def test_loading_a_model_does_not_change_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    monkeypatch.delenv(NO_TELEMETRY, raising=False)
    if before is not None:
        monkeypatch.setenv(NO_TELEMETRY, before)
    inference_session(onnx.load(write_model(tmp_path / "model.onnx")))
    assert os.environ.get(NO_TELEMETRY) == before


def test_models_run_on_the_processor_unless_a_provider_is_chosen(tmp_path: Path) -> None:
    model = onnx.load(write_model(tmp_path / "model.onnx"))
    assert inference_session(model).get_providers() == list(CPU)
    assert inference_session(model, ["CPUExecutionProvider"]).get_providers() == list(CPU)


def test_every_loader_names_the_available_providers_if_the_chosen_one_is_missing(tmp_path: Path) -> None:
    yolox = write_model(tmp_path / "yolox.onnx")
    ssd = ssd_like.write_model(tmp_path / "ssd.onnx")
    colours = omniscale_like.write_model(tmp_path / "colours.onnx")
    providers = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    message = "has no execution provider 'CUDAExecutionProvider'; choose from .*CPUExecutionProvider"
    with pytest.raises(DetectorError, match=message):
        load_detector("yolox", yolox, providers=providers)
    with pytest.raises(DetectorError, match=message):
        load_detector("ssd", ssd, providers=providers)
    with pytest.raises(DetectorError, match=message):
        load_face_detector("centerface", providers=providers)
    with pytest.raises(DetectorError, match=message):
        load_reidentifier(colours, providers=providers)


@pytest.mark.parametrize("providers", [[], "CPUExecutionProvider"])
def test_providers_are_a_list_of_names(tmp_path: Path, providers: list[str] | str) -> None:
    with pytest.raises(DetectorError, match=r"providers must be a list .* for example .* not "):
        load_detector("yolox", write_model(tmp_path / "model.onnx"), providers=providers)


def test_a_provider_that_does_not_start_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ONNX Runtime lists a provider whose driver is missing, and then uses the processor."""
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: ["CUDAExecutionProvider", *CPU])
    with (
        pytest.raises(DetectorError, match="provider CUDAExecutionProvider does not start"),
        warnings.catch_warnings(action="ignore"),
    ):
        load_detector("yolox", write_model(tmp_path / "model.onnx"), providers=["CUDAExecutionProvider"])
