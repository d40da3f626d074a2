"""Nothing leaves the machine: the network's runtime reports nothing to its maker."""

import os
import subprocess
import sys
from pathlib import Path

from tests.yolox_like import write_model

FUNCTIONS = Path(__file__).parents[3] / "functions"
LOAD = "import sys; from people_pathing.engine import load_detector; load_detector('yolox', sys.argv[1])"


def test_loading_a_model_leaves_no_device_identity_and_no_reports_to_be_sent(tmp_path: Path) -> None:
    model = write_model(tmp_path / "model.onnx")
    home = tmp_path / "home"
    home.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_"))}
    subprocess.run(
        [sys.executable, "-c", LOAD, model], env={**environment, "HOME": str(home)}, cwd=FUNCTIONS, check=True
    )
    assert [file for file in home.rglob("*") if file.is_file()] == []
