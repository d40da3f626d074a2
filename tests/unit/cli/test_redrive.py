import json
import time
from typing import Any

import pytest
from moto import mock_aws

from people_pathing.cli.redrive import UnknownFunctionError, redrive
from tests.fakes.person_tracking import session

FUNCTIONS = "arn:aws:lambda:eu-central-1:123456789012:function:mine-"


class FakeLambda:
    def __init__(self) -> None:
        self.invocations: list[dict[str, Any]] = []

    def invoke(self, **request: Any) -> None:
        self.invocations.append(request)


@mock_aws
def test_every_event_goes_to_its_own_function_again_and_leaves_the_queue() -> None:
    sqs = session().client("sqs")
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

    assert {one["FunctionName"]: json.loads(one["Payload"]) for one in functions.invocations} == {
        f"{FUNCTIONS}function-{number}": {"Records": [number]} for number in range(12)
    }
    assert {one["InvocationType"] for one in functions.invocations} == {"Event"}
    assert redrive(sqs, functions, queue_url, "mine") == 0


@mock_aws
def test_an_event_that_has_failed_again_meanwhile_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    sqs = session().client("sqs")
    queue_url = sqs.create_queue(QueueName="failed")["QueueUrl"]
    sqs.send_message(QueueUrl=queue_url, MessageBody="{}")
    an_hour_ago = time.time() - 3600
    monkeypatch.setattr(time, "time", lambda: an_hour_ago)
    assert redrive(sqs, FakeLambda(), queue_url, "mine") == 0


@mock_aws
def test_a_message_that_names_a_function_of_another_stack_is_left_where_it_is() -> None:
    sqs = session().client("sqs")
    queue_url = sqs.create_queue(QueueName="failed", Attributes={"VisibilityTimeout": "0"})["QueueUrl"]
    foreign = {
        "requestContext": {"functionArn": FUNCTIONS.replace("mine", "other") + "f"},
        "requestPayload": {},
    }
    sqs.send_message(QueueUrl=queue_url, MessageBody=json.dumps(foreign))
    functions = FakeLambda()

    with pytest.raises(UnknownFunctionError, match="function:other-f, which is no function of mine"):
        redrive(sqs, functions, queue_url, "mine")
    assert functions.invocations == []
    assert "Messages" in sqs.receive_message(QueueUrl=queue_url)
