"""Calls the handlers of the service on PYTHONPATH, and prints their calls to AWS and their times as JSON.

`benchmarks.bookkeeping` runs this script once for each checkout and round. It uses only what every version of
the service has: the handlers, their events and their environment variables.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import statistics
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from types import SimpleNamespace
from typing import Any

import boto3

REPEATS = 20

CONTEXT: Any = SimpleNamespace(
    function_name="benchmark",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:us-east-1:000000000000:function:benchmark",
    aws_request_id="11111111-2222-3333-4444-555555555555",
    get_remaining_time_in_millis=lambda: 30_000,
)
VIDEO = {"S3Object": {"Bucket": "videos", "Name": "a.mp4"}}
CHANNEL = {
    "SNSTopicArn": os.environ["BENCHMARK_TOPIC_ARN"],
    "RoleArn": os.environ["NOTIFICATION_ROLE_ARNS"],
}


class CountedSession(boto3.Session):
    """A session whose clients count their calls."""

    calls = 0

    def client(self, *arguments: Any, **more: Any) -> Any:
        """Creates a client."""
        client = super().client(*arguments, **more)
        client.meta.events.register("before-call", self._count)
        return client

    @classmethod
    def _count(cls, **_: Any) -> None:
        cls.calls += 1


def main() -> None:
    """Runs all scenarios."""
    boto3.Session = CountedSession  # type: ignore[misc]
    with contextlib.redirect_stdout(io.StringIO()):
        results = dict(scenarios())
    print(json.dumps(results))


def scenarios() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields each scenario's name, its number of calls and its times in milliseconds."""
    from people_pathing.service.handlers import api, finish

    def call(operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        reply: Any = api.handler(url_event(operation, parameters), CONTEXT)
        body: dict[str, Any] = json.loads(reply["body"])
        assert reply["statusCode"] == 200, body
        return body

    def start(token: str) -> str:
        parameters = {"Video": VIDEO, "NotificationChannel": CHANNEL, "ClientRequestToken": token}
        return str(call("StartPersonTracking", parameters)["JobId"])

    tokens = [uuid.uuid4().hex for _ in range(REPEATS + 1)]
    job_ids: list[str] = []
    yield "start, new token", measured(tokens, lambda token: job_ids.append(start(token)))
    yield "start, repeated", measured(tokens, start)
    yield "get, running", measured(job_ids, lambda job_id: call("GetPersonTracking", {"JobId": job_id}))
    end = {"status": "FAILED", "message": "benchmark"}
    yield "last step", measured(job_ids, lambda job_id: finish.publish({"job_id": job_id} | end, CONTEXT))


def measured(names: Iterable[str], action: Callable[[str], Any]) -> dict[str, Any]:
    """Runs an action for each name. Leaves out the first, which opens connections."""
    calls, times_ms = [], []
    for name in names:
        before, begun = CountedSession.calls, time.perf_counter()
        action(name)
        times_ms.append((time.perf_counter() - begun) * 1000)
        calls.append(CountedSession.calls - before)
    return {"calls": int(statistics.median(calls[1:])), "times_ms": times_ms[1:]}


def url_event(operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Returns a request as a Function URL with AuthType AWS_IAM passes it on."""
    iam = {"accountId": "000000000000", "userArn": "arn:aws:iam::000000000000:user/benchmark"}
    return {
        "version": "2.0",
        "rawPath": "/",
        "headers": {
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": f"RekognitionService.{operation}",
        },
        "requestContext": {"http": {"method": "POST", "path": "/"}, "authorizer": {"iam": iam}},
        "body": json.dumps(parameters),
        "isBase64Encoded": False,
    }


if __name__ == "__main__":
    main()
