"""The decorator of every handler: what it logs, and what it keeps out of the traces."""

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools import Logger, Metrics

from people_pathing.common.observability import Observability, observability

CONTEXT = SimpleNamespace(
    function_name="function",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:eu-central-1:123456789012:function:function",
    aws_request_id="request",
)


class RecordingTracer:
    """A tracer that records how a handler was decorated."""

    def __init__(self) -> None:
        self.options: dict[str, Any] = {}

    def capture_lambda_handler(self, handler: Any, **options: Any) -> Any:
        self.options = options
        return handler


def test_replies_are_kept_out_of_the_traces() -> None:
    tracer: Any = RecordingTracer()
    watched = Observability(Logger("test"), Metrics("PeoplePathing", "test"), tracer)
    assert watched.lambda_handler(lambda _event, _context: "paths")({}, CONTEXT) == "paths"
    assert tracer.options == {"capture_response": False}


def test_metrics_are_in_the_namespace_of_their_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "PeoplePathing/one-stack")
    assert observability("test-namespace").metrics.namespace == "PeoplePathing/one-stack"
    monkeypatch.delenv("POWERTOOLS_METRICS_NAMESPACE")
    assert observability("test-namespace").metrics.namespace == "PeoplePathing"


def test_keys_of_one_invocation_are_not_in_the_log_of_the_next() -> None:
    watched = observability("test-invocations")
    printed = io.StringIO()
    watched.logger.registered_handler.stream = printed  # type: ignore[attr-defined]

    @watched.lambda_handler
    def handler(event: dict[str, Any], _context: Any) -> None:
        if "job_id" in event:
            watched.logger.append_keys(job_id=event["job_id"])
        watched.logger.info("done")

    handler({"job_id": "job-1"}, CONTEXT)
    handler({}, CONTEXT)
    first, second = (json.loads(line) for line in printed.getvalue().splitlines())
    assert (first["job_id"], first["service"]) == ("job-1", "test-invocations")
    assert "job_id" not in second
    assert second["function_request_id"] == "request"
