import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto import mock_aws

from people_pathing.cli.commands.redrive import function_names, redrive
from people_pathing.common.clock import now_ms
from tests.fakes.aws_errors import client_error

REGION = "eu-central-1"
ARNS = f"arn:aws:lambda:{REGION}:123456789012:function"
FUNCTIONS = frozenset({"people-pathing-StartTracking-1", "people-pathing-CollectResults-2"})
START, COLLECT = sorted(FUNCTIONS, reverse=True)


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto's queue is complete at once, and an empty one would really wait."""
    monkeypatch.setattr("people_pathing.cli.commands.redrive.RECEIVE_WAIT_S", 0)


class FakeLambda:
    """Records invocations. The event "refused" is refused with an error code."""

    def __init__(self, refusal: str = "RequestTooLargeException") -> None:
        self.invocations: list[dict[str, Any]] = []
        self._refusal = refusal

    def invoke(self, **request: Any) -> None:
        if json.loads(request["Payload"]) == "refused":
            raise client_error(self._refusal, "Invoke", message="no")
        self.invocations.append(request)


@pytest.fixture
def sqs() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("sqs", region_name=REGION)


@pytest.fixture
def queue_url(sqs: Any) -> str:
    return str(sqs.create_queue(QueueName="failed")["QueueUrl"])


def failed_event(function: str, event: object) -> str:
    """Returns the message that Lambda writes when an event has failed for the last time."""
    context = {"functionArn": f"{ARNS}:{function}", "condition": "RetriesExhausted"}
    return json.dumps({"requestContext": context, "requestPayload": event})


def message_count(sqs: Any, queue_url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    counts = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)["Attributes"]
    return sum(int(counts[name]) for name in names)


def test_every_event_is_sent_to_its_function_and_deleted_from_the_queue(sqs: Any, queue_url: str) -> None:
    for number in range(12):
        # Lambda adds the qualifier of the version that failed.
        function = START if number % 2 else f"{COLLECT}:$LATEST"
        sqs.send_message(QueueUrl=queue_url, MessageBody=failed_event(function, {"Records": [number]}))
    functions = FakeLambda()

    assert list(redrive(sqs, functions, queue_url, FUNCTIONS)) == [None] * 12

    sent = sorted(
        (json.loads(call["Payload"])["Records"], call["FunctionName"]) for call in functions.invocations
    )
    assert sent == [([number], START if number % 2 else COLLECT) for number in range(12)]
    assert {call["InvocationType"] for call in functions.invocations} == {"Event"}
    assert list(redrive(sqs, functions, queue_url, FUNCTIONS)) == []
    assert message_count(sqs, queue_url) == 0


def test_an_event_that_fails_again_during_the_redrive_stays_in_the_queue(
    sqs: Any, queue_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqs.send_message(QueueUrl=queue_url, MessageBody="{}")
    an_hour_ago_ms = now_ms() - 3_600_000
    monkeypatch.setattr("people_pathing.cli.commands.redrive.now_ms", lambda: an_hour_ago_ms)

    assert list(redrive(sqs, FakeLambda(), queue_url, FUNCTIONS)) == []
    assert message_count(sqs, queue_url) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("not JSON", "it is not JSON, so Lambda did not write it"),
        ("[" * 100_000, "it is not JSON, so Lambda did not write it"),
        ("{}", "it names no function and event, so Lambda did not write it"),
        ("[]", "it names no function and event, so Lambda did not write it"),
        ('{"requestContext": {"functionArn": 1}, "requestPayload": {}}', "it names no function and event"),
        ('{"requestContext": {"functionArn": "f"}, "requestPayload": {}}', "it names no function and event"),
        (failed_event("people-pathing-prod-StartTracking-1", {}), "which is not a function of this stack"),
        (failed_event("people-pathing-StartTracking-12", {}), "which is not a function of this stack"),
        (failed_event(START, "refused"), "does not accept it: RequestTooLargeException: no"),
    ],
)
def test_a_message_that_cannot_be_sent_stays_in_the_queue_with_a_reason_and_the_others_are_sent(
    body: str, reason: str, sqs: Any, queue_url: str
) -> None:
    for each in (failed_event(START, 1), body, failed_event(START, 2)):
        sqs.send_message(QueueUrl=queue_url, MessageBody=each)
    functions = FakeLambda()

    outcomes = list(redrive(sqs, functions, queue_url, FUNCTIONS))

    [skipped] = [outcome for outcome in outcomes if outcome]
    assert reason in skipped.reason
    assert [call["Payload"] for call in functions.invocations] == ["1", "2"]
    assert message_count(sqs, queue_url) == 1


def test_a_message_that_becomes_visible_again_is_reported_once(sqs: Any) -> None:
    attributes = {"VisibilityTimeout": "0"}
    queue_url = sqs.create_queue(QueueName="impatient", Attributes=attributes)["QueueUrl"]
    sqs.send_message(QueueUrl=queue_url, MessageBody="not JSON")

    assert len(list(redrive(sqs, FakeLambda(), queue_url, FUNCTIONS))) == 1


def test_messages_that_stay_and_come_again_do_not_keep_the_others_from_being_sent() -> None:
    junk, event = ("junk", "not JSON"), ("event", failed_event(START, 1))
    queue = FakeQueue([[junk], [junk], [event], [junk], []])
    functions = FakeLambda()

    skipped, sent = redrive(queue, functions, "url", FUNCTIONS)

    assert (skipped and skipped.message_id, sent) == ("junk", None)
    assert [call["Payload"] for call in functions.invocations] == ["1"]
    assert queue.deleted == ["event"]


class FakeQueue:
    """Answers with batches of messages: ids and bodies."""

    def __init__(self, batches: list[list[tuple[str, str]]]) -> None:
        self._batches = iter(batches)
        self.deleted: list[str] = []

    def receive_message(self, **_: Any) -> dict[str, Any]:
        attributes = {"SentTimestamp": "0"}
        return {
            "Messages": [
                {"MessageId": id_, "ReceiptHandle": id_, "Body": body, "Attributes": attributes}
                for id_, body in next(self._batches)
            ]
        }

    def delete_message(self, **request: str) -> None:
        self.deleted.append(request["ReceiptHandle"])


def test_an_error_that_every_event_would_meet_ends_the_redrive(sqs: Any, queue_url: str) -> None:
    sqs.send_message(QueueUrl=queue_url, MessageBody=failed_event(START, "refused"))

    with pytest.raises(ClientError, match="AccessDeniedException"):
        list(redrive(sqs, FakeLambda("AccessDeniedException"), queue_url, FUNCTIONS))
    assert message_count(sqs, queue_url) == 1


def test_the_functions_are_those_of_the_stack() -> None:
    cloudformation = boto3.Session("-", "-").client("cloudformation", region_name=REGION)
    pages = [
        [
            resource("AWS::Lambda::Function", START),
            resource("AWS::SQS::Queue", "people-pathing-FailedEvents-1"),
        ],
        # A function that is being created has no name yet.
        [resource("AWS::Lambda::Function", COLLECT), resource("AWS::Lambda::Function", None)],
    ]
    with Stubber(cloudformation) as replies:
        for page, token in zip(pages, ({"NextToken": "more"}, {}), strict=True):
            replies.add_response("list_stack_resources", {"StackResourceSummaries": page, **token})

        assert function_names(cloudformation, "people-pathing") == FUNCTIONS


def resource(kind: str, name: str | None) -> dict[str, Any]:
    described = {
        "LogicalResourceId": "Any",
        "ResourceType": kind,
        "LastUpdatedTimestamp": datetime(2026, 1, 1, tzinfo=UTC),
        "ResourceStatus": "CREATE_COMPLETE",
    }
    return described | ({"PhysicalResourceId": name} if name else {})
