"""How the state machine retries and catches errors, and how long its history becomes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from people_pathing.engine.tracking.association import plan_windows
from people_pathing.engine.video import VideoMetadata
from people_pathing.service.steps.context import JobEndedError
from people_pathing.service.steps.plan import MAX_DURATION_MS, MAX_SEGMENTS
from people_pathing.service.steps.tasks import FailedStep
from tests.template.translated import source

Task = Mapping[str, Any]

DEFINITION: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "statemachine" / "track_people.asl.json").read_text()
)
STATES: dict[str, Any] = DEFINITION["States"]
DETECT: Task = STATES["DetectSegments"]["ItemProcessor"]["States"]["DetectSegment"]
ASSOCIATE: Task = STATES["AssociateWindows"]["ItemProcessor"]["States"]["AssociateWindow"]
WORKER_TASKS: list[Task] = [STATES["PlanJob"], DETECT, ASSOCIATE, STATES["LinkTracks"]]
EVERY_TASK: list[Task] = [*WORKER_TASKS, STATES["PublishCompletion"]]

MINUTE_S = 60
HOUR_S = 3600
MAX_HISTORY_EVENTS = 25_000
MAX_CONCURRENT_SEGMENTS = 40

TRANSIENT_ERRORS = (
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    # Lambda has to prepare the image of a function that was idle for weeks.
    "Lambda.CodeArtifactUserPendingException",
    "Lambda.ResourceNotReadyException",
    # IAM does not know a new role everywhere at once.
    "Lambda.AccessDeniedException",
    # What our code raises: errors of S3 and DynamoDB, a lost connection, a defect.
    "ClientError",
    "EndpointConnectionError",
    "VideoUnreadableError",
    "KeyError",
)


def retrier_for(task: Task, error: str) -> Mapping[str, Any]:
    """Returns the first retrier that matches an error, as Step Functions chooses it."""
    return next(retrier for retrier in task["Retry"] if {error, "States.ALL"} & set(retrier["ErrorEquals"]))


def delays_s(retrier: Mapping[str, Any]) -> list[float]:
    """Returns the pause before each retry, in seconds."""
    # With jitter, each pause could be zero. Then nothing would be guaranteed.
    assert "JitterStrategy" not in retrier
    return [
        min(
            retrier["IntervalSeconds"] * retrier.get("BackoffRate", 2) ** attempt,
            retrier.get("MaxDelaySeconds", float("inf")),
        )
        for attempt in range(retrier["MaxAttempts"])
    ]


@pytest.mark.parametrize("error", ["VideoError", "VideoRejectedError", JobEndedError.__name__])
@pytest.mark.parametrize("task", WORKER_TASKS)
def test_a_final_error_is_not_retried(task: Task, error: str) -> None:
    assert retrier_for(task, error)["MaxAttempts"] == 0


@pytest.mark.parametrize("error", TRANSIENT_ERRORS)
@pytest.mark.parametrize("task", EVERY_TASK)
def test_a_transient_error_is_retried_for_at_least_15_minutes(task: Task, error: str) -> None:
    assert sum(delays_s(retrier_for(task, error))) >= 15 * MINUTE_S


# AWS documents Lambda.Unknown for functions that ran out of memory, and Lambda reports the other names.
@pytest.mark.parametrize(
    "error", ["Runtime.ExitError", "Runtime.OutOfMemory", "Lambda.Unknown", "MemoryError"]
)
@pytest.mark.parametrize("task", WORKER_TASKS)
def test_a_step_that_runs_out_of_memory_is_retried_twice(task: Task, error: str) -> None:
    assert len(delays_s(retrier_for(task, error))) == 2


@pytest.mark.parametrize("error", ["States.Timeout", "Sandbox.Timedout"])
@pytest.mark.parametrize("task", WORKER_TASKS)
def test_a_step_that_takes_too_long_is_retried_twice(task: Task, error: str) -> None:
    assert len(delays_s(retrier_for(task, error))) == 2


@pytest.mark.parametrize("task", EVERY_TASK)
def test_a_step_without_free_concurrency_is_retried_for_most_of_a_day(task: Task) -> None:
    waiting_s = sum(delays_s(retrier_for(task, "Lambda.TooManyRequestsException")))

    assert 20 * HOUR_S < waiting_s < DEFINITION["TimeoutSeconds"]


@pytest.mark.parametrize("task", EVERY_TASK)
def test_no_error_is_without_a_rule(task: Task) -> None:
    assert task["Retry"][-1]["ErrorEquals"] == ["States.ALL"]


def test_an_execution_ends_within_a_day() -> None:
    assert DEFINITION["TimeoutSeconds"] == 24 * HOUR_S


def test_map_concurrency_is_a_parameter_of_the_template() -> None:
    pattern = source()["Parameters"]["MaxConcurrentSegments"]["AllowedPattern"]

    assert pattern.endswith(f"|{MAX_CONCURRENT_SEGMENTS})$")
    for name in ("DetectSegments", "AssociateWindows"):
        # Step Functions evaluates the expression after CloudFormation has inserted the number.
        assert STATES[name]["MaxConcurrency"] == "{% ${MaxConcurrentSegments} %}"


def longest_history_events(segments: int, windows: int, concurrency: int) -> int:
    """Returns an upper bound for the number of events in an execution's history.

    Each retrier of each task has its own budget of attempts. The bound assumes that every budget is used up,
    the shortest pauses first, and that attempts take no time. Only the duration of the execution limits them:
    at most `concurrency` tasks wait at the same time.
    """
    in_maps = {id(DETECT): segments, id(ASSOCIATE): windows}
    tasks = [task for task in EVERY_TASK for _ in range(in_maps.get(id(task), 1))]
    pauses_s = sorted(pause for task in tasks for pause in all_delays_s(task))
    left_s = concurrency * DEFINITION["TimeoutSeconds"]
    retries = 0
    for pause_s, group in groupby(pauses_s):
        count = min(sum(1 for _ in group), int(left_s // pause_s))
        retries += count
        left_s -= count * pause_s
    # Scheduled, started, failed.
    events_a_retry = 3
    # A task: entered, scheduled, started, succeeded, exited. In a map, also start and end of its item.
    events_a_task = 7
    # Entering, starting, ending and leaving two maps; the choice and the end; both ends of the execution.
    others = 20
    return events_a_retry * retries + events_a_task * len(tasks) + others


def all_delays_s(task: Task) -> Iterator[float]:
    for retrier in task["Retry"]:
        if retrier["MaxAttempts"]:
            yield from delays_s(retrier)


def test_the_worst_throttling_does_not_fill_the_history_of_an_execution() -> None:
    longest = VideoMetadata("h264", "QuickTime / MOV", MAX_DURATION_MS, 240.0, 64, 64, None)
    windows = len(plan_windows(longest))

    assert longest_history_events(MAX_SEGMENTS, windows, MAX_CONCURRENT_SEGMENTS) < MAX_HISTORY_EVENTS


def test_a_thousand_segments_would_fill_the_history_of_an_execution() -> None:
    assert longest_history_events(1000, 24, MAX_CONCURRENT_SEGMENTS) > MAX_HISTORY_EVENTS


@pytest.mark.parametrize("name", ["PlanJob", "DetectSegments", "AssociateWindows", "LinkTracks"])
def test_the_last_step_receives_every_final_error(name: str) -> None:
    (catch,) = STATES[name]["Catch"]

    assert catch["ErrorEquals"] == ["States.ALL"]
    assert catch["Next"] == "PublishCompletion"
    assert catch["Output"] == {
        "job_id": "{% $states.input.job_id %}",
        "error": "{% $states.errorOutput %}",
    }
    passed_on = {"job_id": "a job", "error": {"Error": "VideoError", "Cause": "it is not a video"}}
    assert FailedStep.from_event(passed_on).outcome().message == "it is not a video"


def test_no_error_of_the_last_step_is_hidden() -> None:
    assert "Catch" not in STATES["PublishCompletion"]
