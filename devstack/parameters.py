"""Chooses the detector of a local stack, and translates the choice into the template's parameters."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from people_pathing.engine.models import DEFAULT_MODEL, FACE_MODEL, REGISTRY, ModelError, face_model, fetch

HOG_WARNING = "no YOLOX model is available, so OpenCV's HOG detector is used: it detects fewer people"


def cache_dir(environment: Mapping[str, str] = os.environ) -> Path:
    """Returns the folder for downloaded models, below XDG's cache folder."""
    base = environment.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "people-pathing"


def choose_model(
    detector: str | None,
    model: str | None,
    input_px: int | None,
    say: Callable[[str], None],
    environment: Mapping[str, str] = os.environ,
) -> Path | None:
    """Chooses the model of the detector, and downloads it if necessary.

    Args:
        detector: The detector's name; None chooses YOLOX, or HOG if no model is available.
        model: A file or the name of a known model; None uses TRACKING_MODEL or the default model.
        input_px: The input size of the network, which HOG does not have.
        say: Receives a warning if HOG is used because no model is available.
        environment: The environment variables.

    Returns:
        The ONNX file; None for HOG.

    Raises:
        ModelError: The model is not available, or the detector does not accept it.
    """
    if detector == "hog":
        if model:
            raise ModelError(f"the HOG detector takes no model; leave out {model} or use --detector yolox")
        if input_px:
            raise ModelError(
                "the HOG detector's input has a size of its own; leave out --input-px or use --detector yolox"
            )
        return None
    wanted = model or environment.get("TRACKING_MODEL")
    if wanted and wanted not in REGISTRY:
        path = Path(wanted).resolve()
        if not path.is_file():
            raise ModelError(
                f"there is no model file {wanted}, and the known models are {', '.join(REGISTRY)}"
            )
        return path
    try:
        return fetch(wanted or DEFAULT_MODEL, cache_dir(environment))
    except ModelError as error:
        if wanted or detector == "yolox" or input_px:
            raise
        say(f"{error}\n{HOG_WARNING}")
        return None


def choose_face_model(model: str | None) -> str | None:
    """Chooses the model that detects faces.

    Args:
        model: A file or the name of a known model; None turns face detection off.

    Returns:
        The name or the absolute path of the model; None if face detection is off.

    Raises:
        ModelError: The model is not available.
    """
    if model is None:
        return None
    if model == FACE_MODEL.name:
        face_model()
        return model
    path = Path(model).resolve()
    if not path.is_file():
        raise ModelError(f"there is no model file {model}, and the known model of faces is {FACE_MODEL.name}")
    return str(path)


def stack_parameters(
    detector: str | None,
    model: str | None,
    input_px: int | None,
    faces: str | None,
    say: Callable[[str], None],
) -> dict[str, str]:
    """Returns the template's parameters for a stack on this machine.

    Args:
        detector: The detector's name; None chooses one.
        model: The detector's model: a file or a name; None chooses one.
        input_px: The input size of the network; None lets the detector choose.
        faces: The model that detects faces: a file or a name; None turns face detection off.
        say: Receives warnings.

    Raises:
        ModelError: A model is not available, or the detector does not accept it.
    """
    path = choose_model(detector, model, input_px, say)
    chosen = {"Detector": "yolox", "TrackingModel": str(path)} if path else {"Detector": "hog"}
    if face_path := choose_face_model(faces):
        chosen["FaceModel"] = face_path
    # Short segments give the progress bar more steps.
    return {**chosen, "DetectorInput": str(input_px or "default"), "SegmentSeconds": "8"}
