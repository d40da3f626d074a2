"""A function that returns its event, or fails as the event says.

It fails for each event of S3 and SNS. Lambda then keeps the event in a queue, where tests can read it.
"""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from tests.aws_beliefs.queues import Queue, policy
from tests.stack_under_test import StackUnderTest

T = TypeVar("T")

SOURCE = """
import os, time

class VideoRejectedError(Exception):
    pass

def handler(event, context):
    wish = event.get("wish")
    if wish == "raise" or "Records" in event:
        raise VideoRejectedError("as wished")
    if wish == "exit":
        os._exit(1)
    if wish == "sleep":
        time.sleep(20)
    return event
"""
TIMEOUT_S = 3
RIGHTS_TIMEOUT_S = 60
# What Lambda, Step Functions and S3 say about a role or a permission that they do not know yet.
NO_RIGHTS_YET = (
    "cannot be assumed",
    "authorized to assume",
    "execution role does not have permissions",
    "Unable to validate the following destination configurations",
)


def zipped() -> bytes:
    """Returns the deployment package."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        # Lambda must be able to read the file.
        entry = zipfile.ZipInfo("echo.py")
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, SOURCE)
    return buffer.getvalue()


def once_rights_apply(call: Callable[[], T]) -> T:
    """Repeats a call that needs new rights. Services need some seconds until they know them."""
    deadline = time.monotonic() + RIGHTS_TIMEOUT_S
    while True:
        try:
            return call()
        except ClientError as error:
            if not any(text in str(error) for text in NO_RIGHTS_YET) or time.monotonic() > deadline:
                raise
        time.sleep(2)


class Role:
    """A role for one service, with one policy."""

    def __init__(self, deployed: StackUnderTest, name: str, trusted: dict[str, Any], *rights: Any) -> None:
        self._iam = deployed.client("iam")
        self.name = name
        trust = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
        made = self._iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))
        self.arn: str = made["Role"]["Arn"]
        self._iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(*rights))

    def delete(self) -> None:
        """Deletes the role."""
        self._iam.delete_role_policy(RoleName=self.name, PolicyName="own")
        self._iam.delete_role(RoleName=self.name)


class Function:
    """A function whose asynchronous events end in a queue if they fail.

    Args:
        deployed: the stack whose account it belongs to.
        name: its name.
        role: may send messages to the queue.
        failed: the queue.
    """

    def __init__(self, deployed: StackUnderTest, name: str, role: Role, failed: Queue) -> None:
        self.name = name
        self.failed = failed
        self.client = deployed.client("lambda")
        made = once_rights_apply(
            lambda: self.client.create_function(
                FunctionName=name,
                Runtime="python3.13",
                Handler="echo.handler",
                Role=role.arn,
                Timeout=TIMEOUT_S,
                Code={"ZipFile": zipped()},
            )
        )
        self.arn: str = made["FunctionArn"]

    def keep_failed_events(self) -> None:
        """Waits until the function is active, and sends its failed events to the queue."""
        self.client.get_waiter("function_active_v2").wait(FunctionName=self.name)
        once_rights_apply(
            lambda: self.client.put_function_event_invoke_config(
                FunctionName=self.name,
                MaximumRetryAttempts=0,
                DestinationConfig={"OnFailure": {"Destination": self.failed.arn}},
            )
        )

    def allow(self, service: str, source_arn: str) -> None:
        """Lets a service invoke the function for one source."""
        self.client.add_permission(
            FunctionName=self.name,
            StatementId=source_arn.rpartition(":")[2].replace("/", "-"),
            Action="lambda:InvokeFunction",
            Principal=service,
            SourceArn=source_arn,
        )

    def delete(self) -> None:
        """Deletes the function."""
        self.client.delete_function(FunctionName=self.name)
