import os
import subprocess
import sys
from pathlib import Path

import onnx
import pytest

from people_pathing.engine.onnx_session import NO_TELEMETRY, inference_session
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
