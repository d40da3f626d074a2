"""Damaged events and unusual object keys, made by hypothesis."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from people_pathing.pipeline.events.completion_notice import InvalidNoticeError
from people_pathing.pipeline.events.envelopes import InvalidEventError
from people_pathing.pipeline.job_record import JobState
from tests.fakes.memory_table import MemoryTable
from tests.fakes.pipeline import FakePipeline, event
from tests.faults.hostile import MAX_KEY_BYTES, damaged, object_keys
from tests.faults.scenario import ReportOutcome, format_counts

pytestmark = pytest.mark.usefixtures("quiet_log")

EVENT_COUNT = 500
KEY_COUNT = 200
UNLIMITED = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))


def rejected_or_skipped(run: Callable[[], None], error_class: type[Exception]) -> str:
    """Runs a function and tells whether it raised an error of one class, and raises any other error."""
    try:
        run()
    except error_class:
        return "rejected"
    except ExceptionGroup as group:
        if group.split(error_class)[1] is not None:
            raise
        return "rejected"
    return "skipped"


@pytest.mark.faults(
    f"{EVENT_COUNT} hostile, truncated and unknown S3 events",
    expected="rejected with the right error or skipped; no other error",
)
def test_a_damaged_s3_event_is_rejected_or_skipped(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    pipeline.table = MemoryTable()
    outcomes: Counter[str] = Counter()

    @settings(UNLIMITED, max_examples=EVENT_COUNT)
    @given(damaged(event("s3-put")))
    def deliver(hostile: object) -> None:
        outcomes[rejected_or_skipped(lambda: pipeline.on_upload(hostile), InvalidEventError)] += 1

    deliver()
    assert {job.status for job in pipeline.service.jobs.values()} <= {"IN_PROGRESS"}
    report_outcome(format_counts(outcomes))


@pytest.mark.faults(
    f"{EVENT_COUNT} hostile, truncated and unknown SNS events",
    expected="rejected with the right error or skipped; no job ends, no other error",
)
def test_a_damaged_notice_is_rejected_or_skipped_and_ends_no_job(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    pipeline.table = MemoryTable()
    pipeline.on_upload(pipeline.upload("a.mp4"))
    outcomes: Counter[str] = Counter()
    whole = event("sns-succeeded")
    message = json.loads(whole["Records"][0]["Sns"]["Message"])
    hostile_events = st.one_of(
        damaged(whole),
        damaged(message).map(lambda part: {"Records": [{"Sns": {"Message": json.dumps(part)}}]}),
        st.text().map(lambda text: {"Records": [{"Sns": {"Message": text}}]}),
    )

    @settings(UNLIMITED, max_examples=EVENT_COUNT)
    @given(hostile_events)
    def deliver(hostile: object) -> None:
        outcomes[rejected_or_skipped(lambda: pipeline.on_notice(hostile), InvalidNoticeError)] += 1

    deliver()
    assert pipeline.record().state == JobState.IN_PROGRESS
    report_outcome(format_counts(outcomes))


@pytest.mark.faults(
    f"{KEY_COUNT} keys of 1 to {MAX_KEY_BYTES} bytes from all of Unicode",
    expected="each reaches the service unchanged and has its own results",
)
def test_every_object_key_reaches_the_service_unchanged_and_has_its_own_results(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    pipeline.service.limit = 10_000
    pipeline.table = MemoryTable()
    sizes = []

    @settings(UNLIMITED, max_examples=KEY_COUNT)
    @given(object_keys())
    def upload(key: str) -> None:
        jobs_before = len(pipeline.service.jobs)
        pipeline.on_upload(pipeline.upload(key))
        assert len(pipeline.service.jobs) == jobs_before + 1
        job = list(pipeline.service.jobs.values())[-1]
        assert job.request["Video"]["S3Object"]["Name"] == key
        sizes.append(len(key.encode()))

    upload()
    prefixes = {record.results_prefix for record in pipeline.records()}
    assert len(prefixes) == len(sizes)
    assert all(len((prefix + "observations.jsonl.gz").encode()) <= MAX_KEY_BYTES for prefix in prefixes)
    report_outcome(f"{len(sizes)} keys of {min(sizes)} to {max(sizes)} bytes, {len(prefixes)} prefixes")
