"""Completion notices that are lost, repeated, early or late."""

from __future__ import annotations

import pytest

from people_pathing.pipeline.job_record import JobState
from tests.fakes.person_tracking import Job
from tests.fakes.pipeline import RESULTS, FakePipeline
from tests.faults.injection import crash_at, hooked, once
from tests.faults.scenario import A_FEW, OBSERVATIONS, PAGE_COUNT, ReportOutcome, pass_minutes, states


@pytest.mark.faults("the notice is lost", expected="polled, and collected")
def test_a_job_whose_notice_is_lost_is_polled_and_collected(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    pipeline.service.succeed("job-1", A_FEW)
    minutes = pass_minutes(pipeline)

    assert states(pipeline) == "1 SUCCEEDED"
    report_outcome(f"{states(pipeline)} after {minutes} min")


@pytest.mark.faults("the notice of a failure is lost", expected="polled; FAILED with the reason")
def test_a_job_whose_failure_notice_is_lost_fails_with_the_reason(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    pipeline.service.fail("job-1", "a.mp4 contains no video")
    minutes = pass_minutes(pipeline)

    assert (pipeline.record().state, pipeline.record().reason) == (JobState.FAILED, "a.mp4 contains no video")
    report_outcome(f"FAILED after {minutes} min: {pipeline.record().reason}")


@pytest.mark.faults("the notice arrives 5 times", expected="one set of results, read once")
def test_a_repeated_notice_does_not_collect_again(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    notice = pipeline.service.succeed("job-1", OBSERVATIONS)
    for _ in range(5):
        pipeline.on_notice(notice)

    assert pipeline.service.calls["GetPersonTracking"] == PAGE_COUNT
    prefix = pipeline.record().results_prefix
    versions = pipeline.s3.list_object_versions(Bucket=RESULTS, Prefix=prefix)["Versions"]
    assert len(versions) == 3
    report_outcome(f"{states(pipeline)}, {len(versions)} files written")


@pytest.mark.faults(
    "the notice arrives before the start is recorded",
    expected="collected by the first poll, a minute later",
)
def test_a_job_whose_notice_arrives_before_its_start_is_recorded_is_polled_after_a_minute(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    uploaded = pipeline.upload("a.mp4")

    @once
    def end_at_once() -> None:
        pipeline.on_notice(pipeline.service.succeed("job-1", A_FEW))

    with hooked(pipeline.rekognition, "after-call", "StartPersonTracking", end_at_once):
        pipeline.on_upload(uploaded)
    minutes = pass_minutes(pipeline)

    assert (states(pipeline), minutes) == ("1 SUCCEEDED", 1)
    report_outcome(f"{states(pipeline)} after {minutes} min")


@pytest.mark.faults(
    "the start is recorded while the collector handles the notice",
    expected="collected by the first poll, a minute later",
)
def test_a_job_whose_start_is_recorded_while_its_notice_is_handled_is_polled_after_a_minute(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    uploaded = pipeline.upload("a.mp4")
    with crash_at(pipeline.dynamodb, "PutItem", skip=2):
        pipeline.on_upload(uploaded)
    starting = pipeline.record()
    recorded = []

    @once
    def record_start() -> None:
        recorded.append(pipeline.table.replace(starting, starting.in_progress("job-1", pipeline.now_ms)))

    with hooked(pipeline.dynamodb, "after-call", "GetItem", record_start):
        pipeline.on_notice(pipeline.service.succeed("job-1", A_FEW))

    assert len(recorded) == 1
    assert recorded[0] is not None
    minutes = pass_minutes(pipeline)
    assert (states(pipeline), minutes) == ("1 SUCCEEDED", 1)
    report_outcome(f"{states(pipeline)} after {minutes} min")


@pytest.mark.faults(
    "the success notice arrives while the service still reports the job as in progress",
    expected="collected a minute later",
)
def test_a_notice_that_arrives_before_the_service_reports_the_end_is_not_lost(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    pipeline.on_notice(pipeline.service.notice("job-1"))
    assert pipeline.record().state == JobState.IN_PROGRESS

    pipeline.service.succeed("job-1", A_FEW)
    minutes = pass_minutes(pipeline)

    assert (states(pipeline), minutes) == ("1 SUCCEEDED", 1)
    report_outcome(f"{states(pipeline)} after {minutes} min")


@pytest.mark.faults(
    "another caller's job names our video, topic and role; its notices say {status}",
    expected="nothing changes; our own job is collected",
)
@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "ERROR"])
def test_another_callers_notices_neither_fail_nor_replace_our_results(
    pipeline: FakePipeline, report_outcome: ReportOutcome, status: str
) -> None:
    pipeline.service.limit = 1
    pipeline.on_upload(pipeline.upload("a.mp4"))
    pipeline.on_upload(pipeline.upload("b.mp4"))
    for record in pipeline.records():
        request = {"Video": {"S3Object": {"Bucket": "theirs", "Name": "c.mp4"}}, "JobTag": record.video_id}
        pipeline.service.jobs[f"their {record.key}"] = Job("theirs", request, status="SUCCEEDED")
        pipeline.on_notice(pipeline.service.notice(f"their {record.key}", status=status))
    assert states(pipeline) == "1 IN_PROGRESS, 1 WAITING"

    pipeline.on_notice(pipeline.service.succeed("job-1", A_FEW))
    pipeline.on_notice(pipeline.service.succeed("job-2", A_FEW))

    assert states(pipeline) == "2 SUCCEEDED"
    assert {record.job_id for record in pipeline.records()} == {"job-1", "job-2"}
    report_outcome(states(pipeline))
