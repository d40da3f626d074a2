"""Chooses a person detector and its model file."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.engine.errors import DetectorError, ModelError
from people_pathing.engine.onnx_session import CPU, provider_names
from people_pathing.engine.registries import DETECTORS, DetectorModule, detector_module, known_detector_models
from people_pathing.engine.selection.model_files import existing_file, model_cache_dir, named, names_of

if TYPE_CHECKING:
    from people_pathing.engine.interfaces import Detector

logger = logging.getLogger(__name__)

AUTOMATIC = "auto"
"""The default detector, or with a warning the fallback if the default model is not available."""
DEFAULT_DETECTOR = "yolox"
FALLBACK_DETECTOR = "hog"

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
        providers: execution providers; see `onnx_session.inference_session`.
        warning: why the fallback is used; None if the choice is the intended one.
    """

    detector: str
    model: Path | None = None
    input_px: int | None = None
    providers: tuple[str, ...] = CPU
    warning: str | None = None

    def load(self) -> Detector:
        """Creates the detector.

        Raises:
            DetectorError: The file is not a model that it can use, or a provider is not available.
        """
        module = detector_module(self.detector)
        return module.load(self.model, input_px=self.input_px, providers=self.providers)


def select_detector(
    name: str | None = None,
    model: str | os.PathLike[str] | None = None,
    *,
    input_px: int | None = None,
    providers: Sequence[str] = CPU,
    cache_dir: Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> DetectorSelection:
    """Chooses a person detector and obtains its model file.

    Args:
        name: name in `DETECTORS`; None or "auto" for the default detector, or for HOG if the default model is
            not available and no option asks for more.
        model: ONNX file or name of a known model; None for TRACKING_MODEL, else the detector's default. A
            file that TRACKING_MODEL names is one for the default detector.
        input_px: longer side of the detector's input, a whole number from MIN_INPUT_PX to MAX_INPUT_PX; None
            for the detector's own choice.
        providers: execution providers of ONNX Runtime; see `load_detector`.
        cache_dir: folder for downloaded models; None for `model_cache_dir`.
        environment: where TRACKING_MODEL, MODEL_CACHE_DIR and XDG_CACHE_HOME are read.

    Raises:
        DetectorError: No detector has this name, it does not accept these options, or input_px is out of
            range.
        ModelError: The model file is not available or not the pinned one.
    """
    chosen_providers = provider_names(providers)
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
        if chosen_providers != CPU:
            raise DetectorError(
                f"the {detector} detector does not use ONNX Runtime; leave out {', '.join(providers)} or use "
                f"{DEFAULT_DETECTOR}"
            )
        return DetectorSelection(detector, input_px=input_px)
    wanted = os.fspath(model) if model is not None else _model_of(detector, module, environment)
    if automatic and wanted:
        detector, module = _detector_of(wanted) or (detector, module)
    known = named(module.MODELS, wanted) if wanted else module.MODELS[0]
    if known is None:
        path = existing_file(str(wanted), f"the known models are {names_of(known_detector_models())}")
        return DetectorSelection(detector, path, input_px, chosen_providers)
    try:
        path = known.obtain(cache_dir or model_cache_dir(environment))
    except ModelError as error:
        if wanted or not automatic or input_px is not None or chosen_providers != CPU:
            raise
        return DetectorSelection(FALLBACK_DETECTOR, warning=f"{error}. {FALLBACK_WARNING}")
    return DetectorSelection(detector, path.absolute(), input_px, chosen_providers)


def load_detector(
    name: str | None = None,
    model: str | os.PathLike[str] | None = None,
    *,
    input_px: int | None = None,
    providers: Sequence[str] = CPU,
    cache_dir: Path | None = None,
) -> Detector:
    """Creates the person detector that `select_detector` chooses, and logs a warning for the fallback.

    Args:
        name: "yolox", "ssd", "hog" or another name in `DETECTORS`; None or "auto" for what is available.
        model: ONNX file or name of a known model; None for TRACKING_MODEL, else the detector's default.
        input_px: longer side of what the detector sees, in steps of 32, from 32 to 4096. A larger image shows
            smaller people. None for the detector's own choice: for YOLOX, half the longer side of the frame,
            but at least 640 and at most 960; for ssd, 512.
        providers: execution providers of ONNX Runtime, the preferred one first, for example
            ["CUDAExecutionProvider"]. The processor runs what they cannot.
        cache_dir: folder for downloaded models; None for `model_cache_dir`.

    Raises:
        DetectorError: The detector, the model or their combination is not usable.
    """
    selection = select_detector(name, model, input_px=input_px, providers=providers, cache_dir=cache_dir)
    if selection.warning:
        logger.warning("%s", selection.warning)
    return selection.load()


def _model_of(detector: str, module: DetectorModule, environment: Mapping[str, str]) -> str | None:
    """Returns what TRACKING_MODEL names, or None if that is for another detector."""
    wanted = environment.get("TRACKING_MODEL") or None
    if wanted and (detector == DEFAULT_DETECTOR or named(module.MODELS, wanted)):
        return wanted
    return None


def _is_input_px(value: object) -> bool:
    # NumPy's integers are Integral, too.
    return isinstance(value, Integral) and MIN_INPUT_PX <= int(value) <= MAX_INPUT_PX


def _detector_of(model: str) -> tuple[str, DetectorModule] | None:
    """Returns the detector that knows a model of this name."""
    for name in DETECTORS.names():
        module = detector_module(name)
        if named(module.MODELS, model):
            return name, module
    return None
