"""What every handler logs, counts and passes on."""

import io
import json
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from people_pathing.common.observability import observability

CONTEXT = SimpleNamespace(
    function_name="function",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:eu-central-1:123456789012:function:function",
    aws_request_id="request",
)


class SentError(Exception):
    """Takes the place of a request that was about to be sent."""


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("stepfunctions", "start_execution", {"stateMachineArn": "a state machine"}),
        ("rekognition", "get_person_tracking", {"JobId": "0"}),
    ],
)
def test_a_call_to_aws_continues_the_trace_of_its_invocation(
    service: Any, operation: str, arguments: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # What Lambda and its runtime client set before each invocation.
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "function")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", trace)

    def stop(request: Any, **_: Any) -> None:
        raise SentError(request.headers["X-Amzn-Trace-Id"].decode())

    client: Any = boto3.Session("key", "secret", region_name="us-east-1").client(service)
    client.meta.events.register("before-send", stop)
    with pytest.raises(SentError, match=trace):
        getattr(client, operation)(**arguments)


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
