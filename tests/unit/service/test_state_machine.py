"""How the state machine retries and catches errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from people_pathing.service.steps.plan import MAX_SEGMENTS
from people_pathing.service.steps.record_failure import VIDEO_ERRORS

STATES: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "statemachine" / "track_people.asl.json").read_text()
)["States"]
DETECT: dict[str, Any] = STATES["DetectSegments"]["ItemProcessor"]["States"]["DetectSegment"]
ASSOCIATE: dict[str, Any] = STATES["AssociateWindows"]["ItemProcessor"]["States"]["AssociateWindow"]
EVERY_TASK = [
    DETECT,
    ASSOCIATE,
    *(STATES[name] for name in ("PlanJob", "LinkTracks", "RecordFailure", "PublishCompletion")),
]


@pytest.mark.parametrize("task", [STATES["PlanJob"], DETECT, ASSOCIATE, STATES["LinkTracks"]])
def test_a_fault_of_the_video_is_not_retried(task: dict[str, Any]) -> None:
    assert task["Retry"][0] == {"ErrorEquals": list(VIDEO_ERRORS), "MaxAttempts": 0}


@pytest.mark.parametrize("task", EVERY_TASK)
def test_every_other_error_is_retried(task: dict[str, Any]) -> None:
    assert task["Retry"][-1]["ErrorEquals"] == ["States.ALL"]
    assert task["Retry"][-1]["MaxAttempts"] >= 2


@pytest.mark.parametrize("task", EVERY_TASK)
def test_a_task_without_free_concurrency_is_retried_for_hours(task: dict[str, Any]) -> None:
    [concurrency_retry] = [
        retry for retry in task["Retry"] if retry["ErrorEquals"] == ["Lambda.TooManyRequestsException"]
    ]
    mean_delay_s = concurrency_retry["MaxDelaySeconds"] / 2  # with full jitter

    assert concurrency_retry["MaxAttempts"] * mean_delay_s > 12 * 3600


def test_retrying_for_hours_does_not_fill_an_executions_history() -> None:
    waiting, events_an_attempt, hours = STATES["DetectSegments"]["MaxConcurrency"], 3, 12
    attempts_an_hour = 3600 / (DETECT["Retry"][1]["MaxDelaySeconds"] / 2)

    assert MAX_SEGMENTS * 7 + waiting * hours * attempts_an_hour * events_an_attempt < 25_000


def test_publishing_a_notice_is_attempted_eleven_times() -> None:
    assert STATES["PublishCompletion"]["Retry"][-1]["MaxAttempts"] == 10


@pytest.mark.parametrize("name", ["PlanJob", "DetectSegments", "AssociateWindows", "LinkTracks"])
def test_every_final_failure_is_recorded_and_then_published(name: str) -> None:
    (catch,) = STATES[name]["Catch"]

    assert catch == {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "RecordFailure"}
    assert STATES["RecordFailure"]["Next"] == "PublishCompletion"
