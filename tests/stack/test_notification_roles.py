"""A role from AWS's guide, from the refusal of the service to its first completion notice."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from people_pathing.cli.deployed_stack import DeployedStack
from tests.conftest import OTHER_NOTIFICATION_ROLE_ARN
from tests.stack_under_test import StackUnderTest
from tests.unit.cli.programs import run_here

if TYPE_CHECKING:
    from devstack.stack import LocalStack

pytestmark = pytest.mark.stack

NAME = OTHER_NOTIFICATION_ROLE_ARN.rpartition("/")[2]
# "Configuring Amazon Rekognition Video" in the Developer Guide, and what AmazonRekognitionServiceRole allows.
TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": "rekognition.amazonaws.com"},
    "Action": "sts:AssumeRole",
}
PUBLISH = {"Effect": "Allow", "Action": "sns:Publish", "Resource": "arn:aws:sns:*:*:AmazonRekognition*"}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def role_arn(stack: LocalStack) -> Iterator[str]:
    """The role of the guide, which a parameter of the stack names."""
    iam = stack.client("iam")
    # MiniStack's simulation knows no roles with a path. tests/unit/cli has one.
    made = iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=document(TRUST))
    iam.put_role_policy(RoleName=NAME, PolicyName="publish", PolicyDocument=document(PUBLISH))
    assert made["Role"]["Arn"] == OTHER_NOTIFICATION_ROLE_ARN
    yield OTHER_NOTIFICATION_ROLE_ARN
    iam.delete_role_policy(RoleName=NAME, PolicyName="publish")
    iam.delete_role(RoleName=NAME)


@pytest.fixture
def queue_url(stack: LocalStack) -> Iterator[str]:
    """A queue that receives the notices of the topic."""
    sqs = stack.client("sqs")
    url: str = sqs.create_queue(QueueName="notices-of-the-guides-role")["QueueUrl"]
    yield url
    sqs.delete_queue(QueueUrl=url)


@pytest.fixture
def topic_arn(stack: LocalStack, queue_url: str) -> Iterator[str]:
    sns, sqs = stack.client("sns"), stack.client("sqs")
    arn: str = sns.create_topic(Name="AmazonRekognition-guide")["TopicArn"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    policy = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
    }
    sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"Policy": document(policy)})
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue_arn, Attributes={"RawMessageDelivery": "true"})
    yield arn
    sns.delete_topic(TopicArn=arn)


def check(stack: LocalStack | StackUnderTest, *arguments: str) -> tuple[int, str]:
    completed = run_here("check-role", *arguments, environment=stack.environment())
    assert completed.stderr == ""
    return completed.returncode, completed.stdout


def test_the_stacks_own_role_lacks_nothing(deployed: StackUnderTest) -> None:
    named = ("--stack-name", deployed.name)
    status, printed = check(deployed, deployed.outputs["CompletionRoleArn"], *named)

    assert (status, printed.count("ok: "), printed.count("missing: ")) == (0, 3, 0), printed


@pytest.mark.local_only("needs a stack with OtherNotificationRoleArns")
def test_a_role_of_the_guide_publishes_after_its_trust_policy_got_the_statement_of_check_role(
    stack: LocalStack,
    deployed: StackUnderTest,
    pipeline: DeployedStack,
    role_arn: str,
    topic_arn: str,
    queue_url: str,
) -> None:
    pipeline.s3.put_object(Bucket=pipeline.video_bucket, Key="role.txt", Body=b"not a video, but it exists")
    request: dict[str, Any] = {
        "Video": {"S3Object": {"Bucket": pipeline.video_bucket, "Name": "role.txt"}},
        "NotificationChannel": {"SNSTopicArn": topic_arn, "RoleArn": role_arn},
    }
    rekognition = deployed.service()
    with pytest.raises(ClientError) as refused:
        rekognition.start_person_tracking(**request)
    message = refused.value.response["Error"]["Message"]

    status, printed = check(stack, role_arn, "--topic", topic_arn)

    assert status == 1
    assert printed.count("missing: ") == 1
    statement = json.loads(printed[printed.index("{") : printed.rindex("}") + 1])
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    assert json.dumps(statement) in message

    iam = stack.client("iam")
    iam.update_assume_role_policy(RoleName=NAME, PolicyDocument=document(TRUST, statement))

    assert check(stack, role_arn, "--topic", topic_arn)[0] == 0
    job_id = rekognition.start_person_tracking(**request)["JobId"]
    assert notice(stack, queue_url)["JobId"] == job_id


@pytest.mark.local_only("needs a stack with OtherNotificationRoleArns")
def test_a_role_that_the_stack_does_not_name_lacks_the_parameter(stack: LocalStack) -> None:
    iam = stack.client("iam")
    statement = TRUST | {"Principal": {"AWS": stack.outputs["ServiceRoleArns"].split(",")}}
    arn = iam.create_role(RoleName="unnamed", AssumeRolePolicyDocument=document(statement))["Role"]["Arn"]
    try:
        status, printed = check(stack, arn)
    finally:
        iam.delete_role(RoleName="unnamed")

    assert status == 1
    assert f"deploy the stack with OtherNotificationRoleArns={OTHER_NOTIFICATION_ROLE_ARN},{arn}" in printed
    assert "ok: the role trusts the stack" in printed
    assert "missing: the role may publish to" in printed


@pytest.mark.local_only("AWS needs a while to know a new user and its rights")
def test_a_caller_who_may_not_read_iam_is_told_so_in_one_line(stack: LocalStack) -> None:
    iam = stack.client("iam")
    allowed = {"Effect": "Allow", "Action": "cloudformation:DescribeStacks", "Resource": "*"}
    iam.create_user(UserName="reader")
    iam.put_user_policy(UserName="reader", PolicyName="own", PolicyDocument=document(allowed))
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    environment = stack.environment() | {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
    try:
        completed = run_here("check-role", stack.outputs["CompletionRoleArn"], environment=environment)
    finally:
        iam.delete_access_key(UserName="reader", AccessKeyId=key["AccessKeyId"])
        iam.delete_user_policy(UserName="reader", PolicyName="own")
        iam.delete_user(UserName="reader")

    assert completed.returncode == 1
    assert completed.stderr.startswith("error: AWS refused GetRole: AccessDenied")
    assert completed.stderr.endswith("; use credentials whose policies allow this call\n")


def notice(stack: LocalStack, queue_url: str) -> dict[str, Any]:
    """Waits for the first notice and returns it."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        reply = stack.client("sqs").receive_message(QueueUrl=queue_url, WaitTimeSeconds=2)
        for message in reply.get("Messages", []):
            found: dict[str, Any] = json.loads(message["Body"])
            return found
    raise AssertionError("no notice came in 90 s")
