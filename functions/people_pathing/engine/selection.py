"""The one place that decides which detector, which model file and which cache folder are used.

The library, the command line and the service's worker all call it, so the same settings choose the same
detector everywhere. A choice is made and its model file obtained before anything is loaded or started.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.engine.errors import DetectorError, ModelError
from people_pathing.engine.models import KnownModel, Progress, is_file
from people_pathing.engine.registries import (
    DETECTORS,
    FACE_DETECTORS,
    DetectorModule,
    detector_module,
    face_detector_module,
    known_face_models,
    known_models,
)

if TYPE_CHECKING:
    from people_pathing.engine.interfaces import Detector, FaceDetector

logger = logging.getLogger(__name__)

AUTOMATIC = "auto"
"""The default detector, or with a warning the fallback if the default model is not available."""
DEFAULT_DETECTOR = "yolox"
FALLBACK_DETECTOR = "hog"
DEFAULT_FACE_DETECTOR = "centerface"

MIN_INPUT_PX, MAX_INPUT_PX = 32, 4096
"""Range of the longer side of a detector's input. Memory grows with its square."""

FALLBACK_WARNING = (
    "People are detected with OpenCV's HOG detector instead, which finds far fewer of them; "
    "use a YOLOX ONNX file for better results"
)


@dataclass(frozen=True, slots=True)
class DetectorSelection:
    """The person detector to use; its model file exists.

    Attributes:
        detector: name in `DETECTORS`.
        model: absolute path of the model file; None for a detector that needs none.
        input_px: longer side of the detector's input; None for the detector's own choice.
        warning: why the fallback is used; None if the choice is the intended one.
    """

    detector: str
    model: Path | None = None
    input_px: int | None = None
    warning: str | None = None

    def load(self) -> Detector:
        """Creates the detector. Raises DetectorError if the file is not a model that it can use."""
        return detector_module(self.detector).load(self.model, input_px=self.input_px)


@dataclass(frozen=True, slots=True)
class FaceDetectorSelection:
    """The face detector to use; its model file exists.

    Attributes:
        detector: name in `FACE_DETECTORS`.
        model: absolute path of the model file.
        known_model: name of the model if it is a known one, else None. Another machine can find a known
            model by its name.
    """

    detector: str
    model: Path
    known_model: str | None = None

    def load(self) -> FaceDetector:
        """Creates the face detector. Raises DetectorError if the file is not a model that it can use."""
        return face_detector_module(self.detector).load(self.model)


def model_cache_dir(environment: Mapping[str, str] = os.environ) -> Path:
    """Returns the folder for downloaded models.

    It is MODEL_CACHE_DIR, else people-pathing in XDG_CACHE_HOME, else ~/.cache/people-pathing.
    """
    if chosen := environment.get("MODEL_CACHE_DIR"):
        return Path(chosen)
    base = environment.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "people-pathing"


def fetch_model(
    name: str,
    cache_dir: Path | None = None,
    on_progress: Progress | None = None,
    *,
    environment: Mapping[str, str] = os.environ,
) -> Path:
    """Returns the path of a known model of people or faces, after a download if that is needed.

    Args:
        name: name of the model.
        cache_dir: folder for downloaded models; None for `model_cache_dir`.
        on_progress: receives the share of the download that is done, 0..1.
        environment: where MODEL_CACHE_DIR and XDG_CACHE_HOME are read.

    Raises:
        ModelError: No model has this name, or its file is not available or not the pinned one.
    """
    known = (*known_models(), *known_face_models())
    model = _named(known, name)
    if model is None:
        raise ModelError(f"no model is called {name!r}; the known models are {_names(known)}")
    return model.obtain(cache_dir or model_cache_dir(environment), on_progress)


def select_detector(
    name: str | None = None,
    model: str | os.PathLike[str] | None = None,
    *,
    input_px: int | None = None,
    cache_dir: Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> DetectorSelection:
    """Chooses a person detector and obtains its model file.

    Args:
        name: name in `DETECTORS`; None or "auto" for the default detector, or for HOG if the default model is
            not available and no option asks for more.
        model: ONNX file or name of a known model; None for TRACKING_MODEL, else the detector's default.
        input_px: longer side of the detector's input, a whole number from MIN_INPUT_PX to MAX_INPUT_PX; None
            for the detector's own choice.
        cache_dir: folder for downloaded models; None for `model_cache_dir`.
        environment: where TRACKING_MODEL, MODEL_CACHE_DIR and XDG_CACHE_HOME are read.

    Raises:
        DetectorError: No detector has this name, it does not accept these options, or input_px is out of
            range.
        ModelError: The model file is not available or not the pinned one.
    """
    automatic = name is None or name == AUTOMATIC
    detector = DEFAULT_DETECTOR if name is None or name == AUTOMATIC else name
    module = detector_module(detector)
    if input_px is not None and not module.ACCEPTS_INPUT_PX:
        raise DetectorError(
            f"the {detector} detector has a fixed input size; leave out {input_px} pixels or use "
            f"{DEFAULT_DETECTOR}"
        )
    if input_px is not None and not _is_input_px(input_px):
        raise DetectorError(
            f"input_px must be a whole number from {MIN_INPUT_PX} to {MAX_INPUT_PX}, not {input_px!r}"
        )
    if not module.MODELS:
        if model is not None:
            raise DetectorError(
                f"the {detector} detector takes no model; leave out {os.fspath(model)} or use "
                f"{DEFAULT_DETECTOR}"
            )
        return DetectorSelection(detector, input_px=input_px)
    wanted = os.fspath(model) if model is not None else environment.get("TRACKING_MODEL") or None
    if automatic and wanted:
        detector, module = _detector_of(wanted) or (detector, module)
    known = _named(module.MODELS, wanted) if wanted else module.MODELS[0]
    if known is None:
        path = _existing_file(str(wanted), f"the known models are {_names(known_models())}")
        return DetectorSelection(detector, path, input_px)
    try:
        path = known.obtain(cache_dir or model_cache_dir(environment))
    except ModelError as error:
        if wanted or not automatic or input_px is not None:
            raise
        return DetectorSelection(FALLBACK_DETECTOR, warning=f"{error}. {FALLBACK_WARNING}")
    return DetectorSelection(detector, path.absolute(), input_px)


def select_face_detector(
    model: str | os.PathLike[str],
    *,
    cache_dir: Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> FaceDetectorSelection:
    """Chooses the face detector for a model and obtains the model file.

    Args:
        model: ONNX file for the default face detector, or name of a known model of faces.
        cache_dir: folder for downloaded models; None for `model_cache_dir`.
        environment: where MODEL_CACHE_DIR and XDG_CACHE_HOME are read.

    Raises:
        ModelError: The model file is not available or not the pinned one.
    """
    wanted = os.fspath(model)
    for name in FACE_DETECTORS.names():
        if known := _named(face_detector_module(name).MODELS, wanted):
            path = known.obtain(cache_dir or model_cache_dir(environment))
            return FaceDetectorSelection(name, path.absolute(), known.name)
    path = _existing_file(wanted, f"the known model of faces is {_names(known_face_models())}")
    return FaceDetectorSelection(DEFAULT_FACE_DETECTOR, path)


def load_detector(
    name: str | None = None,
    model: str | os.PathLike[str] | None = None,
    *,
    input_px: int | None = None,
    cache_dir: Path | None = None,
) -> Detector:
    """Creates the person detector that `select_detector` chooses, and logs a warning for the fallback.

    Args:
        name: "yolox", "hog" or another name in `DETECTORS`; None or "auto" to choose by what is available.
        model: ONNX file or name of a known model; None for TRACKING_MODEL, else the detector's default.
        input_px: longer side of what YOLOX sees, in steps of 32; None for half the longer side of the
            frame, but at least 640 and at most 960. 960 or 1280 find people who are too small for 640. At
            least 32, at most 4096.
        cache_dir: folder for downloaded models; None for `model_cache_dir`.

    Raises:
        DetectorError: The detector, the model or their combination is not usable.
    """
    selection = select_detector(name, model, input_px=input_px, cache_dir=cache_dir)
    if selection.warning:
        logger.warning("%s", selection.warning)
    return selection.load()


def load_face_detector(model: str | os.PathLike[str]) -> FaceDetector:
    """Creates the face detector that `select_face_detector` chooses.

    Args:
        model: ONNX file of CenterFace, or name of a known model of faces, for example "centerface".

    Raises:
        DetectorError: The file is not a usable model.
    """
    return select_face_detector(model).load()


def _is_input_px(value: object) -> bool:
    # NumPy's integers are Integral, too.
    return isinstance(value, Integral) and MIN_INPUT_PX <= int(value) <= MAX_INPUT_PX


def _detector_of(model: str) -> tuple[str, DetectorModule] | None:
    """Returns the detector that knows a model of this name."""
    for name in DETECTORS.names():
        module = detector_module(name)
        if _named(module.MODELS, model):
            return name, module
    return None


def _named(models: Sequence[KnownModel], name: str) -> KnownModel | None:
    return next((model for model in models if model.name == name), None)


def _names(models: Sequence[KnownModel]) -> str:
    return ", ".join(model.name for model in models)


def _existing_file(text: str, alternative: str) -> Path:
    path = Path(text).absolute()
    if not is_file(path):
        raise ModelError(f"there is no model file {text}, and {alternative}")
    return path
