"""IAM and STS: how a refusal looks, and what a session policy leaves of the rights of a role."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from people_pathing.service.job import NotificationChannel
from people_pathing.service.notification import CallerRoles
from people_pathing.service.videos.access import access_problem
from tests.aws_beliefs.function import Role
from tests.simulation.both_clients import error_of
from tests.stack.users import wait_until
from tests.stack_under_test import StackUnderTest

pytestmark = pytest.mark.stack

NOTIFICATION = "functions/people_pathing/service/notification.py"
ACCESS = "functions/people_pathing/service/videos/access.py"
DENIED = "Troubleshoot access denied (403 Forbidden) errors in the Amazon S3 User Guide"


@dataclass(frozen=True)
class Publisher:
    """A role that may publish to two topics."""

    role_arn: str
    topic_arn: str
    other_topic_arn: str


@pytest.fixture(scope="module")
def publisher(account: StackUnderTest, new_name: Callable[[str], str]) -> Iterator[Publisher]:
    sns = account.client("sns")
    with ExitStack() as cleanup:
        topics = [sns.create_topic(Name=new_name(kind))["TopicArn"] for kind in ("topic", "other-topic")]
        for topic in topics:
            cleanup.callback(sns.delete_topic, TopicArn=topic)
        publish = {"Effect": "Allow", "Action": "sns:Publish", "Resource": topics}
        role = Role(account, new_name("publisher"), own_account(account), publish)
        cleanup.callback(role.delete)
        yield Publisher(role.arn, *topics)


def own_account(account: StackUnderTest) -> dict[str, str]:
    """Returns the principal for all users of the account whom IAM allows to assume a role."""
    return {"AWS": f"arn:aws:iam::{account.account}:root"}


def assumed(account: StackUnderTest, role_arn: str, **policy: str) -> boto3.Session:
    """Assumes a new role, once that is possible."""
    deadline = time.monotonic() + 60
    while True:
        try:
            key = account.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="belief", **policy)
            break
        except ClientError:
            if time.monotonic() > deadline:
                raise
        time.sleep(2)
    return session_of(account, key["Credentials"])


def session_of(account: StackUnderTest, key: Any) -> boto3.Session:
    return boto3.Session(
        key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"], region_name=account.region
    )


@pytest.mark.aws_belief(source="AssumeRole in the AWS STS API Reference", used_by=NOTIFICATION)
def test_a_role_that_does_not_exist_cannot_be_assumed_which_is_403(
    account: StackUnderTest, new_name: Callable[[str], str]
) -> None:
    arn = f"arn:aws:iam::{account.account}:role/{new_name('missing')}"
    refused = error_of(account.client("sts").assume_role, RoleArn=arn, RoleSessionName="belief")
    assert (refused["Error"]["Code"], refused["ResponseMetadata"]["HTTPStatusCode"]) == ("AccessDenied", 403)


@pytest.mark.aws_belief(source="AssumeRole in the AWS STS API Reference", used_by=NOTIFICATION)
def test_a_role_that_trusts_another_service_is_not_assumable(
    account: StackUnderTest, new_name: Callable[[str], str], publisher: Publisher
) -> None:
    nothing = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    role = Role(account, new_name("untrusting"), {"Service": "rekognition.amazonaws.com"}, nothing)
    roles = CallerRoles(account.client("sts"))
    try:
        assert not roles.is_assumable(NotificationChannel(publisher.topic_arn, role.arn))
        wait_until(lambda: roles.is_assumable(NotificationChannel(publisher.topic_arn, publisher.role_arn)))
    finally:
        role.delete()


@pytest.mark.aws_belief(source="Session policies in the IAM User Guide", used_by=NOTIFICATION)
def test_a_session_may_publish_to_the_topic_of_its_policy_and_to_no_other(
    account: StackUnderTest, publisher: Publisher
) -> None:
    roles = CallerRoles(account.client("sts"))
    channel = NotificationChannel(publisher.topic_arn, publisher.role_arn)
    wait_until(lambda: roles.is_assumable(channel))
    sns = account.client("sns", session_of(account, roles.credentials(channel, "belief")))

    assert sns.publish(TopicArn=publisher.topic_arn, Message="text")["MessageId"]
    refused = error_of(sns.publish, TopicArn=publisher.other_topic_arn, Message="text")
    assert (refused["Error"]["Code"], refused["ResponseMetadata"]["HTTPStatusCode"]) == (
        "AuthorizationError",
        403,
    )


@pytest.fixture(scope="module")
def reader(account: StackUnderTest, bucket: str, new_name: Callable[[str], str]) -> Iterator[Any]:
    """S3 for a caller who may read one prefix of a bucket, and list nothing."""
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/allowed/*"}
    role = Role(account, new_name("reader"), own_account(account), read)
    with ExitStack() as cleanup:
        cleanup.callback(role.delete)
        account.client("s3").put_object(Bucket=bucket, Key="allowed/a", Body=b"1")
        account.client("s3").put_object(Bucket=bucket, Key="other/a", Body=b"1")
        s3 = account.client("s3", assumed(account, role.arn))
        wait_until(lambda: may_read(s3, bucket, "allowed/a"))
        yield s3


def may_read(s3: Any, bucket: str, key: str) -> bool:
    try:
        s3.get_object(Bucket=bucket, Key=key)
    except ClientError:
        return False
    return True


@pytest.mark.aws_belief(source=DENIED, used_by=ACCESS)
def test_a_missing_right_is_not_the_fault_of_the_video_and_names_the_policy(reader: Any, bucket: str) -> None:
    with pytest.raises(ClientError) as caught:
        reader.get_object(Bucket=bucket, Key="other/a")
    problem = access_problem(caught.value)
    assert problem is not None
    assert not problem.is_final
    assert problem.reason.endswith("(no identity-based policy allows)")


@pytest.mark.aws_belief(
    source="HeadObject in the Amazon S3 API Reference",
    used_by=f"{ACCESS}, template.yaml",
    differs_locally="MiniStack answers 404, whether or not the caller may list",
)
def test_a_missing_object_is_403_for_a_caller_who_may_not_list(reader: Any, bucket: str) -> None:
    assert error_of(reader.head_object, Bucket=bucket, Key="allowed/missing")["Error"]["Code"] == "403"
    assert (
        error_of(reader.get_object, Bucket=bucket, Key="allowed/missing")["Error"]["Code"] == "AccessDenied"
    )
