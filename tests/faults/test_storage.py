"""The job table or the results bucket is unavailable for a while."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from people_pathing.pipeline.job_record import JobState
from tests.fakes.aws_errors import client_error
from tests.fakes.pipeline import MINUTE_MS, FakePipeline
from tests.faults.injection import failing, hooked
from tests.faults.scenario import (
    A_FEW,
    ENOUGH_MINUTES,
    OBSERVATIONS,
    ReportOutcome,
    comparable_files,
    finish_all,
    pass_minutes,
    states,
)


@pytest.mark.faults(
    "the job table is throttled when an upload arrives", expected="raised; delivered again, it is one job"
)
def test_an_upload_that_cannot_be_recorded_raises_and_a_repeated_event_starts_it(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    uploaded = pipeline.upload("a.mp4")
    with (
        failing(pipeline.dynamodb, "PutItem", "ProvisionedThroughputExceededException"),
        pytest.RaisesGroup(ClientError),
    ):
        pipeline.on_upload(uploaded)

    pipeline.on_upload(uploaded)
    finish_all(pipeline)

    assert states(pipeline) == "1 SUCCEEDED"
    report_outcome(f"raised, then {states(pipeline)}")


@pytest.mark.faults(
    "the job table is throttled after the job is recorded, before the start",
    expected="raised; the schedule starts it",
)
def test_the_schedule_starts_a_recorded_job_whose_queue_could_not_be_read(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    uploaded = pipeline.upload("a.mp4")
    with (
        failing(pipeline.dynamodb, "Query", "ProvisionedThroughputExceededException"),
        pytest.raises(ClientError, match="ProvisionedThroughputExceededException"),
    ):
        pipeline.on_upload(uploaded)

    pipeline.on_upload(uploaded)
    pass_minutes(pipeline, 1)
    finish_all(pipeline)

    assert (states(pipeline), len(pipeline.service.jobs)) == ("1 SUCCEEDED", 1)
    report_outcome(f"raised, then {states(pipeline)}")


@pytest.mark.faults(
    "the waiting jobs cannot be read", expected="raised; the jobs that have ended are still collected"
)
def test_jobs_that_have_ended_are_collected_even_if_the_waiting_jobs_cannot_be_read(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    pipeline.service.succeed("job-1", A_FEW)
    pipeline.now_ms += ENOUGH_MINUTES * MINUTE_MS

    def fail_waiting(**values: Any) -> None:
        if values["params"]["ExpressionAttributeValues"][":state"] == {"S": "WAITING"}:
            raise client_error("InternalServerError", "Query", 500)

    with hooked(pipeline.dynamodb, "before-parameter-build", "Query", fail_waiting):
        try:
            pipeline.on_schedule()
        except* ClientError as errors:
            error_count = len(errors.exceptions)
        else:
            pytest.fail("the error was not raised")

    assert states(pipeline) == "1 SUCCEEDED"
    report_outcome(f"{error_count} errors raised, {states(pipeline)}")


@pytest.mark.faults(
    "the results bucket denies access for half an hour",
    expected="the job stays open, and is collected afterwards",
)
def test_a_job_stays_open_while_its_results_cannot_be_stored(
    pipeline: FakePipeline, report_outcome: ReportOutcome, uninterrupted_files: dict[str, bytes]
) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    notice = pipeline.service.succeed("job-1", OBSERVATIONS)
    with failing(pipeline.s3, "PutObject", "AccessDenied"):
        pipeline.on_notice(notice)
        pass_minutes(pipeline, 30)
        denied = pipeline.record()
    assert denied.state == JobState.IN_PROGRESS

    minutes = pass_minutes(pipeline)

    assert states(pipeline) == "1 SUCCEEDED"
    assert comparable_files(pipeline, pipeline.record()) == uninterrupted_files
    report_outcome(f"{denied.attempts} attempts ({denied.reason}), {states(pipeline)} {minutes} min after")
