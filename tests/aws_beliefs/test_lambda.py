"""Lambda: events of Function URLs and SNS, and what becomes of events that fail."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from people_pathing.cli.commands.redrive import redrive
from people_pathing.pipeline.events.completion_notice import messages_in
from people_pathing.service.protocol.wire import operation_name, read_request
from tests.aws_beliefs.function import Function
from tests.stack_under_test import LOCAL_ACCOUNT, StackUnderTest

pytestmark = pytest.mark.stack

DEVELOPER_GUIDE = "in the AWS Lambda Developer Guide"
JOB_ID = "0" * 64


@pytest.fixture(scope="module")
def address(account: StackUnderTest, function: Function) -> Iterator[str]:
    """The Function URL of the function, for callers with a signature."""
    made = function.client.create_function_url_config(FunctionName=function.name, AuthType="AWS_IAM")
    url: str = made["FunctionUrl"]
    if account.account == LOCAL_ACCOUNT:
        # The local server has its own addresses.
        name = url.removeprefix("https://").partition(".")[0]
        url = f"{function.client.meta.endpoint_url}/_aws/lambda-url/{name}/"
    yield url
    function.client.delete_function_url_config(FunctionName=function.name)


def called(account: StackUnderTest, address: str, body: str, headers: dict[str, str]) -> Any:
    """Posts a signed request and returns the reply of the function: the event that it got."""
    request = AWSRequest(method="POST", url=address, data=body.encode(), headers=headers)
    credentials = account.session.get_credentials()
    assert credentials is not None
    SigV4Auth(credentials, "lambda", account.region).add_auth(request)
    deadline = time.monotonic() + 60
    while True:
        try:
            sent = Request(address, body.encode(), dict(request.headers.items()), method="POST")
            with urlopen(sent, timeout=30) as reply:
                return json.loads(reply.read())
        except HTTPError as error:
            # A new URL takes some seconds to work.
            if error.code not in (403, 404) or time.monotonic() > deadline:
                raise
        time.sleep(2)


@pytest.mark.aws_belief(
    source=f"Invoking Lambda function URLs {DEVELOPER_GUIDE}",
    used_by="functions/people_pathing/service/protocol/wire.py",
)
def test_the_event_of_a_function_url_has_the_account_the_method_the_headers_and_the_body(
    account: StackUnderTest, address: str
) -> None:
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "RekognitionService.GetPersonTracking",
        "amz-sdk-invocation-id": "11111111-2222-3333-4444-555555555555",
    }
    event = called(account, address, json.dumps({"JobId": JOB_ID, "NextToken": "ü"}), headers)

    request = read_request(operation_name(event), event)

    assert (request.operation, request.account) == ("GetPersonTracking", account.account)
    assert request.parameters == {"JobId": JOB_ID, "NextToken": "ü"}
    assert request.invocation_id == headers["amz-sdk-invocation-id"]
    assert (event["version"], event["requestContext"]["http"]["method"]) == ("2.0", "POST")
    assert all(name == name.lower() for name in event["headers"])
    body = base64.b64decode(event["body"]).decode() if event["isBase64Encoded"] else event["body"]
    assert json.loads(body)["JobId"] == JOB_ID


@pytest.mark.aws_belief(
    source=f"Invoking Lambda functions with Amazon SNS notifications {DEVELOPER_GUIDE}",
    used_by="functions/people_pathing/pipeline/events/completion_notice.py",
    differs_locally="MiniStack forgets a notice that a function cannot handle",
)
def test_a_notice_invokes_a_function_with_its_text_in_records_sns_message(
    account: StackUnderTest, function: Function, new_name: Callable[[str], str]
) -> None:
    sns = account.client("sns")
    topic = sns.create_topic(Name=new_name("notices"))["TopicArn"]
    try:
        function.allow("sns.amazonaws.com", topic)
        sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function.arn)
        text = json.dumps({"JobId": JOB_ID, "Video": {"S3ObjectName": "früh.mp4"}})

        def publish() -> None:
            sns.publish(TopicArn=topic, Message=text)

        publish()
        failed = function.failed.wait_for(
            lambda message: "Sns" in message["requestPayload"].get("Records", [{}])[0], publish
        )
    finally:
        sns.delete_topic(TopicArn=topic)
    [record] = failed["requestPayload"]["Records"]
    assert (record["EventSource"], record["Sns"]["TopicArn"]) == ("aws:sns", topic)
    assert list(messages_in(failed["requestPayload"])) == [text]


@pytest.mark.aws_belief(
    source=f"Manage Lambda function versions {DEVELOPER_GUIDE}",
    used_by="template.yaml, devstack/server/function_versions.py",
)
def test_a_function_that_has_not_changed_gets_no_other_version_whatever_the_description(
    function: Function,
) -> None:
    def publish(description: str) -> str:
        client = function.client
        published = client.publish_version(FunctionName=function.name, Description=description)
        return str(published["Version"])

    def set_variable(value: str) -> None:
        variables = {"UPDATE_ATTEMPT": value}
        function.client.update_function_configuration(
            FunctionName=function.name, Environment={"Variables": variables}
        )
        function.client.get_waiter("function_updated_v2").wait(FunctionName=function.name)

    set_variable("1")
    first = publish("one")
    assert publish("another") == first

    # An update that changes nothing gives the function another RevisionId.
    set_variable("1")
    assert publish("a third") == first

    set_variable("2")
    assert publish("another") != first


class RecordingLambda:
    """A client of Lambda that records what it is asked to invoke."""

    def __init__(self) -> None:
        self.invoked: list[tuple[str, Any]] = []

    def invoke(self, FunctionName: str, InvocationType: str, Payload: str) -> None:  # noqa: N803
        self.invoked.append((FunctionName, json.loads(Payload)))


@pytest.mark.aws_belief(
    source=f"Capturing records of Lambda asynchronous invocations {DEVELOPER_GUIDE}",
    used_by="functions/people_pathing/cli/commands/redrive.py, template.yaml",
)
def test_an_event_that_failed_is_kept_with_its_function_and_can_be_sent_again(function: Function) -> None:
    event = {"wish": "raise", "about": "redrive"}
    function.client.invoke(
        FunctionName=function.name, InvocationType="Event", Payload=json.dumps(event).encode()
    )
    recording = RecordingLambda()
    deadline = time.monotonic() + 60
    while (function.name, event) not in recording.invoked:
        assert time.monotonic() < deadline, f"redrive found {recording.invoked}"
        sent = redrive(function.failed.sqs, recording, function.failed.url, frozenset({function.name}))
        assert set(sent) <= {None}


@pytest.mark.aws_belief(
    source=f"Capturing records of Lambda asynchronous invocations {DEVELOPER_GUIDE}",
    used_by="docs/operations.md",
    differs_locally="MiniStack's envelope has no request id",
)
def test_the_envelope_of_a_failed_event_has_the_request_id_that_logs_have(function: Function) -> None:
    event = {"wish": "raise", "about": "envelope"}
    function.client.invoke(
        FunctionName=function.name, InvocationType="Event", Payload=json.dumps(event).encode()
    )
    failed = function.failed.wait_for(lambda message: message["requestPayload"] == event)
    assert failed["responsePayload"]["errorType"] == "VideoRejectedError"
    assert len(failed["requestContext"].get("requestId", "")) == 36


@pytest.mark.aws_belief(
    source="Invoke in the AWS Lambda API Reference",
    used_by="functions/people_pathing/cli/commands/redrive.py",
)
def test_a_function_that_does_not_exist_cannot_be_invoked(
    account: StackUnderTest, new_name: Callable[[str], str]
) -> None:
    client = account.client("lambda")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.invoke(FunctionName=new_name("missing"), InvocationType="Event", Payload=b"{}")
