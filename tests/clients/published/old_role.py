"""A role for completion notices as AWS's documents tell users of the retired service to make it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from people_pathing.service.role_trust import trust_statement

OLD_ROLE_NAME = "role-of-the-retired-service"
OLD_ROLE_ARN = f"arn:aws:iam::000000000000:role/{OLD_ROLE_NAME}"
EXAMPLE_NAME = "doc-example-video-rekognition"
"""The name that the SDK examples give to the role and to all else that they create."""
OTHER_ROLE_ARNS = (OLD_ROLE_ARN, f"arn:aws:iam::000000000000:role/{EXAMPLE_NAME}")
TRUST_IN_REKOGNITION = {
    "Effect": "Allow",
    "Principal": {"Service": "rekognition.amazonaws.com"},
    "Action": "sts:AssumeRole",
}
# The managed policy AmazonRekognitionServiceRole allows topics whose names begin with this.
MAY_PUBLISH = {
    "Effect": "Allow",
    "Action": "sns:Publish",
    "Resource": "arn:aws:sns:*:*:AmazonRekognition*",
}


def create_old_role(iam: Any) -> None:
    """Creates the role. It trusts only Rekognition."""
    iam.create_role(RoleName=OLD_ROLE_NAME, AssumeRolePolicyDocument=_policy(TRUST_IN_REKOGNITION))
    iam.put_role_policy(RoleName=OLD_ROLE_NAME, PolicyName="publish", PolicyDocument=_policy(MAY_PUBLISH))


def add_trust(iam: Any, outputs: Mapping[str, str]) -> None:
    """Adds the statement that docs/clients.md asks for to the trust policy of the role.

    Args:
        iam: A boto3 client.
        outputs: The outputs of the stack.
    """
    statement = trust_statement(outputs["ServiceRoleArns"].split(","))
    iam.update_assume_role_policy(
        RoleName=OLD_ROLE_NAME, PolicyDocument=_policy(TRUST_IN_REKOGNITION, statement)
    )


def _policy(*statements: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
