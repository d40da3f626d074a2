"""The models, and the tracks that several tests measure."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Protocol

import pytest

from people_pathing.engine import Detector, Reidentifier, load_detector, load_reidentifier, track_video
from people_pathing.engine.tracks import TrackingResult


class Tracked(Protocol):
    """Returns the tracks of a video, which is tracked once for all tests. `None` is the default sampling."""

    def __call__(self, video: Path, sample_fps: float | None) -> TrackingResult: ...


@pytest.fixture(scope="session")
def detector() -> Detector:
    if not (model := os.environ.get("TRACKING_MODEL")):
        pytest.skip("TRACKING_MODEL names no model file")
    return load_detector("yolox", model)


@pytest.fixture(scope="session")
def reidentifier() -> Reidentifier:
    if not (model := os.environ.get("REIDENTIFICATION_MODEL")):
        pytest.skip("REIDENTIFICATION_MODEL names no model file")
    loaded = load_reidentifier(model)
    assert loaded
    return loaded


@pytest.fixture(scope="session")
def tracked(detector: Detector, reidentifier: Reidentifier) -> Tracked:
    @cache
    def track(video: Path, sample_fps: float | None) -> TrackingResult:
        return track_video(video, detector=detector, reidentifier=reidentifier, sample_fps=sample_fps)

    return track
