"""The settings of the worker's functions, read from environment variables.

This is a module of its own, because it asks the engine which detectors exist. The zip files do not contain
the engine.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from people_pathing.common.settings import SettingsError, positive_integer, positive_number, required
from people_pathing.engine.registries import DETECTORS
from people_pathing.engine.selection import AUTOMATIC


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """The settings of the functions that run in the worker's image.

    Each is read from the environment variable of the same name in capitals, except `model`, which is
    TRACKING_MODEL. The engine reads MODEL_CACHE_DIR by itself.

    Attributes:
        artifact_bucket: the service's private bucket.
        job_store_table: the table of jobs, client tokens and slots.
        segment_s: length of a segment in seconds.
        input_px: longer side of the detector's input in pixels. None leaves the choice to the engine.
        sample_fps: sampled frames per second. None means the engine's default, infinity means every frame.
        detector: a detector's name, or "auto" for the best one that is available.
        model: an ONNX file or the name of a known model. None leaves the choice to the engine.
        face_model: an ONNX file or the name of a known face model. None turns face detection off.
        reidentification_model: an ONNX file, the name of a known model, or "none" to compare colours
            only. None leaves the choice to the engine.
    """

    artifact_bucket: str
    job_store_table: str
    segment_s: float
    input_px: int | None
    sample_fps: float | None
    detector: str
    model: str | None
    face_model: str | None
    reidentification_model: str | None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Reads the settings. Raises SettingsError if one is missing or invalid."""
        return cls(
            artifact_bucket=required(environment, "ARTIFACT_BUCKET"),
            job_store_table=required(environment, "JOB_STORE_TABLE"),
            segment_s=positive_number(environment, "SEGMENT_S"),
            input_px=_input_px(environment),
            sample_fps=_sample_fps(environment),
            detector=_detector(environment),
            model=environment.get("TRACKING_MODEL") or None,
            face_model=environment.get("FACE_MODEL") or None,
            reidentification_model=environment.get("REIDENTIFICATION_MODEL") or None,
        )


def _detector(environment: Mapping[str, str]) -> str:
    name = required(environment, "DETECTOR")
    choices = (AUTOMATIC, *DETECTORS.names())
    if name not in choices:
        raise SettingsError(
            f"The environment variable DETECTOR is {name!r}; it must be one of {', '.join(choices)}"
        )
    return name


def _input_px(environment: Mapping[str, str]) -> int | None:
    if environment.get("INPUT_PX") == "default":
        return None
    return positive_integer(environment, "INPUT_PX")


def _sample_fps(environment: Mapping[str, str]) -> float | None:
    named_rates = {"default": None, "all": math.inf}
    text = required(environment, "SAMPLE_FPS")
    return named_rates[text] if text in named_rates else positive_number(environment, "SAMPLE_FPS")
