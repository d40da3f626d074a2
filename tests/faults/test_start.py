"""Faults between an upload and the start of its job."""

from __future__ import annotations

import pytest

from people_pathing.pipeline.job_record import JobState
from people_pathing.pipeline.tracking_client import MISCONFIGURED_CODES, UNREADABLE_CODES
from tests.fakes.person_tracking import ServiceError
from tests.fakes.pipeline import MINUTE_MS, VIDEOS, FakePipeline, make_bucket
from tests.faults.scenario import ReportOutcome, finish_all, pass_minutes, states


@pytest.mark.faults("{code} at start", expected="the job waits, and starts within minutes")
@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("LimitExceededException", 400),
        ("ThrottlingException", 400),
        ("ProvisionedThroughputExceededException", 400),
        ("InternalServerError", 500),
        ("403", 403),
        ("AnUnknownException", 400),
    ],
)
def test_a_job_waits_after_a_transient_error_and_starts_when_the_error_is_over(
    pipeline: FakePipeline, report_outcome: ReportOutcome, code: str, status: int
) -> None:
    errors = iter([ServiceError(code, status=status)] * 3)

    def fail_three_starts(operation: str) -> None:
        if operation == "StartPersonTracking" and (error := next(errors, None)):
            raise error

    pipeline.service.before = fail_three_starts
    pipeline.on_upload(pipeline.upload("a.mp4"))
    calls = pipeline.service.calls["StartPersonTracking"]
    first_state = pipeline.record().state
    assert first_state == JobState.WAITING
    # At the limit, an immediate retry would only use up the caller's request rate.
    if code == "LimitExceededException":
        assert calls == 1

    for _ in range(3):
        pipeline.now_ms += MINUTE_MS
        pipeline.on_schedule()

    assert pipeline.record().state == JobState.IN_PROGRESS
    finish_all(pipeline)
    assert states(pipeline) == "1 SUCCEEDED"
    report_outcome(f"{first_state} after {calls} call(s), then {states(pipeline)}")


@pytest.mark.faults("VideoTooLargeException at start", expected="FAILED with the service's message, at once")
def test_a_video_that_the_service_rejects_fails_at_once_with_the_message_of_the_service(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    def fail(_operation: str) -> None:
        raise ServiceError("VideoTooLargeException", "the service's message")

    pipeline.service.before = fail
    pipeline.on_upload(pipeline.upload("a.mp4"))

    assert pipeline.record().state == JobState.FAILED
    assert pipeline.record().reason == "VideoTooLargeException: the service's message"
    assert pipeline.service.calls["StartPersonTracking"] == 1
    report_outcome(f"FAILED: {pipeline.record().reason}")


@pytest.mark.faults(
    "{code} at start for an hour, then the configuration is repaired",
    expected="the job waits and is counted as stuck, then starts",
)
@pytest.mark.parametrize("code", sorted(MISCONFIGURED_CODES | UNREADABLE_CODES))
def test_a_job_waits_while_the_configuration_is_wrong_and_starts_when_it_is_repaired(
    pipeline: FakePipeline, report_outcome: ReportOutcome, code: str
) -> None:
    def fail(_operation: str) -> None:
        raise ServiceError(code, "the service's message")

    pipeline.service.before = fail
    pipeline.on_upload(pipeline.upload("a.mp4"))
    pass_minutes(pipeline, 60)
    refused = pipeline.record()
    assert (refused.state, refused.reason) == (JobState.WAITING, f"{code}: the service's message")
    assert pipeline.job_metrics.counts["stuck"] > 0
    assert pipeline.job_metrics.counts[JobState.FAILED] == 0

    pipeline.service.before = lambda _operation: None
    pass_minutes(pipeline, 6)

    assert pipeline.record().state == JobState.IN_PROGRESS
    report_outcome(f"{refused.attempts} attempts in an hour, then {states(pipeline)}")


@pytest.mark.faults("the object is deleted while its job waits", expected="FAILED, and never tracked")
def test_a_video_that_is_deleted_while_its_job_waits_is_never_tracked(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    pipeline.service.limit = 0
    pipeline.on_upload(pipeline.upload("a.mp4"))
    pipeline.s3.delete_object(Bucket=VIDEOS, Key="a.mp4")
    pipeline.service.limit = 1
    pass_minutes(pipeline)

    assert pipeline.record().state == JobState.FAILED
    assert pipeline.service.jobs == {}
    report_outcome(f"FAILED: {pipeline.record().reason}")


@pytest.mark.faults(
    "the object is overwritten while its job waits, in a bucket without versions",
    expected="FAILED; the new object is tracked",
)
def test_only_the_new_object_is_tracked_if_a_bucket_without_versions_lost_the_old_one(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    make_bucket(pipeline.s3, "unversioned", versioned=False)
    pipeline.service.limit = 0
    pipeline.on_upload(pipeline.upload("a.mp4", b"old", bucket="unversioned"))
    pipeline.on_upload(pipeline.upload("a.mp4", b"new", bucket="unversioned"))
    pipeline.service.limit = 1
    pass_minutes(pipeline, 1)
    finish_all(pipeline)

    assert states(pipeline) == "1 FAILED, 1 SUCCEEDED"
    report_outcome(f"{states(pipeline)}: {pipeline.records()[0].reason}")


@pytest.mark.faults(
    "the object is overwritten while its job waits, in a bucket with versions",
    expected="both versions are tracked",
)
def test_both_versions_are_tracked_if_a_versioned_object_is_overwritten_while_its_job_waits(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    pipeline.service.limit = 0
    pipeline.on_upload(pipeline.upload("a.mp4", b"old"))
    pipeline.on_upload(pipeline.upload("a.mp4", b"new"))
    pipeline.service.limit = 2
    pass_minutes(pipeline, 1)
    finish_all(pipeline)

    assert states(pipeline) == "2 SUCCEEDED"
    report_outcome(states(pipeline))
