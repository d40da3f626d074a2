"""The settings of the service's functions."""

from __future__ import annotations

import math
from typing import Any

import pytest

from people_pathing.common.settings import SettingsError
from people_pathing.engine.registries import DETECTORS
from people_pathing.service.settings import ApiSettings, FinishSettings, SweepSettings
from people_pathing.service.worker_settings import WorkerSettings

API = {
    "ARTIFACT_BUCKET": "a",
    "JOB_STORE_TABLE": "t",
    "STATE_MACHINE_ARN": "arn",
    "MAX_CONCURRENT_JOBS": "20",
    "VIDEO_BUCKETS": "one, two,",
    "NOTIFICATION_ROLE_ARNS": "role",
    "SERVICE_ROLE_ARNS": "api,sweep",
}
WORKER = {
    "ARTIFACT_BUCKET": "a",
    "JOB_STORE_TABLE": "t",
    "SEGMENT_S": "60",
    "SAMPLE_FPS": "default",
    "DETECTOR": "auto",
    "TRACKING_MODEL": "",
    "INPUT_PX": "default",
    "FACE_MODEL": "",
    "REIDENTIFICATION_MODEL": "",
}


def test_the_api_function_reads_its_settings() -> None:
    settings = ApiSettings.from_environment(API)

    assert settings == ApiSettings(
        "a", "t", "arn", 20, frozenset({"one", "two"}), frozenset({"role"}), frozenset({"api", "sweep"})
    )


def test_the_worker_reads_its_settings() -> None:
    assert WorkerSettings.from_environment(WORKER) == WorkerSettings(
        "a", "t", 60, None, None, "auto", None, None, None
    )
    assert WorkerSettings.from_environment(
        WORKER
        | {
            "SAMPLE_FPS": "all",
            "DETECTOR": "hog",
            "TRACKING_MODEL": "m.onnx",
            "INPUT_PX": "1280",
            "FACE_MODEL": "centerface",
            "REIDENTIFICATION_MODEL": "none",
        }
    ) == WorkerSettings("a", "t", 60, 1280, math.inf, "hog", "m.onnx", "centerface", "none")
    assert WorkerSettings.from_environment(WORKER | {"SAMPLE_FPS": "7.5"}).sample_fps == 7.5


@pytest.mark.parametrize(
    ("kind", "environment"),
    [
        (ApiSettings, API),
        (WorkerSettings, WORKER),
        (FinishSettings, {"JOB_STORE_TABLE": "t"}),
        (SweepSettings, {"JOB_STORE_TABLE": "t", "STATE_MACHINE_ARN": "arn"}),
    ],
)
def test_every_missing_setting_is_named(kind: Any, environment: dict[str, str]) -> None:
    for key in environment:
        if key in ("TRACKING_MODEL", "FACE_MODEL", "REIDENTIFICATION_MODEL"):
            continue
        with pytest.raises(SettingsError, match=f"{key} is not set"):
            kind.from_environment({name: value for name, value in environment.items() if name != key})


@pytest.mark.parametrize(
    "change",
    [
        {"SEGMENT_S": "0"},
        {"SEGMENT_S": "a minute"},
        {"SAMPLE_FPS": "-1"},
        {"SAMPLE_FPS": "nan"},
        {"INPUT_PX": "large"},
        {"DETECTOR": "yolo"},
    ],
)
def test_an_invalid_setting_is_named_with_what_would_be_valid(change: dict[str, str]) -> None:
    (key, value), *_ = change.items()

    with pytest.raises(SettingsError, match=f"{key} is {value!r}; it must be"):
        WorkerSettings.from_environment(WORKER | change)


def test_every_registered_detector_can_be_chosen() -> None:
    assert len(DETECTORS.names()) >= 2
    for name in DETECTORS.names():
        assert WorkerSettings.from_environment(WORKER | {"DETECTOR": name}).detector == name
    with pytest.raises(SettingsError, match=f"must be one of auto, {', '.join(DETECTORS.names())}$"):
        WorkerSettings.from_environment(WORKER | {"DETECTOR": "yolo"})


def test_a_job_limit_below_one_is_invalid() -> None:
    with pytest.raises(
        SettingsError, match=r"MAX_CONCURRENT_JOBS is '0\.5'; it must be a whole number above 0"
    ):
        ApiSettings.from_environment(API | {"MAX_CONCURRENT_JOBS": "0.5"})
