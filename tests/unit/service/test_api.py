"""The handler: every event receives a JSON reply, whatever happens inside the service."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from people_pathing.service.operations.get import GetPersonTracking
from people_pathing.service.protocol.wire import Output
from tests.fakes.aws_errors import client_error
from tests.unit.service.conftest import clear_compositions
from tests.unit.service.world import VIDEO, World, answer_to, call, url_event, walking_people


def test_a_job_is_started_and_read_through_the_handler(world: World) -> None:
    job_id = world.start(JobTag="a")
    assert call("GetPersonTracking", {"JobId": job_id}).body["JobStatus"] == "IN_PROGRESS"
    world.finish(job_id, walking_people(2, 3), ended_ms=_now_ms())

    answer = call("GetPersonTracking", {"JobId": job_id, "MaxResults": 4})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-amz-json-1.1"
    assert (answer.body["JobStatus"], len(answer.body["Persons"])) == ("SUCCEEDED", 4)


def test_the_limit_comes_from_the_settings(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_CONCURRENT_JOBS", "1")
    clear_compositions()
    world.start(ClientRequestToken="a")

    answer = call("StartPersonTracking", {"Video": VIDEO, "ClientRequestToken": "b"})

    assert (answer.status_code, answer.error) == (400, "LimitExceededException")


@pytest.mark.parametrize(
    ("failure", "code", "status"),
    [
        (client_error("SlowDown", "GetObject", 503), "ThrottlingException", 400),
        (client_error("ServiceUnavailable", "GetObject", 503), "ThrottlingException", 400),
        (client_error("ThrottlingException", "StartExecution"), "ThrottlingException", 400),
        (client_error("AccessDenied", "GetObject", 403), "InternalServerError", 500),
        (EndpointConnectionError(endpoint_url="https://s3"), "InternalServerError", 500),
        (KeyError("secret"), "InternalServerError", 500),
    ],
)
def test_a_failure_inside_the_service_is_reported_without_details(
    world: World, monkeypatch: pytest.MonkeyPatch, failure: Exception, code: str, status: int
) -> None:
    def fail(*_: Any) -> None:
        raise failure

    monkeypatch.setattr(GetPersonTracking, "__call__", fail)

    answer = call("GetPersonTracking", {"JobId": "j"})

    assert (answer.status_code, answer.error) == (status, code)
    for detail in ("secret", "s3", "Traceback", "AccessDenied", "GetObject"):
        assert detail not in answer.body["Message"]


def test_a_call_is_counted_by_its_operation_or_by_its_error(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    job_id = world.start()
    assert '"StartPersonTracking":[1.0]' in capsys.readouterr().out

    call("GetPersonTracking", {"JobId": job_id, "NextToken": "invented"})

    output = capsys.readouterr().out
    assert '"InvalidPaginationTokenException":[1.0]' in output
    assert '"GetPersonTracking":[1.0]' not in output


def test_an_output_that_cannot_be_sent_is_an_internal_error_and_not_counted_as_an_answer(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(GetPersonTracking, "__call__", lambda *_: Output({"JobId": b"not JSON"}))

    answer = call("GetPersonTracking", {"JobId": "j"})

    assert (answer.status_code, answer.error) == (500, "InternalServerError")
    output = capsys.readouterr().out
    assert '"InternalServerError":[1.0]' in output
    assert '"GetPersonTracking":[1.0]' not in output


def test_a_missing_setting_is_an_internal_error_that_only_the_log_explains(
    world: World, monkeypatch: pytest.MonkeyPatch, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    monkeypatch.delenv("STATE_MACHINE_ARN")
    clear_compositions()

    answer = call("GetPersonTracking", {"JobId": "j"})

    assert (answer.status_code, answer.error) == (500, "InternalServerError")
    assert "STATE_MACHINE_ARN" not in answer.body["Message"]
    (line,) = log_lines()
    assert (line["level"], line["message"], line["exception_name"]) == ("ERROR", "failed", "SettingsError")
    assert "STATE_MACHINE_ARN" in line["exception"]
    assert line["function_request_id"] == answer.headers["x-amzn-requestid"]


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"headers": None, "requestContext": None},
        {"headers": {}, "requestContext": {"http": {"method": "GET"}}},
        {"headers": {"x-amz-target": 7}, "requestContext": {"http": {"method": "POST"}}},
        url_event("GetPersonTracking", "{}") | {"body": None},
        url_event("GetPersonTracking", "{}") | {"requestContext": {"http": {"method": "POST"}}},
    ],
)
def test_events_of_any_shape_receive_a_json_reply(event: dict[str, Any]) -> None:
    answer = answer_to(event)

    assert answer.status_code in (400, 404, 500)
    assert answer.error == answer.headers["x-amzn-errortype"]


def _now_ms() -> int:
    return int(time.time() * 1000)
