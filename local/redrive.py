"""Have the events that functions gave up on handled again: `python -m local.redrive --stack-name NAME`."""

from __future__ import annotations

import argparse
import json
import time
from typing import Any


def redrive(sqs: Any, lambda_: Any, queue_url: str) -> int:
    """Give every event in the queue to its function once more; how many there were.

    An event that fails again comes back to the queue, and is left there by this call.
    """
    begin_ms = time.time() * 1000
    count = 0
    while messages := _receive(sqs, queue_url):
        for message in messages:
            if int(message["Attributes"]["SentTimestamp"]) > begin_ms:
                return count
            failure = json.loads(message["Body"])
            lambda_.invoke(
                FunctionName=failure["requestContext"]["functionArn"],
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
    session = boto3.Session()
    [stack] = session.client("cloudformation").describe_stacks(StackName=parser.parse_args().stack_name)[
        "Stacks"
    ]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    count = redrive(session.client("sqs"), session.client("lambda"), outputs["FailedEventsUrl"])
    print(f"{count} events were given to their functions again")


if __name__ == "__main__":
    main()
