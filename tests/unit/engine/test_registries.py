import subprocess
import sys
from typing import Any

import pytest

from people_pathing.engine.detectors import hog, ssd, yolox
from people_pathing.engine.face_detectors import centerface
from people_pathing.engine.interfaces import FaceDetector, Reidentifier
from people_pathing.engine.onnx_session import CPU
from people_pathing.engine.registries import (
    DETECTORS,
    FACE_DETECTORS,
    REIDENTIFIERS,
    DetectorModule,
    NetworkModule,
    all_known_models,
    detector_module,
    face_detector_module,
    reidentifier_module,
)
from people_pathing.engine.reidentifiers import omniscale

# mypy checks that the modules conform.
HOG: DetectorModule = hog
SSD: DetectorModule = ssd
YOLOX: DetectorModule = yolox
CENTERFACE: NetworkModule[FaceDetector] = centerface
OMNISCALE: NetworkModule[Reidentifier] = omniscale


def test_the_registries_list_their_modules() -> None:
    assert {"hog", "ssd", "yolox"} <= set(DETECTORS.names())
    assert "centerface" in FACE_DETECTORS.names()
    assert "omniscale" in REIDENTIFIERS.names()


@pytest.mark.parametrize("name", DETECTORS.names())
def test_every_detector_describes_itself(name: str) -> None:
    module: Any = detector_module(name)
    assert module.SUMMARY
    assert "\n" not in module.SUMMARY
    assert isinstance(module.ACCEPTS_INPUT_PX, bool)
    assert callable(module.load)
    if not module.MODELS:
        assert module.load(None, input_px=None, providers=CPU).name.startswith(name)


@pytest.mark.parametrize(
    "module",
    [
        *map(face_detector_module, FACE_DETECTORS.names()),
        *map(reidentifier_module, REIDENTIFIERS.names()),
    ],
    ids=lambda module: module.__name__.rpartition(".")[2],
)
def test_every_face_detector_and_reidentifier_describes_itself_and_has_a_model(module: Any) -> None:
    assert module.SUMMARY
    assert "\n" not in module.SUMMARY
    assert module.MODELS
    assert callable(module.load)


def test_every_known_model_has_a_name_of_its_own_and_a_pinned_hash() -> None:
    models = all_known_models()
    names = [model.name for model in models]
    assert len(names) == len(set(names))
    assert {"nano", "tiny", "s", "centerface"} <= set(names)
    assert all(len(model.sha256) == 64 and model.size_bytes > 0 for model in models)
    assert {model.licence for model in models} == {"Apache-2.0", "MIT"}


def test_every_yolox_model_comes_from_the_official_release() -> None:
    assert [model.name for model in yolox.MODELS] == ["nano", "tiny", "s"]
    for model in yolox.MODELS:
        assert model.url.startswith("https://github.com/Megvii-BaseDetection/YOLOX/releases/download/")
        assert model.licence == "Apache-2.0"


def test_listing_known_models_does_not_import_onnx() -> None:
    program = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from people_pathing.engine.registries import all_known_models\n"
        "all_known_models()\n"
        "print('onnx' in sys.modules, 'onnxruntime' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *sys.path], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "False False"


def test_listing_names_imports_no_detector() -> None:
    program = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from people_pathing.engine.registries import DETECTORS, FACE_DETECTORS, REIDENTIFIERS\n"
        "DETECTORS.names(), FACE_DETECTORS.names(), REIDENTIFIERS.names()\n"
        "print([name for name in sys.modules if 'detectors.' in name or 'reidentifiers.' in name])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *sys.path], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"
