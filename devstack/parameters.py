"""Which detector a local run uses: chosen and, if need be, fetched before anything is started."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from people_pathing.engine.models import DEFAULT_MODEL, FACE_MODEL, REGISTRY, ModelError, face_model, fetch

LITTLE = "found no YOLOX model; people are looked for with OpenCV's HOG detector, which finds fewer of them"


def cache_dir(environment: Mapping[str, str] = os.environ) -> Path:
    """Wheres fetched models are kept: XDG's cache directory."""
    base = environment.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "people-pathing"


def choose_model(
    detector: str | None,
    model: str | None,
    input_px: int | None,
    say: Callable[[str], None],
    environment: Mapping[str, str] = os.environ,
) -> Path | None:
    """The ONNX file to use, or None for HOG.

    `model` is a file or a name in the registry; without it TRACKING_MODEL counts, and without that the
    default model, for which HOG stands in where it cannot be fetched, unless only YOLOX can do what is asked.

    Raises ModelError where what was asked for cannot be had.
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
        say(f"{error}\n{LITTLE}")
        return None


def choose_face_model(model: str | None) -> str | None:
    """The model of faces to use: its name or its file's whole path; None where no faces are asked for.

    Raises ModelError where it cannot be had.
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
    """The template's parameters for a stack on this machine."""
    path = choose_model(detector, model, input_px, say)
    chosen = {"Detector": "yolox", "TrackingModel": str(path)} if path else {"Detector": "hog"}
    if face_path := choose_face_model(faces):
        chosen["FaceModel"] = face_path
    # Short segments: more of them to count, so that the progress bar has something to go by.
    return {**chosen, "DetectorInput": str(input_px or "default"), "SegmentSeconds": "8"}
