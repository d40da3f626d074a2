"""Faults while jobs wait for their start."""

from __future__ import annotations

from typing import Any

import pytest

from people_pathing.pipeline.job_record import JobState
from tests.fakes.aws_errors import client_error
from tests.fakes.person_tracking import Job
from tests.fakes.pipeline import MINUTE_MS, FakePipeline
from tests.faults.injection import hooked
from tests.faults.scenario import ENOUGH_MINUTES, ReportOutcome, finish_all, pass_minutes, states


@pytest.mark.faults(
    "a function reaches its deadline in the middle of the queue",
    expected="the schedule starts the other jobs",
)
def test_the_schedule_starts_the_jobs_for_which_an_invocation_had_no_time(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    pipeline.service.limit = 0
    for number in range(6):
        pipeline.on_upload(pipeline.upload(f"{number}.mp4"))
    pipeline.service.limit = 6
    pipeline.deadline_reached = lambda: len(pipeline.service.running()) == 4
    pipeline.queue.start()
    started_before_deadline = len(pipeline.service.running())
    pipeline.deadline_reached = lambda: False
    pipeline.on_schedule()

    assert (started_before_deadline, len(pipeline.service.running())) == (4, 6)
    report_outcome(f"{started_before_deadline} started, then {len(pipeline.service.running())}")


@pytest.mark.faults(
    "at each of the first starts, another function works on the same queue", expected="each job started once"
)
def test_functions_that_work_on_the_same_queue_start_each_job_once(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    pipeline.service.limit = 0
    for number in range(8):
        pipeline.on_upload(pipeline.upload(f"{number}.mp4"))
    pipeline.service.limit = 6
    pipeline.service.calls.clear()

    def start_from_another_function(**_: object) -> None:
        if pipeline.service.calls["StartPersonTracking"] < 4:
            pipeline.queue.start()

    with hooked(pipeline.rekognition, "before-call", "StartPersonTracking", start_from_another_function):
        pipeline.queue.start()

    assert len(pipeline.service.running()) == 6
    calls = pipeline.service.calls["StartPersonTracking"]
    # The calls beyond the six started jobs meet the limit. A few are unavoidable.
    assert calls <= 6 + 5
    finish_all(pipeline)
    assert (states(pipeline), len(pipeline.service.jobs)) == ("8 SUCCEEDED", 8)
    report_outcome(f"6 jobs started with {calls} calls; {states(pipeline)}")


@pytest.mark.faults(
    "other callers' jobs, which send no notice to the pipeline, reach the job limit",
    expected="started within a minute after one of them ends",
)
def test_a_job_starts_within_a_minute_after_the_end_of_another_callers_job(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    pipeline.service.limit = 2
    pipeline.service.jobs |= {f"other-{number}": Job(f"other-{number}", {}) for number in range(2)}
    pipeline.on_upload(pipeline.upload("a.mp4"))
    assert pipeline.record().state == JobState.WAITING

    pipeline.service.jobs["other-1"].status = "SUCCEEDED"
    minutes = 0
    while pipeline.record().state is JobState.WAITING and minutes < ENOUGH_MINUTES:
        minutes += 1
        pipeline.now_ms += MINUTE_MS
        pipeline.on_schedule()

    assert (pipeline.record().state, minutes) == (JobState.IN_PROGRESS, 1)
    report_outcome(f"IN_PROGRESS after {minutes} min")


@pytest.mark.faults(
    "many uploads to one folder, then an upload to another",
    expected="started in upload order, whatever the folder",
)
def test_jobs_start_in_upload_order_whatever_their_folder(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    pipeline.service.limit = 2
    busy = [f"busy/{number}.mp4" for number in range(9)]
    for key in (*busy[:6], "quiet/a.mp4", *busy[6:]):
        pipeline.on_upload(pipeline.upload(key))
    finish_all(pipeline)

    started = [job.request["Video"]["S3Object"]["Name"] for job in pipeline.service.jobs.values()]
    assert started == [record.key for record in pipeline.records()]
    report_outcome(f"quiet/a.mp4 was number {started.index('quiet/a.mp4') + 1} of {len(started)}")


@pytest.mark.faults(
    "the first jobs in the queue can never be started", expected="the jobs behind them are started"
)
def test_jobs_that_can_never_be_started_do_not_block_the_jobs_behind_them(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    blocked = [pipeline.upload(f"blocked-{number}.mp4") for number in range(4)]

    def fail_blocked(**values: Any) -> None:
        if "blocked" in values["params"]["Video"]["S3Object"]["Name"]:
            raise client_error("InternalServerError", "StartPersonTracking", 500)

    with hooked(pipeline.rekognition, "before-parameter-build", "StartPersonTracking", fail_blocked):
        for uploaded in (*blocked, pipeline.upload("good.mp4")):
            pipeline.on_upload(uploaded)
        pass_minutes(pipeline, 3)
        finish_all(pipeline)

    assert states(pipeline) == "1 SUCCEEDED, 4 WAITING"
    report_outcome(states(pipeline))
