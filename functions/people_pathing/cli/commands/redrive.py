"""`people-pathing redrive`: sends failed events to their functions again."""

from __future__ import annotations

import argparse
import json
from typing import Any

from people_pathing.cli.aws import add_stack_name, aws_errors_reported, aws_session, stack_outputs
from people_pathing.cli.errors import as_command_errors
from people_pathing.cli.messages import show
from people_pathing.common.clock import now_ms

SUMMARY = "send failed events to their functions again"
EXAMPLE = "people-pathing redrive --stack-name people-pathing"

RECEIVE_WAIT_S = 2
"""Long polling. Without a wait, SQS asks only some of its servers and may report a queue as empty."""


class UnknownFunctionError(Exception):
    """A message names a function that is not part of the stack. The message stays in the queue."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    add_stack_name(parser)


def run(options: argparse.Namespace) -> int:
    """Sends the events and prints their number. Raises CommandError if a message names another function."""
    session = aws_session("redrive")
    with aws_errors_reported(), as_command_errors(UnknownFunctionError):
        outputs = stack_outputs(session, options.stack_name)
        count = redrive(
            session.client("sqs"), session.client("lambda"), outputs["FailedEventsUrl"], options.stack_name
        )
    show(f"{count} events were sent to their functions again")
    return 0


def redrive(sqs: Any, lambda_: Any, queue_url: str, stack_name: str) -> int:
    """Sends every event in the queue to its function once.

    An event that fails again returns to the queue. This call leaves it there.

    Args:
        sqs: boto3's SQS client.
        lambda_: boto3's Lambda client.
        queue_url: the queue of the events that failed at every attempt.
        stack_name: the stack whose functions may be called.

    Returns:
        The number of events.

    Raises:
        UnknownFunctionError: a message names a function of another stack. Without this check, a user who
            may write to the queue could have any function called with the caller's rights.
    """
    begin_ms = now_ms()
    count = 0
    while messages := _receive(sqs, queue_url):
        for message in messages:
            if int(message["Attributes"]["SentTimestamp"]) > begin_ms:
                return count
            failure = json.loads(message["Body"])
            function = failure["requestContext"]["functionArn"]
            # arn:aws:lambda:REGION:ACCOUNT:function:NAME; CloudFormation starts NAME with the stack's name.
            if not function.rpartition(":function:")[2].startswith(f"{stack_name}-"):
                raise UnknownFunctionError(
                    f"a message names {function}, which is not a function of {stack_name}"
                )
            lambda_.invoke(
                FunctionName=function,
                InvocationType="Event",
                Payload=json.dumps(failure["requestPayload"]),
            )
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
            count += 1
    return count


def _receive(sqs: Any, queue_url: str) -> list[dict[str, Any]]:
    reply = sqs.receive_message(
        QueueUrl=queue_url,
        MaxNumberOfMessages=10,
        WaitTimeSeconds=RECEIVE_WAIT_S,
        AttributeNames=["SentTimestamp"],
    )
    messages: list[dict[str, Any]] = reply.get("Messages", [])
    return messages
