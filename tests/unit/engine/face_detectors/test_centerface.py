from pathlib import Path

import pytest

from people_pathing.engine.errors import DetectorError
from people_pathing.engine.face_detectors.centerface import CenterFace
from tests import yolox_like


def test_a_file_that_is_not_a_centerface_model_is_rejected_with_advice(tmp_path: Path) -> None:
    text = tmp_path / "text.onnx"
    text.write_text("no network")
    for path in (text, yolox_like.write_model(tmp_path / "people.onnx")):
        with pytest.raises(DetectorError, match=r"not a CenterFace model .*four outputs") as caught:
            CenterFace(path)
        assert str(caught.value).startswith(f"{path}: ")
