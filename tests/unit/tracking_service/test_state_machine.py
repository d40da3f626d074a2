"""What the state machine does about errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tracking_service.failure import VIDEO_ERRORS

STATES: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "statemachine" / "track_people.asl.json").read_text()
)["States"]
DETECT: dict[str, Any] = STATES["DetectSegments"]["ItemProcessor"]["States"]["DetectSegment"]
TRACK: dict[str, Any] = STATES["TrackSpans"]["ItemProcessor"]["States"]["TrackSpan"]


@pytest.mark.parametrize("task", [STATES["PlanJob"], DETECT, TRACK, STATES["LinkTracks"]])
def test_what_is_wrong_with_the_video_is_not_tried_again(task: dict[str, Any]) -> None:
    assert task["Retry"][0] == {"ErrorEquals": list(VIDEO_ERRORS), "MaxAttempts": 0}


@pytest.mark.parametrize(
    "task",
    [
        DETECT,
        TRACK,
        *(STATES[name] for name in ("PlanJob", "LinkTracks", "RecordFailure", "PublishCompletion")),
    ],
)
def test_everything_else_is_tried_again(task: dict[str, Any]) -> None:
    assert task["Retry"][-1]["ErrorEquals"] == ["States.ALL"]
    assert task["Retry"][-1]["MaxAttempts"] >= 2


@pytest.mark.parametrize("name", ["PlanJob", "DetectSegments", "TrackSpans", "LinkTracks"])
def test_whatever_fails_in_the_end_is_recorded_and_then_published(name: str) -> None:
    (catch,) = STATES[name]["Catch"]

    assert catch == {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "RecordFailure"}
    assert STATES["RecordFailure"]["Next"] == "PublishCompletion"
