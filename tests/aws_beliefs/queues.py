"""Queues in which events of AWS arrive."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from tests.stack_under_test import LOCAL_ACCOUNT, StackUnderTest

Policy = dict[str, Any]


def timeout_s(deployed: StackUnderTest) -> float:
    """Returns how long an event may take. Some changes in AWS need minutes to apply."""
    return 8 if deployed.account == LOCAL_ACCOUNT else 480


def policy(*statements: dict[str, Any]) -> str:
    """Returns a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class Queue:
    """A queue.

    Args:
        deployed: the stack whose account it belongs to.
        name: its name.
        senders: the services that may send messages.
    """

    def __init__(self, deployed: StackUnderTest, name: str, *senders: str) -> None:
        self._deployed = deployed
        self.sqs = deployed.client("sqs")
        self.url: str = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        self.arn: str = attributes["Attributes"]["QueueArn"]
        if senders:
            allowed = {
                "Effect": "Allow",
                "Principal": {"Service": list(senders)},
                "Action": "sqs:SendMessage",
                "Resource": self.arn,
                "Condition": {"StringEquals": {"aws:SourceAccount": deployed.account}},
            }
            self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": policy(allowed)})

    def wait_for(self, is_wanted: Callable[[Any], bool], again: Callable[[], object] = lambda: None) -> Any:
        """Returns the first message that is wanted, as JSON. Deletes those before it.

        Args:
            is_wanted: tells whether a message is wanted.
            again: is called every half minute, to cause the message once more: what came before AWS applied a
                change may be lost.
        """
        limit_s = timeout_s(self._deployed)
        deadline = time.monotonic() + limit_s
        next_s = time.monotonic() + 30
        while time.monotonic() < deadline:
            for message in self._received():
                if is_wanted(message):
                    return message
            if time.monotonic() > next_s:
                again()
                next_s += 30
        raise AssertionError(f"the expected message did not arrive in {limit_s:.0f} s")

    def _received(self) -> Iterator[Any]:
        reply = self.sqs.receive_message(QueueUrl=self.url, WaitTimeSeconds=2)
        for message in reply.get("Messages", []):
            self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            yield json.loads(message["Body"])

    def delete(self) -> None:
        """Deletes the queue."""
        self.sqs.delete_queue(QueueUrl=self.url)
