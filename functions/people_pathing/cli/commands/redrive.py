"""`people-pathing redrive`: sends failed events to their functions again."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Any

from people_pathing.cli.aws import add_stack_name, aws_session, stack_outputs
from people_pathing.cli.messages import say, show
from people_pathing.common.aws_errors import describe, error_code
from people_pathing.common.clock import now_ms

SUMMARY = "send failed events to their functions again"
EXAMPLE = "people-pathing redrive --stack-name people-pathing"

RECEIVE_WAIT_S = 2
"""Long polling. Without a wait, SQS asks only some of its servers and may report a queue as empty."""

MAX_REPEATS = 3
"""How often a message that stays in the queue may come again, while no new one comes, until the command ends.

It comes again whenever its visibility timeout ends. New messages may still be in the queue then.
"""

# Lambda's errors about one event. All others would hit every event, and end the command.
_MESSAGE_ERRORS = frozenset(
    {"InvalidRequestContentException", "RequestTooLargeException", "ResourceNotFoundException"}
)


class NotRedrivableError(Exception):
    """A message cannot be sent to a function of the stack. It stays in the queue."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    add_stack_name(parser)


def run(options: argparse.Namespace) -> int:
    """Sends the events and prints their number. Returns 1 if a message stays in the queue."""
    session = aws_session("redrive")
    outputs = stack_outputs(session, options.stack_name)
    queue_url = outputs["FailedEventsUrl"]
    functions = function_names(session.client("cloudformation"), options.stack_name)
    sent_count = skipped_count = 0
    try:
        for skipped in redrive(session.client("sqs"), session.client("lambda"), queue_url, functions):
            if skipped is None:
                sent_count += 1
            else:
                skipped_count += 1
                say(f"message {skipped.message_id} stays in the queue: {skipped.reason}")
    finally:
        # Also after an error: the user must know that some events have been sent.
        show(f"{sent_count} events were sent to their functions again")
    return 1 if skipped_count else 0


@dataclass(frozen=True, slots=True)
class Skipped:
    """A message that stays in the queue.

    Attributes:
        message_id: SQS's id of the message.
        reason: why nothing was sent.
    """

    message_id: str
    reason: str


def function_names(cloudformation: Any, stack_name: str) -> frozenset[str]:
    """Returns the names of a stack's functions."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_name)
    return frozenset(
        resource["PhysicalResourceId"]
        for page in pages
        for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::Lambda::Function" and "PhysicalResourceId" in resource
    )


def redrive(sqs: Any, lambda_: Any, queue_url: str, functions: Set[str]) -> Iterator[Skipped | None]:
    """Sends every event in the queue to its function once.

    An event that fails again returns to the queue. This call leaves it there.

    Args:
        sqs: boto3's SQS client.
        lambda_: boto3's Lambda client.
        queue_url: the queue of the events that failed at every attempt.
        functions: the names of the functions that may be called. Without this check, a user who may write to
            the queue could have any function called with the caller's rights.

    Yields:
        None for each event that was sent, and what stays in the queue otherwise.
    """
    begin_ms = now_ms()
    # How often each message was received since the last new one.
    received: Counter[str] = Counter()
    while messages := _receive(sqs, queue_url):
        new = [message for message in messages if message["MessageId"] not in received]
        if new:
            received = Counter(dict.fromkeys(received, 0))
        received.update(message["MessageId"] for message in messages)
        if max(received.values()) > MAX_REPEATS:
            return
        for message in new:
            if int(message["Attributes"]["SentTimestamp"]) > begin_ms:
                continue
            try:
                _send_again(lambda_, message["Body"], functions)
            except NotRedrivableError as error:
                yield Skipped(message["MessageId"], str(error))
            else:
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
                yield None


def _send_again(lambda_: Any, body: str, functions: Set[str]) -> None:
    from botocore.exceptions import ClientError

    function, payload = _failed_event(body, functions)
    try:
        lambda_.invoke(FunctionName=function, InvocationType="Event", Payload=payload)
    except ClientError as error:
        if error_code(error) in _MESSAGE_ERRORS:
            raise NotRedrivableError(f"{function} does not accept it: {describe(error)}") from error
        raise


def _failed_event(body: str, functions: Set[str]) -> tuple[str, str]:
    """Returns the name of the function and its event from a message that Lambda wrote.

    Raises:
        NotRedrivableError: Lambda did not write this message, or not about one of the functions.
    """
    try:
        failure = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotRedrivableError("it is not JSON, so Lambda did not write it") from error
    try:
        arn, event = failure["requestContext"]["functionArn"], failure["requestPayload"]
        # arn:aws:lambda:REGION:ACCOUNT:function:NAME, and perhaps a qualifier
        name = arn.split(":")[6]
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise NotRedrivableError("it names no function and event, so Lambda did not write it") from error
    if name not in functions:
        raise NotRedrivableError(f"it names {arn}, which is not a function of this stack")
    return name, json.dumps(event)


def _receive(sqs: Any, queue_url: str) -> list[dict[str, Any]]:
    reply = sqs.receive_message(
        QueueUrl=queue_url,
        MaxNumberOfMessages=10,
        WaitTimeSeconds=RECEIVE_WAIT_S,
        AttributeNames=["SentTimestamp"],
    )
    messages: list[dict[str, Any]] = reply.get("Messages", [])
    return messages
