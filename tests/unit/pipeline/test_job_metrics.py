"""What is counted, and when it is written to the log."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from people_pathing.pipeline.job_metrics import JobMetrics
from people_pathing.pipeline.job_record import JobRecord
from people_pathing.pipeline.observability import metrics
from people_pathing.pipeline.video import Video

NOW = 1_769_860_800_000
RECORD = JobRecord.of(Video("videos", "a.mp4", "v1", "v1"), NOW - 5000, NOW)


@pytest.fixture(autouse=True)
def _no_other_metrics() -> None:
    metrics.clear_metrics()


def _written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_end_of_a_job_is_written_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    JobMetrics().finished(RECORD.failed("no video", NOW))
    (line,) = _written(capsys)
    (group,) = line["_aws"]["CloudWatchMetrics"]
    assert (group["Namespace"], group["Dimensions"]) == (metrics.namespace, [["service"]])
    assert (line["service"], line["JobsFailed"], line["UploadToResultTime"]) == ("pipeline", [1.0], [5.0])
    assert metrics.metric_set == {}


@pytest.mark.parametrize(
    "end", [lambda record: record.failed("no video", NOW), lambda record: record.succeeded(NOW)]
)
def test_the_end_of_a_smoke_test_is_not_counted(
    end: Callable[[JobRecord], JobRecord], capsys: pytest.CaptureFixture[str]
) -> None:
    clip = Video("videos", "people-pathing-smoke/scheduled/1.mp4", "v1", "v1")
    JobMetrics().finished(end(JobRecord.of(clip, NOW - 5000, NOW)))
    assert _written(capsys) == []
    assert metrics.metric_set == {}


@pytest.mark.parametrize(
    ("lasts_ms", "names"), [(899_999, ["JobsDeferred"]), (900_000, ["JobsDeferred", "JobsStuck"])]
)
def test_a_deferral_is_counted_as_stuck_after_fifteen_minutes(lasts_ms: int, names: list[str]) -> None:
    JobMetrics().deferred(replace(RECORD, trouble_since_ms=NOW - lasts_ms))
    assert sorted(metrics.metric_set) == names
