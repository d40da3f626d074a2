"""The settings of the service's functions, read from environment variables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from people_pathing.common.settings import (
    SettingsError,
    names,
    positive_integer,
    positive_number,
    required,
)


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """The settings of the function that serves the two operations.

    Attributes:
        artifact_bucket: the service's private bucket.
        state_machine_arn: the state machine that runs the jobs.
        max_concurrent_jobs: how many jobs may run at once.
        video_buckets: the only buckets whose videos callers may name.
        notification_role_arns: the only roles that callers may name in NotificationChannel.
    """

    artifact_bucket: str
    state_machine_arn: str
    max_concurrent_jobs: int
    video_buckets: frozenset[str]
    notification_role_arns: frozenset[str]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Reads the settings. Raises SettingsError if one is missing or invalid."""
        return cls(
            artifact_bucket=required(environment, "ARTIFACT_BUCKET"),
            state_machine_arn=required(environment, "STATE_MACHINE_ARN"),
            max_concurrent_jobs=positive_integer(environment, "MAX_CONCURRENT_JOBS"),
            video_buckets=names(environment, "VIDEO_BUCKETS"),
            notification_role_arns=names(environment, "NOTIFICATION_ROLE_ARNS"),
        )


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """The settings of the functions that run in the worker's image.

    Attributes:
        artifact_bucket: the service's private bucket.
        segment_s: length of a segment in seconds.
        input_px: longer side of the detector's input in pixels. None leaves the choice to the engine.
        sample_fps: sampled frames per second. None means the engine's default, infinity means every frame.
        detector: a detector's name, or "auto" for the best one that is available.
        model: an ONNX file or the name of a known model. None leaves the choice to the engine.
        face_model: an ONNX file or the name of a known face model. None turns face detection off.
    """

    artifact_bucket: str
    segment_s: float
    input_px: int | None
    sample_fps: float | None
    detector: str
    model: str | None
    face_model: str | None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Reads the settings. Raises SettingsError if one is missing or invalid."""
        return cls(
            artifact_bucket=required(environment, "ARTIFACT_BUCKET"),
            segment_s=positive_number(environment, "SEGMENT_S"),
            input_px=_input_px(environment),
            sample_fps=_sample_fps(environment),
            detector=_detector(environment),
            model=environment.get("TRACKING_MODEL") or None,
            face_model=environment.get("FACE_MODEL") or None,
        )


@dataclass(frozen=True, slots=True)
class FinishSettings:
    """The settings of the functions that run after the worker's steps.

    Attributes:
        artifact_bucket: the service's private bucket.
    """

    artifact_bucket: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Reads the settings. Raises SettingsError if one is missing or invalid."""
        return cls(artifact_bucket=required(environment, "ARTIFACT_BUCKET"))


def _detector(environment: Mapping[str, str]) -> str:
    # The zip functions import this module, and their zips do not contain the engine.
    from people_pathing.engine.selection import AUTOMATIC, DETECTORS

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
