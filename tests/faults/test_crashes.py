"""A function dies between two calls; a later delivery or the schedule finishes its work."""

from __future__ import annotations

from itertools import count

import pytest

from people_pathing.pipeline.job_record import JobState
from tests.fakes.memory_table import MemoryTable
from tests.fakes.pipeline import FakePipeline
from tests.faults.injection import NoCrashError, crash_at
from tests.faults.scenario import (
    A_FEW,
    AFTER_LEASE_MS,
    OBSERVATIONS,
    PAGE_COUNT,
    ReportOutcome,
    comparable_files,
    finish_all,
    pass_minutes,
    states,
)

# The first call records the job, the second one leases it, and the third one records the start.
WRITES_BEFORE_START_IS_RECORDED = 2


@pytest.mark.faults(
    "crash after the start, before it is recorded; the notice arrives before the restart",
    expected="started again when the lease has ended, which gives the same job; collected by its first poll",
)
def test_a_job_whose_notice_came_before_its_start_was_recorded_is_collected_within_minutes(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    uploaded = pipeline.upload("a.mp4")
    with crash_at(pipeline.dynamodb, "PutItem", skip=WRITES_BEFORE_START_IS_RECORDED):
        pipeline.on_upload(uploaded)
    assert pipeline.record().state == JobState.WAITING
    assert len(pipeline.service.jobs) == 1

    finish_all(pipeline)
    minutes = pass_minutes(pipeline)

    assert (states(pipeline), len(pipeline.service.jobs)) == ("1 SUCCEEDED", 1)
    assert minutes <= 4
    report_outcome(f"{states(pipeline)} after {minutes} min, {len(pipeline.service.jobs)} job")


@pytest.mark.faults(
    "crash after the start, before it is recorded; the notice arrives when the lease has ended",
    expected="started again, which gives the same job; collected at once",
)
def test_a_notice_finishes_a_job_whose_starting_function_died(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    uploaded = pipeline.upload("a.mp4")
    with crash_at(pipeline.dynamodb, "PutItem", skip=WRITES_BEFORE_START_IS_RECORDED):
        pipeline.on_upload(uploaded)
    pipeline.now_ms += AFTER_LEASE_MS
    finish_all(pipeline)

    assert (states(pipeline), len(pipeline.service.jobs)) == ("1 SUCCEEDED", 1)
    report_outcome(f"{states(pipeline)}, {len(pipeline.service.jobs)} job")


@pytest.mark.faults(
    "crash after the start, before it is recorded; the notice is lost too",
    expected="the retried start returns the same job",
)
def test_a_retried_start_returns_the_job_whose_start_was_not_recorded(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    uploaded = pipeline.upload("a.mp4")
    with crash_at(pipeline.dynamodb, "PutItem", skip=WRITES_BEFORE_START_IS_RECORDED):
        pipeline.on_upload(uploaded)
    pipeline.service.succeed("job-1", A_FEW)
    minutes = pass_minutes(pipeline)

    assert (states(pipeline), len(pipeline.service.jobs)) == ("1 SUCCEEDED", 1)
    report_outcome(f"{states(pipeline)} after {minutes} min, {len(pipeline.service.jobs)} job")


@pytest.mark.faults(
    "crash after the job is recorded, before the start", expected="the schedule starts it; one job"
)
def test_the_schedule_starts_a_job_whose_function_died_before_the_start(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    uploaded = pipeline.upload("a.mp4")
    with crash_at(pipeline.rekognition, "StartPersonTracking"):
        pipeline.on_upload(uploaded)
    assert (pipeline.record().state, len(pipeline.service.jobs)) == (JobState.WAITING, 0)

    pass_minutes(pipeline, 3)

    assert pipeline.record().state == JobState.IN_PROGRESS
    finish_all(pipeline)
    assert (states(pipeline), len(pipeline.service.jobs)) == ("1 SUCCEEDED", 1)
    report_outcome(f"{states(pipeline)}, {len(pipeline.service.jobs)} job")


@pytest.mark.faults(
    "crash before the job is recorded; the event is delivered again", expected="one job, collected"
)
def test_a_repeated_event_starts_a_job_that_was_not_recorded(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    uploaded = pipeline.upload("a.mp4")
    with crash_at(pipeline.dynamodb, "PutItem"):
        pipeline.on_upload(uploaded)
    assert states(pipeline) == "no job"

    pipeline.on_upload(uploaded)
    finish_all(pipeline)

    assert states(pipeline) == "1 SUCCEEDED"
    report_outcome(states(pipeline))


@pytest.mark.faults(
    f"crash at each of the {PAGE_COUNT} pages of a long result, the notice delivered again",
    expected="the same files, byte for byte",
)
def test_collecting_resumes_after_a_crash_at_any_page_with_the_same_files(
    pipeline: FakePipeline, report_outcome: ReportOutcome, uninterrupted_files: dict[str, bytes]
) -> None:
    pipeline.table = MemoryTable()
    pages_read = []
    for page in range(PAGE_COUNT):
        pipeline.on_upload(pipeline.upload("a.mp4"))
        notice = pipeline.service.succeed(str(pipeline.records()[-1].job_id), OBSERVATIONS)
        with crash_at(pipeline.rekognition, "GetPersonTracking", skip=page):
            pipeline.on_notice(notice)
        assert pipeline.results(pipeline.records()[-1]) == {}

        pipeline.now_ms += AFTER_LEASE_MS
        calls_before = pipeline.service.calls["GetPersonTracking"]
        pipeline.on_notice(notice)

        pages_read.append(pipeline.service.calls["GetPersonTracking"] - calls_before)
        assert comparable_files(pipeline, pipeline.records()[-1]) == uninterrupted_files
    # The first 20 pages are two stored chunks, so a crash at the end leaves 5 pages to read.
    assert (min(pages_read), max(pages_read)) == (5, PAGE_COUNT)
    report_outcome(
        f"{len(pages_read)} times the same files; {min(pages_read)} to {max(pages_read)} pages read again"
    )


@pytest.mark.faults(
    "crash at each call that stores results",
    expected="never a job.json without the other files; the same files at the end",
)
def test_results_look_complete_only_when_all_files_are_stored(
    pipeline: FakePipeline, report_outcome: ReportOutcome, uninterrupted_files: dict[str, bytes]
) -> None:
    pipeline.table = MemoryTable()
    crashes = 0
    for operation in ("PutObject", "GetObject", "DeleteObjects"):
        for skip in count():
            assert skip < 100, f"{operation} does not stop being called"
            pipeline.on_upload(pipeline.upload("a.mp4"))
            notice = pipeline.service.succeed(str(pipeline.records()[-1].job_id), OBSERVATIONS)
            try:
                with crash_at(pipeline.s3, operation, skip=skip):
                    pipeline.on_notice(notice)
            except NoCrashError:
                break
            crashes += 1
            present = set(pipeline.results(pipeline.records()[-1]))
            assert "job.json" not in present or len(present) == 3

            pipeline.now_ms += AFTER_LEASE_MS
            pipeline.on_notice(notice)

            record = pipeline.records()[-1]
            assert record.state == JobState.SUCCEEDED
            assert comparable_files(pipeline, record) == uninterrupted_files
    assert crashes >= 10
    report_outcome(f"{crashes} crashes, {crashes} times the same files")
