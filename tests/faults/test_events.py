"""S3 events that are repeated, out of order or partly invalid."""

from __future__ import annotations

import pytest

from people_pathing.pipeline.events.envelopes import InvalidEventError
from tests.fakes.pipeline import FakePipeline
from tests.faults.scenario import ReportOutcome, finish_all, states


@pytest.mark.faults(
    "the same upload event 5 times, before, during and after its job", expected="one job, one set of results"
)
def test_a_repeated_event_starts_one_job(pipeline: FakePipeline, report_outcome: ReportOutcome) -> None:
    uploaded = pipeline.upload("a.mp4")
    doubled = {"Records": uploaded["Records"] * 2}
    for _ in range(2):
        pipeline.on_upload(doubled)
    finish_all(pipeline)
    pipeline.on_upload(uploaded)

    assert (states(pipeline), len(pipeline.service.jobs)) == ("1 SUCCEEDED", 1)
    report_outcome(f"{states(pipeline)}, {len(pipeline.service.jobs)} job")


@pytest.mark.faults(
    "the events of two versions of a key arrive in the wrong order",
    expected="each version has its own job and results",
)
def test_each_version_has_its_own_job_and_results_in_any_order_of_events(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    older, newer = pipeline.upload("a.mp4"), pipeline.upload("a.mp4")
    for uploaded in (newer, older, newer):
        pipeline.on_upload(uploaded)
    finish_all(pipeline)

    prefixes = {record.results_prefix for record in pipeline.records()}
    assert (states(pipeline), len(prefixes)) == ("2 SUCCEEDED", 2)
    report_outcome(states(pipeline))


@pytest.mark.faults(
    "an invalid record between two valid ones",
    expected="both valid ones are tracked; the invalid one is raised",
)
def test_an_invalid_record_raises_and_the_valid_records_of_its_event_are_tracked(
    pipeline: FakePipeline, report_outcome: ReportOutcome
) -> None:
    valid = [pipeline.upload(key)["Records"][0] for key in ("a.mp4", "b.mp4")]
    with pytest.RaisesGroup(InvalidEventError) as raised:
        pipeline.on_upload({"Records": [valid[0], {"eventVersion": "2.1"}, valid[1]]})
    finish_all(pipeline)

    assert states(pipeline) == "2 SUCCEEDED"
    report_outcome(f"{states(pipeline)}; raised: {raised.value.exceptions[0]}")
