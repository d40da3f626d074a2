"""Whether a role's policies let it publish to a topic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from people_pathing.cli.role_check.statements import Policy, covers, statements_about
from people_pathing.common.aws_errors import error_code

PUBLISH = "sns:Publish"
_DENIED_CODES = {"AccessDenied", "AccessDeniedException"}


def publish_problem(iam: Any, role_arn: str, role_name: str, topic_arn: str) -> str | None:
    """Returns why a role may not publish to a topic, or None if it may.

    IAM's own simulation decides. A caller who may not use it needs the right to read the role's policies.

    Args:
        iam: boto3's IAM client.
        role_arn: the role.
        role_name: the role's name.
        topic_arn: the topic.

    Raises:
        ClientError: the caller may neither simulate nor read the role's policies.
    """
    from botocore.exceptions import ClientError

    try:
        reply = iam.simulate_principal_policy(
            PolicySourceArn=role_arn, ActionNames=[PUBLISH], ResourceArns=[topic_arn]
        )
    except ClientError as error:
        if error_code(error) not in _DENIED_CODES:
            raise
    else:
        decision: str = reply["EvaluationResults"][0]["EvalDecision"]
        return None if decision == "allowed" else f"IAM's simulation says {decision}"
    about_topic = [
        statement
        for policy in _policies(iam, role_name)
        for statement in statements_about(policy, PUBLISH)
        if covers(statement, "Resource", topic_arn)
    ]
    if any(statement["Effect"] == "Deny" for statement in about_topic):
        return "a policy of the role denies it"
    if any(statement["Effect"] == "Allow" and "Condition" not in statement for statement in about_topic):
        return None
    return "no policy of the role allows it without a condition"


def publish_statement(topic_arn: str) -> dict[str, str]:
    """Returns the statement that a policy of the role needs."""
    return {"Effect": "Allow", "Action": PUBLISH, "Resource": topic_arn}


def _policies(iam: Any, role_name: str) -> Iterator[Policy]:
    for page in iam.get_paginator("list_role_policies").paginate(RoleName=role_name):
        for name in page["PolicyNames"]:
            yield iam.get_role_policy(RoleName=role_name, PolicyName=name)["PolicyDocument"]
    for page in iam.get_paginator("list_attached_role_policies").paginate(RoleName=role_name):
        for attached in page["AttachedPolicies"]:
            arn = attached["PolicyArn"]
            version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            yield iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
