"""What the steps of a job take and return, and one job run by calling the steps directly."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from people_pathing.common.json_values import from_mapping
from people_pathing.service.composition.worker import compose_worker
from people_pathing.service.handlers.finish import publish
from people_pathing.service.steps.associate import associate
from people_pathing.service.steps.context import JobEndedError
from people_pathing.service.steps.detect import detect
from people_pathing.service.steps.link import link
from people_pathing.service.steps.plan import plan
from people_pathing.service.steps.tasks import (
    AssociatedWindow,
    DetectedSegment,
    EndedJob,
    FailedStep,
    JobTask,
    PlannedJob,
    SegmentTask,
    WindowTask,
    to_event,
)
from tests.unit.service.test_worker import bright_models, draw_walker
from tests.unit.service.world import CONTEXT, JOB_STORE_TABLE, World, call, put_video


def test_a_job_runs_by_calling_its_steps_without_lambda(world: World) -> None:
    put_video(world.s3, body=draw_walker(Fraction(10), 10))
    job_id = world.start()
    context = replace(compose_worker(), models=bright_models)

    planned = plan(JobTask(job_id), context)
    detected = [detect(SegmentTask(job_id, segment), context) for segment in planned.segments]
    ended = link(JobTask(job_id), context, now_ms=lambda: world.job(job_id).started_ms)

    assert planned == PlannedJob(job_id, (0,), ())
    assert detected == [DetectedSegment(0, 10)]
    assert ended == EndedJob(job_id, "SUCCEEDED")
    publish(to_event(ended), CONTEXT)
    assert len(call("GetPersonTracking", {"JobId": job_id}).body["Persons"]) == 10


@pytest.mark.parametrize(
    ("value", "event"),
    [
        (JobTask("j"), {"job_id": "j"}),
        (PlannedJob("j", (0, 1), ()), {"job_id": "j", "segments": [0, 1], "windows": []}),
        (SegmentTask("j", 3), {"job_id": "j", "segment": 3}),
        (DetectedSegment(0, 0), {"segment": 0, "detections": 0}),
        (WindowTask("j", 0), {"job_id": "j", "window": 0}),
        (AssociatedWindow(2), {"window": 2}),
        (EndedJob("j", "SUCCEEDED"), {"job_id": "j", "status": "SUCCEEDED"}),
        (EndedJob("j", "ERROR", "why"), {"job_id": "j", "status": "ERROR", "message": "why"}),
    ],
)
def test_values_pass_through_the_state_machine_unchanged(value: Any, event: dict[str, Any]) -> None:
    assert to_event(value) == event
    assert from_mapping(type(value), event) == value


def test_a_task_with_unknown_members_is_an_error() -> None:
    with pytest.raises(TypeError, match="segments"):
        from_mapping(JobTask, {"job_id": "j", "segments": []})


def test_a_failure_without_a_cause_is_an_error_of_the_service() -> None:
    failed = FailedStep.from_event({"job_id": "j", "error": {"Error": "States.Timeout"}})

    assert failed == FailedStep("j", "States.Timeout", "")
    assert failed.outcome() == EndedJob("j", "ERROR", "The service failed to process the video.")


@pytest.mark.parametrize(
    ("cause", "message"),
    [
        ('{"errorMessage": "s3://videos/a: no video", "errorType": "VideoError"}', "s3://videos/a: no video"),
        ("s3://videos/a: no video", "s3://videos/a: no video"),
        ('{"StoppedReason": "exit status 1"}', '{"StoppedReason": "exit status 1"}'),
        ('{"errorMessage": null}', '{"errorMessage": null}'),
        ('["errorMessage"]', '["errorMessage"]'),
        ("7", "7"),
        ("", ""),
    ],
)
def test_a_fault_of_the_video_is_recognised_by_its_name_whatever_the_form_of_its_cause(
    cause: str, message: str
) -> None:
    assert FailedStep("j", "VideoError", cause).outcome() == EndedJob("j", "FAILED", message)
    failed = FailedStep("j", "States.TaskFailed", cause)
    assert failed.outcome() == EndedJob("j", "ERROR", "The service failed to process the video.")


@pytest.mark.parametrize("end_first", [True, False])
def test_the_steps_of_a_job_that_has_ended_do_not_run(world: World, end_first: bool) -> None:
    """A redriven execution would run without a slot."""
    job_id = world.start()
    if end_first:
        publish({"job_id": job_id, "status": "SUCCEEDED"}, CONTEXT)
    else:
        world.jobs.remove(job_id)
        world.session.client("dynamodb").delete_item(
            TableName=JOB_STORE_TABLE, Key={"pk": {"S": job_id[:32]}}
        )
    context = compose_worker()

    for step in (
        lambda: plan(JobTask(job_id), context),
        lambda: detect(SegmentTask(job_id, 0), context),
        lambda: associate(WindowTask(job_id, 0), context),
        lambda: link(JobTask(job_id), context),
    ):
        with pytest.raises(JobEndedError, match="start the video again"):
            step()
