import json
from typing import Any

import boto3
import pytest
from moto import mock_aws

from people_pathing.cli.commands.redrive import UnknownFunctionError, redrive
from people_pathing.common.clock import now_ms

FUNCTIONS = "arn:aws:lambda:eu-central-1:123456789012:function:mine-"


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto's queue is complete at once, and an empty one would really wait."""
    monkeypatch.setattr("people_pathing.cli.commands.redrive.RECEIVE_WAIT_S", 0)


class FakeLambda:
    def __init__(self) -> None:
        self.invocations: list[dict[str, Any]] = []

    def invoke(self, **request: Any) -> None:
        self.invocations.append(request)


@mock_aws
def test_every_event_is_sent_to_its_function_and_deleted_from_the_queue() -> None:
    sqs = boto3.client("sqs", region_name="eu-central-1")
    queue_url = sqs.create_queue(QueueName="failed")["QueueUrl"]
    for number in range(12):
        failure = {
            "requestContext": {
                "functionArn": f"{FUNCTIONS}function-{number}",
                "condition": "RetriesExhausted",
            },
            "requestPayload": {"Records": [number]},
        }
        sqs.send_message(QueueUrl=queue_url, MessageBody=json.dumps(failure))
    functions = FakeLambda()

    assert redrive(sqs, functions, queue_url, "mine") == 12

    assert {call["FunctionName"]: json.loads(call["Payload"]) for call in functions.invocations} == {
        f"{FUNCTIONS}function-{number}": {"Records": [number]} for number in range(12)
    }
    assert {call["InvocationType"] for call in functions.invocations} == {"Event"}
    assert redrive(sqs, functions, queue_url, "mine") == 0


@mock_aws
def test_an_event_that_fails_again_during_the_redrive_stays_in_the_queue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sqs = boto3.client("sqs", region_name="eu-central-1")
    queue_url = sqs.create_queue(QueueName="failed")["QueueUrl"]
    sqs.send_message(QueueUrl=queue_url, MessageBody="{}")
    an_hour_ago_ms = now_ms() - 3_600_000
    monkeypatch.setattr("people_pathing.cli.commands.redrive.now_ms", lambda: an_hour_ago_ms)

    assert redrive(sqs, FakeLambda(), queue_url, "mine") == 0


@mock_aws
def test_a_message_that_names_a_function_of_another_stack_stays_in_the_queue() -> None:
    sqs = boto3.client("sqs", region_name="eu-central-1")
    queue_url = sqs.create_queue(QueueName="failed", Attributes={"VisibilityTimeout": "0"})["QueueUrl"]
    foreign = {
        "requestContext": {"functionArn": FUNCTIONS.replace("mine", "other") + "f"},
        "requestPayload": {},
    }
    sqs.send_message(QueueUrl=queue_url, MessageBody=json.dumps(foreign))
    functions = FakeLambda()

    with pytest.raises(UnknownFunctionError, match="function:other-f, which is not a function of mine"):
        redrive(sqs, functions, queue_url, "mine")
    assert functions.invocations == []
    assert "Messages" in sqs.receive_message(QueueUrl=queue_url)
