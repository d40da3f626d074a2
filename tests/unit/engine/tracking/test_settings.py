from typing import Any

import pytest

from people_pathing.engine.tracking.settings import CameraSettings, TrackerSettings


def test_settings_of_linking_must_be_link_settings() -> None:
    with pytest.raises(TypeError, match=r"link must be LinkSettings\(\.\.\.\), not \{'border': 1\}"):
        TrackerSettings(link={"border": 1})  # type: ignore[arg-type]


def test_settings_of_the_camera_must_be_camera_settings() -> None:
    with pytest.raises(TypeError, match=r"camera must be CameraSettings\(\.\.\.\), not 3"):
        TrackerSettings(camera=3)  # type: ignore[arg-type]


def test_a_time_of_the_camera_that_divides_must_be_above_zero() -> None:
    with pytest.raises(ValueError, match="return_s must be above 0, not 0"):
        CameraSettings(return_s=0.0)


@pytest.mark.parametrize("name", ["lone_interval_s", "smooth_place_s", "smooth_size_s"])
@pytest.mark.parametrize("value", [0.0, -1.0, float("nan")])
def test_times_that_divide_must_be_above_zero(name: str, value: float) -> None:
    settings: dict[str, Any] = {name: value}
    with pytest.raises(ValueError, match=f"{name} must be above 0, not"):
        TrackerSettings(**settings)
