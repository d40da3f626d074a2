"""Chooses a face detector by its model."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.engine.onnx_session import CPU, provider_names
from people_pathing.engine.registries import FACE_DETECTORS, face_detector_module, known_face_models
from people_pathing.engine.selection.model_files import existing_file, model_cache_dir, named, names_of

if TYPE_CHECKING:
    from people_pathing.engine.interfaces import FaceDetector

DEFAULT_FACE_DETECTOR = "centerface"


@dataclass(frozen=True, slots=True)
class FaceDetectorSelection:
    """The face detector to use; its model file exists.

    Attributes:
        detector: name in `FACE_DETECTORS`.
        model: absolute path of the model file.
        known_model: name of the model if it is a known one, else None. Another machine can find a known
            model by its name.
        providers: execution providers; see `onnx_session.inference_session`.
    """

    detector: str
    model: Path
    known_model: str | None = None
    providers: tuple[str, ...] = CPU

    def load(self) -> FaceDetector:
        """Creates the face detector.

        Raises:
            DetectorError: The file is not a model that it can use, or a provider is not available.
        """
        return face_detector_module(self.detector).load(self.model, providers=self.providers)


def select_face_detector(
    model: str | os.PathLike[str],
    *,
    providers: Sequence[str] = CPU,
    cache_dir: Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> FaceDetectorSelection:
    """Chooses the face detector for a model and obtains the model file.

    Args:
        model: ONNX file for the default face detector, or name of a known model of faces.
        providers: execution providers of ONNX Runtime; see `load_face_detector`.
        cache_dir: folder for downloaded models; None for `model_cache_dir`.
        environment: where MODEL_CACHE_DIR and XDG_CACHE_HOME are read.

    Raises:
        ModelError: The model file is not available or not the pinned one.
    """
    wanted = os.fspath(model)
    for name in FACE_DETECTORS.names():
        if known := named(face_detector_module(name).MODELS, wanted):
            path = known.obtain(cache_dir or model_cache_dir(environment))
            return FaceDetectorSelection(name, path.absolute(), known.name, provider_names(providers))
    path = existing_file(wanted, f"the known model of faces is {names_of(known_face_models())}")
    return FaceDetectorSelection(DEFAULT_FACE_DETECTOR, path, providers=provider_names(providers))


def load_face_detector(model: str | os.PathLike[str], *, providers: Sequence[str] = CPU) -> FaceDetector:
    """Creates the face detector that `select_face_detector` chooses.

    Args:
        model: ONNX file of CenterFace, or name of a known model of faces, for example "centerface".
        providers: execution providers of ONNX Runtime, the preferred one first, for example
            ["CUDAExecutionProvider"].

    Raises:
        DetectorError: The file is not a usable model, or a provider is not available.
    """
    return select_face_detector(model, providers=providers).load()
