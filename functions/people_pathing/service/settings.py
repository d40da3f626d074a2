"""Settings of the entry modules, read from the environment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self, cast

DetectorName = Literal["yolox", "hog"]


class SettingsError(Exception):
    """A setting is missing or makes no sense; the message names it and says what would be right."""


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """What the front door needs to know."""

    artifact_bucket: str
    state_machine_arn: str
    max_concurrent_jobs: int
    video_buckets: frozenset[str]
    notification_role_arns: frozenset[str]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        return cls(
            artifact_bucket=_required(environment, "ARTIFACT_BUCKET"),
            state_machine_arn=_required(environment, "STATE_MACHINE_ARN"),
            max_concurrent_jobs=_whole(environment, "MAX_CONCURRENT_JOBS"),
            video_buckets=_names(environment, "VIDEO_BUCKETS"),
            notification_role_arns=_names(environment, "NOTIFICATION_ROLE_ARNS"),
        )


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What the container's functions need to know.

    input_px        the longer side of what the network sees, None for the engine's choice
    sample_fps      frames looked at in a second: None for the engine's default, infinity for all
    detector        None for the best that can be had
    model           an ONNX file or a model the engine knows by name, None for the engine's own choice
    model_cache_dir where models that the engine knows are kept, None for the engine's own choice
    face_model      an ONNX file or a model the engine knows by name, None to look for no faces
    """

    artifact_bucket: str
    segment_s: float
    input_px: int | None
    sample_fps: float | None
    detector: DetectorName | None
    model: str | None
    model_cache_dir: Path | None
    face_model: str | None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        detector = _required(environment, "DETECTOR")
        if detector not in ("yolox", "hog", "auto"):
            raise SettingsError(f"DETECTOR is {detector!r}; it must be yolox, hog or auto")
        sample_fps = _required(environment, "SAMPLE_FPS")
        named_rates = {"default": None, "all": math.inf}
        return cls(
            artifact_bucket=_required(environment, "ARTIFACT_BUCKET"),
            segment_s=_positive(environment, "SEGMENT_S"),
            input_px=None if environment.get("INPUT_PX") == "default" else _whole(environment, "INPUT_PX"),
            sample_fps=(
                named_rates[sample_fps] if sample_fps in named_rates else _positive(environment, "SAMPLE_FPS")
            ),
            detector=None if detector == "auto" else cast(DetectorName, detector),
            model=environment.get("TRACKING_MODEL") or None,
            model_cache_dir=Path(environment["MODEL_CACHE_DIR"])
            if "MODEL_CACHE_DIR" in environment
            else None,
            face_model=environment.get("FACE_MODEL") or None,
        )


@dataclass(frozen=True, slots=True)
class FinishSettings:
    """What the last steps need to know."""

    artifact_bucket: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        return cls(artifact_bucket=_required(environment, "ARTIFACT_BUCKET"))


def _required(environment: Mapping[str, str], key: str) -> str:
    value = environment.get(key, "")
    if not value:
        raise SettingsError(f"The environment variable {key} is not set")
    return value


def _positive(environment: Mapping[str, str], key: str) -> float:
    text = _required(environment, key)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not value > 0 or math.isinf(value):
        raise SettingsError(f"The environment variable {key} is {text!r}; it must be a number above 0")
    return value


def _whole(environment: Mapping[str, str], key: str) -> int:
    text = _required(environment, key)
    if not text.isdecimal() or int(text) == 0:
        raise SettingsError(f"The environment variable {key} is {text!r}; it must be a whole number above 0")
    return int(text)


def _names(environment: Mapping[str, str], key: str) -> frozenset[str]:
    return frozenset(name.strip() for name in _required(environment, key).split(",") if name.strip())
