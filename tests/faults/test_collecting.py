"""Faults while the pages of a job become result files."""

from __future__ import annotations

import pytest

from people_pathing.pipeline.job_record import JobState
from tests.fakes.pipeline import MINUTE_MS, FakePipeline
from tests.faults.injection import crash_at, failing, hooked
from tests.faults.scenario import (
    AFTER_LEASE_MS,
    OBSERVATIONS,
    PAGE_COUNT,
    ReportOutcome,
    comparable_files,
    pass_minutes,
    states,
)


@pytest.mark.faults(
    "every invocation of the collector reaches its deadline",
    expected="each resumes where the previous one stopped",
)
def test_each_invocation_resumes_where_the_previous_one_stopped(
    pipeline: FakePipeline, report_outcome: ReportOutcome, uninterrupted_files: dict[str, bytes]
) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    notice = pipeline.service.succeed("job-1", OBSERVATIONS)
    checks = 0

    def every_twelfth_time() -> bool:
        nonlocal checks
        checks += 1
        return checks % 12 == 0

    pipeline.deadline_reached = every_twelfth_time
    pipeline.on_notice(notice)
    assert pipeline.record().state == JobState.IN_PROGRESS

    minutes = pass_minutes(pipeline)

    assert comparable_files(pipeline, pipeline.record()) == uninterrupted_files
    report_outcome(f"{states(pipeline)} after {minutes} min, the same files")


@pytest.mark.faults(
    "the page token of an interrupted collection has expired",
    expected="collected again from the first page, the same files",
)
def test_collecting_restarts_if_the_page_token_has_expired(
    pipeline: FakePipeline, report_outcome: ReportOutcome, uninterrupted_files: dict[str, bytes]
) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    notice = pipeline.service.succeed("job-1", OBSERVATIONS)
    with crash_at(pipeline.rekognition, "GetPersonTracking", skip=15):
        pipeline.on_notice(notice)
    progress = pipeline.record().progress
    assert progress is not None

    pipeline.service.expire_page_tokens()
    pipeline.now_ms += 24 * 60 * MINUTE_MS
    pipeline.on_schedule()

    assert comparable_files(pipeline, pipeline.record()) == uninterrupted_files
    report_outcome(f"{progress.chunk_count} chunk stored, then from the first page again, the same files")


@pytest.mark.faults("two collectors at once", expected="the second does nothing; one set of results")
def test_a_second_collector_leaves_the_job_to_the_first(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    notice = pipeline.service.succeed("job-1", OBSERVATIONS)
    remaining = 3

    def collect_at_the_same_time(**_: object) -> None:
        nonlocal remaining
        if remaining:
            remaining -= 1
            pipeline.on_notice(notice)

    with hooked(pipeline.rekognition, "after-call", "GetPersonTracking", collect_at_the_same_time):
        pipeline.on_notice(notice)

    calls = pipeline.service.calls["GetPersonTracking"]
    assert (states(pipeline), calls) == ("1 SUCCEEDED", PAGE_COUNT)
    report_outcome(f"{states(pipeline)}, {calls} pages read")


@pytest.mark.faults(
    "a collector stops responding until another takes over, and then continues",
    expected="one set of results, the same files",
)
def test_a_collector_that_lost_its_lease_changes_nothing(
    pipeline: FakePipeline, report_outcome: ReportOutcome, uninterrupted_files: dict[str, bytes]
) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    notice = pipeline.service.succeed("job-1", OBSERVATIONS)
    stalls = iter([False] * 14 + [True])

    def stall_at_the_fifteenth_page(**_: object) -> None:
        if next(stalls, False):
            pipeline.now_ms += AFTER_LEASE_MS
            pipeline.on_notice(notice)

    with hooked(pipeline.rekognition, "before-call", "GetPersonTracking", stall_at_the_fifteenth_page):
        pipeline.on_notice(notice)

    assert pipeline.record().state == JobState.SUCCEEDED
    assert comparable_files(pipeline, pipeline.record()) == uninterrupted_files
    assert pipeline.job_metrics.counts[JobState.SUCCEEDED] == 1
    report_outcome(f"{states(pipeline)}, the same files, counted once")


@pytest.mark.faults("the service no longer knows a job", expected="FAILED, with that reason")
def test_a_job_that_the_service_no_longer_knows_fails(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    pipeline.service.forget("job-1")
    pipeline.now_ms += 9 * 24 * 3600 * 1000
    pass_minutes(pipeline)

    assert pipeline.record().state == JobState.FAILED
    report_outcome(f"FAILED: {pipeline.record().reason}")


@pytest.mark.faults(
    "GetPersonTracking is throttled during the collection", expected="collected later, the same files"
)
def test_a_throttled_collection_is_finished_later(
    pipeline: FakePipeline, report_outcome: ReportOutcome, uninterrupted_files: dict[str, bytes]
) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    notice = pipeline.service.succeed("job-1", OBSERVATIONS)
    with failing(pipeline.rekognition, "GetPersonTracking", "ThrottlingException"):
        pipeline.on_notice(notice)
    assert pipeline.record().state == JobState.IN_PROGRESS

    minutes = pass_minutes(pipeline)

    assert comparable_files(pipeline, pipeline.record()) == uninterrupted_files
    report_outcome(f"{states(pipeline)} {minutes} min after")
