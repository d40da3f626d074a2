"""`people-pathing doctor` against the deployed template: green as it is, and red with each induced fault."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from devstack.stack import LocalStack
from people_pathing.service.role_trust import trust_statement
from tests.conftest import OTHER_NOTIFICATION_ROLE_ARN
from tests.unit.cli.programs import people_pathing

pytestmark = [
    pytest.mark.stack,
    pytest.mark.local_only("breaks the stack, and expects what is wrong with the local server"),
]

USER = "operator-without-rights"
# The local server is not AWS and has no images, and its alarm topic has no subscription.
EXPECTED = {"endpoints": "warning", "images": "not checked", "alarms": "warning"}


def diagnosis(stack: LocalStack, **settings: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Returns the exit status, and what was found by the names of the checks."""
    environment = {**stack.environment(), **settings}
    done = people_pathing("doctor", "--stack-name", "people-pathing", "--json", environment=environment)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, {each["check"]: each for each in json.loads(done.stdout)}


def outcomes(found: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: each["outcome"] for name, each in found.items()}


def test_the_deployed_template_has_no_failure(stack: LocalStack, tmp_path: Path) -> None:
    # `connect` writes into the user's home.
    home = {"HOME": str(tmp_path)}
    connected = people_pathing("connect", environment={**stack.environment(), **home})
    with named_role(stack):
        status, found = diagnosis(stack, **home)

    assert connected.returncode == 0, connected.stderr

    assert {name: outcome for name, outcome in outcomes(found).items() if outcome != "ok"} == EXPECTED
    assert status == 0


def test_a_named_role_that_does_not_exist_is_found(stack: LocalStack) -> None:
    status, found = diagnosis(stack)

    assert status == 1
    assert found["notification roles"]["message"] == f"the role {OTHER_NOTIFICATION_ROLE_ARN} does not exist"


def test_another_region_has_no_such_stack(stack: LocalStack) -> None:
    status, found = diagnosis(stack, AWS_DEFAULT_REGION="eu-south-2", AWS_REGION="eu-south-2")

    assert status == 1
    assert found["region"]["message"].startswith("Lambda has no Function URLs in eu-south-2")


def test_a_caller_without_rights_is_told_which_are_missing(stack: LocalStack) -> None:
    with new_user(stack, "cloudformation:*") as key:
        status, found = diagnosis(
            stack, AWS_ACCESS_KEY_ID=key["AccessKeyId"], AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"]
        )

    assert status == 1
    assert found["calls"]["outcome"] == "failed"
    assert stack.outputs["CallTrackingPolicyArn"] in found["calls"]["advice"]
    for name, right in (
        ("functions", "lambda:GetFunctionConfiguration"),
        ("images", "lambda:GetFunction"),
        ("schedules", "events:DescribeRule"),
        ("alarms", "sns:ListSubscriptionsByTopic"),
        ("video key", "s3:GetEncryptionConfiguration"),
    ):
        assert found[name]["outcome"] == "not checked", found[name]
        assert found[name]["message"] == f"needs {right}"


def test_a_disabled_schedule_is_found(stack: LocalStack) -> None:
    events = stack.client("events")
    [rule] = [
        each["Name"] for each in events.list_rules()["Rules"] if "ReconcileJobsEveryMinute" in each["Name"]
    ]
    events.disable_rule(Name=rule)
    try:
        status, found = diagnosis(stack)
    finally:
        events.enable_rule(Name=rule)

    assert status == 1
    assert found["schedules"]["advice"] == f"aws events enable-rule --name {rule}"


def test_a_key_that_the_worker_may_not_use_is_found(stack: LocalStack) -> None:
    s3, bucket = stack.client("s3"), stack.outputs["VideoBucketName"]
    key = stack.client("kms").create_key()["KeyMetadata"]["Arn"]
    encrypt(s3, bucket, {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key})
    try:
        status, found = diagnosis(stack)
    finally:
        encrypt(s3, bucket, {"SSEAlgorithm": "AES256"})

    assert status == 1
    assert found["video key"]["outcome"] == "failed"
    assert key in found["video key"]["message"]


def test_a_bucket_that_notifies_nothing_is_found(stack: LocalStack) -> None:
    s3, bucket = stack.client("s3"), stack.outputs["VideoBucketName"]
    before = s3.get_bucket_notification_configuration(Bucket=bucket)
    del before["ResponseMetadata"]
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    try:
        status, found = diagnosis(stack)
    finally:
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=before)

    assert status == 1
    assert found["uploads"]["outcome"] == "failed"


@contextmanager
def named_role(stack: LocalStack) -> Iterator[None]:
    """Creates the role that the stack of the tests may assume."""
    iam, name = stack.client("iam"), OTHER_NOTIFICATION_ROLE_ARN.rpartition("/")[2]
    statement = trust_statement(stack.outputs["ServiceRoleArns"].split(","))
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
    try:
        yield
    finally:
        iam.delete_role(RoleName=name)


def encrypt(s3: Any, bucket: str, default: dict[str, str]) -> None:
    rules = [{"ApplyServerSideEncryptionByDefault": default}]
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})


@contextmanager
def new_user(stack: LocalStack, action: str) -> Iterator[dict[str, str]]:
    """Creates a user who has one right, and yields an access key."""
    iam = stack.client("iam")
    iam.create_user(UserName=USER)
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=USER, PolicyName="own", PolicyDocument=document)
    key = iam.create_access_key(UserName=USER)["AccessKey"]
    try:
        yield key
    finally:
        iam.delete_access_key(UserName=USER, AccessKeyId=key["AccessKeyId"])
        iam.delete_user_policy(UserName=USER, PolicyName="own")
        iam.delete_user(UserName=USER)
