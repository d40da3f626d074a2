"""The three handlers as Lambda calls them: settings from the environment, clients of their own, figures."""

import importlib
import io
import json
import os
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from people_pathing.pipeline.job_record import JobState
from people_pathing.pipeline.observability import logger
from tests.fakes.person_tracking import FakePersonTracking, person
from tests.fakes.pipeline import FakedApp, event
from tests.unit.pipeline.test_settings import COMPLETE

ENVIRONMENT = {
    **COMPLETE,
    "JOB_TABLE": "people-pathing-jobs",
    "RESULTS_BUCKET": "people-pathing-results",
    "AWS_ACCESS_KEY_ID": "fake",
    "AWS_SECRET_ACCESS_KEY": "fake",
    "AWS_DEFAULT_REGION": "eu-central-1",
}


class Context:
    """What Lambda passes beside the event."""

    function_name = "function"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:function"
    aws_request_id = "request"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000_000


def _entry(name: str, service: FakePersonTracking) -> ModuleType:
    """A fresh process, so to speak, whose rekognition client reaches the fake."""
    module = importlib.import_module(f"people_pathing.pipeline.handlers.{name}")
    module.application.cache_clear()
    service.attach(module.application().rekognition)
    return module


@pytest.fixture
def _environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    yield
    for name in ("start_tracking", "collect_results", "reconcile_jobs"):
        importlib.import_module(f"people_pathing.pipeline.handlers.{name}").application.cache_clear()


def _metrics(output: str) -> dict[str, Any]:
    """The figures among what a function has printed (CloudWatch's embedded metric format)."""
    found: dict[str, Any] = {}
    for line in output.splitlines():
        record = json.loads(line)
        for group in record.get("_aws", {}).get("CloudWatchMetrics", []):
            assert group["Namespace"] == "PeoplePathing"
            assert group["Dimensions"] == [["service"]]
            found |= {metric["Name"]: record[metric["Name"]] for metric in group["Metrics"]}
    return found


@pytest.mark.usefixtures("_environment")
def test_the_handlers_take_a_video_from_its_upload_to_its_results(
    app: FakedApp, capsys: pytest.CaptureFixture[str]
) -> None:
    _entry("start_tracking", app.service).handler(app.upload("a.mp4"), Context())
    assert _metrics(capsys.readouterr().out) == {"UploadsReceived": [1.0], "JobsStarted": [1.0]}

    _entry("reconcile_jobs", app.service).handler({"source": "aws.events"}, Context())
    assert _metrics(capsys.readouterr().out) == {"JobsWaiting": [0.0], "OldestWaitingAge": [0.0]}

    notice = app.service.succeed("job-1", [person(0, 0, 0, 0)])
    _entry("collect_results", app.service).handler(notice, Context())
    figures = _metrics(capsys.readouterr().out)
    assert figures["JobsSucceeded"] == [1.0]
    assert figures["UploadToResultTime"][0] > 0
    assert app.record().state is JobState.SUCCEEDED
    assert len(app.results(app.record())) == 3


@pytest.mark.usefixtures("_environment")
def test_every_line_about_a_job_names_the_video_and_the_job(
    app: FakedApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    _entry("start_tracking", app.service).handler(app.upload("a.mp4"), Context())
    printed = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", printed)
    _entry("collect_results", app.service).handler(app.service.fail("job-1", "no video"), Context())
    (line,) = [json.loads(line) for line in printed.getvalue().splitlines()]
    assert line["message"] == "the job failed"
    assert (line["video"]["key"], line["job_id"], line["reason"]) == ("a.mp4", "job-1", "no video")


@pytest.mark.usefixtures("_environment")
@pytest.mark.parametrize(
    "name", ["s3-put", "s3-multipart", "s3-encoded-key", "s3-duplicate", "s3-test-event"]
)
def test_the_sample_events_are_understood(app: FakedApp, name: str) -> None:
    _entry("start_tracking", app.service).handler(event(name), Context())
    assert len(app.records()) == (0 if name == "s3-test-event" else 1)


@pytest.mark.usefixtures("_environment")
@pytest.mark.parametrize(
    ("key", "size", "reason"),
    [
        ("s3-test-event", None, "the event has no records"),
        ("clips/empty.mp4", 0, "clips/empty.mp4 is empty"),
        ("clips/", 7, "a slash"),
        ("clips/notes.txt", 7, "clips/notes.txt is no video"),
    ],
)
def test_what_is_passed_over_is_logged_with_the_reason(
    app: FakedApp, monkeypatch: pytest.MonkeyPatch, key: str, size: int | None, reason: str
) -> None:
    printed = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", printed)
    if size is None:
        upload = event(key)
    else:
        upload = event("s3-put")
        upload["Records"][0]["s3"]["object"].update(key=key, size=size)
    _entry("start_tracking", app.service).handler(upload, Context())
    (line,) = [json.loads(line) for line in printed.getvalue().splitlines()]
    assert line["message"] == "passed over"
    assert reason in line["reason"]
    assert app.records() == []


@pytest.mark.usefixtures("_environment")
@pytest.mark.parametrize("name", ["sns-succeeded", "sns-failed"])
def test_a_notice_about_a_video_that_is_not_recorded_is_passed_over(app: FakedApp, name: str) -> None:
    _entry("collect_results", app.service).handler(event(name), Context())
    assert app.records() == []


def test_importing_an_entry_needs_no_environment_and_calling_it_names_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in list(os.environ):
        if name in ENVIRONMENT:
            monkeypatch.delenv(name)
    module = importlib.import_module("people_pathing.pipeline.handlers.start_tracking")
    module.application.cache_clear()
    with pytest.raises(KeyError, match="JOB_TABLE"):
        module.application()
