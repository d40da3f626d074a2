"""IAM users that tests create, and delete again."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import boto3
from botocore.exceptions import ClientError

from tests.stack_under_test import StackUnderTest

PROPAGATION_TIMEOUT_S = 60


class Users:
    """Creates users who have only the given policies. They are deleted when the `with` block ends.

    Args:
        deployed: the stack whose account they belong to.
        own_name: what their names begin with.
    """

    def __init__(self, deployed: StackUnderTest, own_name: str) -> None:
        self._deployed = deployed
        self._iam: Any = deployed.client("iam")
        self._own_name = own_name
        self._names: list[str] = []

    def __enter__(self) -> Self:
        return self

    def new(self, name: str, *policy_arns: str) -> boto3.Session:
        """Creates a user and returns a session with its key, once AWS knows the key."""
        name = f"{self._own_name}-{name}"
        self._iam.create_user(UserName=name)
        self._names.append(name)
        for arn in policy_arns:
            self._iam.attach_user_policy(UserName=name, PolicyArn=arn)
        key = self._iam.create_access_key(UserName=name)["AccessKey"]
        session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=self._deployed.region)
        wait_until(lambda: self._is_known(session))
        return session

    def _is_known(self, session: boto3.Session) -> bool:
        try:
            # Every user may make this call.
            self._deployed.client("sts", session).get_caller_identity()
        except ClientError:
            return False
        return True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in self._names:
            for policy in self._iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]:
                self._iam.detach_user_policy(UserName=name, PolicyArn=policy["PolicyArn"])
            for key in self._iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
                self._iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
            self._iam.delete_user(UserName=name)


def wait_until(holds: Callable[[], bool], timeout_s: float = PROPAGATION_TIMEOUT_S) -> None:
    """Waits until something holds. IAM needs some seconds until a change applies everywhere."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, f"a change of IAM did not apply in {timeout_s} s"
        time.sleep(1)
