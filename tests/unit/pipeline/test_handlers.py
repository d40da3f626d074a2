"""The three handlers as Lambda calls them: with the real environment, their own clients and metrics."""

import gc
import importlib
import io
import json
import os
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import boto3
import pytest

from people_pathing.common.settings import SettingsError
from people_pathing.pipeline import composition
from people_pathing.pipeline.job_record import JobState
from people_pathing.pipeline.observability import logger
from people_pathing.results import file_names
from tests.fakes.person_tracking import FakePersonTracking, person, session
from tests.fakes.pipeline import FakePipeline, event
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
    """The context object that Lambda passes with the event."""

    function_name = "function"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:function"
    aws_request_id = "request"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000_000


def _handler_module(name: str, service: FakePersonTracking) -> ModuleType:
    """Imports a handler as a new process does. Its Rekognition client calls the fake service."""
    module = importlib.import_module(f"people_pathing.pipeline.handlers.{name}")
    composition.pipeline.cache_clear()
    service.attach(composition.pipeline().rekognition)
    return module


@pytest.fixture
def _environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    yield
    composition.pipeline.cache_clear()


@pytest.fixture
def _one_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the handlers share a session, because each new one parses the models of the services again."""
    monkeypatch.setattr(boto3, "Session", session)


def _metrics(output: str) -> dict[str, Any]:
    """Returns the metrics in the output of a function, which is in CloudWatch's embedded metric format."""
    found: dict[str, Any] = {}
    for line in output.splitlines():
        record = json.loads(line)
        for group in record.get("_aws", {}).get("CloudWatchMetrics", []):
            assert group["Namespace"] == "PeoplePathing"
            assert group["Dimensions"] == [["service"]]
            found |= {metric["Name"]: record[metric["Name"]] for metric in group["Metrics"]}
    return found


@pytest.mark.usefixtures("_environment")
def test_the_handlers_turn_an_upload_into_results(
    pipeline: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    _handler_module("start_tracking", pipeline.service).handler(pipeline.upload("a.mp4"), Context())
    assert _metrics(capsys.readouterr().out) == {"UploadsReceived": [1.0], "JobsStarted": [1.0]}

    _handler_module("reconcile_jobs", pipeline.service).handler({"source": "aws.events"}, Context())
    found = _metrics(capsys.readouterr().out)
    assert found.pop("OldestInProgressAge")[0] > 0
    assert found == {"JobsWaiting": [0.0], "OldestWaitingAge": [0.0]}

    notice = pipeline.service.succeed("job-1", [person(0, 0, 0, 0)])
    _handler_module("collect_results", pipeline.service).handler(notice, Context())
    found = _metrics(capsys.readouterr().out)
    assert found["JobsSucceeded"] == [1.0]
    assert found["UploadToResultTime"][0] > 0
    assert pipeline.record().state is JobState.SUCCEEDED
    assert set(pipeline.results(pipeline.record())) == set(file_names())


@pytest.mark.usefixtures("_environment", "_one_session")
def test_every_log_line_about_a_job_names_the_video_and_the_job(
    pipeline: FakePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    _handler_module("start_tracking", pipeline.service).handler(pipeline.upload("a.mp4"), Context())
    printed = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", printed)
    _handler_module("collect_results", pipeline.service).handler(
        pipeline.service.fail("job-1", "no video"), Context()
    )
    (line,) = [json.loads(line) for line in printed.getvalue().splitlines()]
    assert line["message"] == "the job failed"
    assert (line["video"]["key"], line["job_id"], line["reason"]) == ("a.mp4", "job-1", "no video")


@pytest.mark.usefixtures("_environment", "_one_session")
@pytest.mark.parametrize(
    "name",
    [
        "s3-put",
        "s3-multipart",
        "s3-encoded-key",
        "s3-duplicate",
        "s3-test-event",
        "s3-put-through-sns",
        "s3-put-through-sqs",
        "s3-put-through-sns-and-sqs",
        "s3-put-through-eventbridge",
    ],
)
def test_the_handlers_accept_the_sample_events(pipeline: FakePipeline, name: str) -> None:
    _handler_module("start_tracking", pipeline.service).handler(event(name), Context())
    assert len(pipeline.records()) == (0 if name == "s3-test-event" else 1)


@pytest.mark.usefixtures("_environment", "_one_session")
@pytest.mark.parametrize(
    ("key", "size", "reason"),
    [
        ("s3-test-event", None, "the event has no records"),
        ("clips/", 7, "a slash"),
        ("clips/notes.txt", 7, "clips/notes.txt is not a video"),
    ],
)
def test_a_skipped_record_is_logged_with_the_reason(
    pipeline: FakePipeline, monkeypatch: pytest.MonkeyPatch, key: str, size: int | None, reason: str
) -> None:
    printed = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", printed)
    if size is None:
        upload = event(key)
    else:
        upload = event("s3-put")
        upload["Records"][0]["s3"]["object"].update(key=key, size=size)
    _handler_module("start_tracking", pipeline.service).handler(upload, Context())
    (line,) = [json.loads(line) for line in printed.getvalue().splitlines()]
    assert line["message"] == "skipped"
    assert reason in line["reason"]
    assert pipeline.records() == []


@pytest.mark.usefixtures("_environment", "_one_session")
@pytest.mark.parametrize("name", ["sns-succeeded", "sns-failed"])
def test_a_notice_about_a_video_without_record_is_ignored(pipeline: FakePipeline, name: str) -> None:
    _handler_module("collect_results", pipeline.service).handler(event(name), Context())
    assert pipeline.records() == []


def test_importing_a_handler_needs_no_environment_and_calling_it_names_the_missing_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in list(os.environ):
        if name in ENVIRONMENT:
            monkeypatch.delenv(name)
    for name in ("start_tracking", "collect_results", "reconcile_jobs"):
        importlib.import_module(f"people_pathing.pipeline.handlers.{name}")
    composition.pipeline.cache_clear()
    with pytest.raises(SettingsError, match="JOB_TABLE"):
        composition.pipeline()


@pytest.mark.usefixtures("_environment", "_one_session")
@pytest.mark.parametrize("name", ["start_tracking", "collect_results", "reconcile_jobs"])
def test_lambda_creates_the_clients_when_it_imports_the_handler(name: str) -> None:
    composition.pipeline.cache_clear()

    importlib.reload(importlib.import_module(f"people_pathing.pipeline.handlers.{name}"))

    assert composition.pipeline.cache_info().currsize == 1


@pytest.mark.parametrize("name", ["start_tracking", "collect_results", "reconcile_jobs"])
def test_a_handler_can_be_imported_without_settings(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ENVIRONMENT:
        monkeypatch.delenv(variable, raising=False)
    composition.pipeline.cache_clear()

    importlib.reload(importlib.import_module(f"people_pathing.pipeline.handlers.{name}"))

    assert composition.pipeline.cache_info().currsize == 0


@pytest.mark.usefixtures("_environment", "_one_session")
@pytest.mark.parametrize("name", ["collect_results", "reconcile_jobs"])
def test_garbage_is_not_looked_for_in_the_clients_of_a_handler_that_collects_results(name: str) -> None:
    composition.pipeline.cache_clear()
    gc.unfreeze()

    importlib.reload(importlib.import_module(f"people_pathing.pipeline.handlers.{name}"))

    client = composition.pipeline().rekognition
    assert not any(one is client for one in gc.get_objects())
    gc.unfreeze()
