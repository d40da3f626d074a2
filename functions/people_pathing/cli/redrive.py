"""Have the events that functions gave up on handled again: `python -m people_pathing.cli.redrive --stack-name NAME`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any


class UnknownFunctionError(Exception):
    """A message that no function of the stack can have sent; it stays in the queue."""


def redrive(sqs: Any, lambda_: Any, queue_url: str, stack_name: str) -> int:
    """Give every event in the queue to its function once more; how many there were.

    An event that fails again comes back to the queue, and is left there by this call.
    Raises UnknownFunctionError, so that whoever may write to the queue cannot have any function called.
    """
    begin_ms = time.time() * 1000
    count = 0
    while messages := _receive(sqs, queue_url):
        for message in messages:
            if int(message["Attributes"]["SentTimestamp"]) > begin_ms:
                return count
            failure = json.loads(message["Body"])
            function = failure["requestContext"]["functionArn"]
            # arn:aws:lambda:REGION:ACCOUNT:function:NAME, and the names that CloudFormation gives
            if not function.rpartition(":function:")[2].startswith(f"{stack_name}-"):
                raise UnknownFunctionError(
                    f"a message names {function}, which is no function of {stack_name}"
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
        QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=2, AttributeNames=["SentTimestamp"]
    )
    messages: list[dict[str, Any]] = reply.get("Messages", [])
    return messages


def main() -> None:
    import boto3

    parser = argparse.ArgumentParser(description="Have the events that functions gave up on handled again.")
    parser.add_argument("--stack-name", default="people-pathing")
    stack_name = parser.parse_args().stack_name
    session = boto3.Session()
    [stack] = session.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    try:
        count = redrive(
            session.client("sqs"), session.client("lambda"), outputs["FailedEventsUrl"], stack_name
        )
    except UnknownFunctionError as error:
        sys.exit(str(error))
    print(f"{count} events were given to their functions again")


if __name__ == "__main__":
    main()
