"""What a role for completion notices needs, and which roles a stack may assume."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from people_pathing.cli.errors import CommandError
from people_pathing.cli.role_check.publishing import publish_problem, publish_statement
from people_pathing.cli.role_check.trust import lost_principals, trust_problem
from people_pathing.common.aws_errors import error_code

ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::(?P<account>[0-9]{12}):role/(?:.*/)?(?P<name>[^/]+)")
ROLES_PARAMETER = "OtherNotificationRoleArns"
"""The stack's parameter that names the roles of callers."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one thing that the role needs.

    Attributes:
        need: what the role needs, as a statement.
        problems: why it is not so, one line each; empty if it is.
        remedy: lines that say what to add.
    """

    need: str
    problems: tuple[str, ...]
    remedy: tuple[str, ...]


def named_roles(outputs: Mapping[str, str], parameters: Mapping[str, str]) -> list[str]:
    """Returns the roles that a stack may assume, its own first.

    Args:
        outputs: the stack's outputs by name.
        parameters: its parameters by name.
    """
    others = [arn.strip() for arn in parameters.get(ROLES_PARAMETER, "").split(",")]
    return [outputs["CompletionRoleArn"], *(arn for arn in others if arn not in {"", "none"})]


def check_role(
    iam: Any, role_arn: str, topic_arn: str | None, service_role_arns: list[str], named: list[str]
) -> Iterator[Finding]:
    """Checks everything that a role needs, and yields what was found.

    Args:
        iam: boto3's IAM client.
        role_arn: the role.
        topic_arn: the topic that it publishes to; None if that is not known. Then the right is not checked.
        service_role_arns: the roles of the service that publish notices.
        named: the roles that the stack may assume.

    Raises:
        CommandError: the role does not exist, or is in another account.
        ClientError: the caller may not read the role.
    """
    from people_pathing.service.role_trust import trust_statement

    policy, name = _read_trust(iam, role_arn, service_role_arns)
    yield Finding(
        "the stack may assume the role",
        () if role_arn in named else (f"the stack's parameter {ROLES_PARAMETER} does not name it",),
        (f"deploy the stack with {ROLES_PARAMETER}={','.join([*named[1:], role_arn])}",),
    )
    yield Finding(
        "the role trusts the stack",
        tuple(_trust_problems(policy, service_role_arns)),
        ("add this statement to the trust policy:", *_json_lines(trust_statement(service_role_arns))),
    )
    if topic_arn is None:
        return
    problem = publish_problem(iam, role_arn, name, topic_arn)
    yield Finding(
        f"the role may publish to {topic_arn}",
        () if problem is None else (problem,),
        (
            "add this statement to a policy of the role, or name the topic of your programs with --topic:",
            *_json_lines(publish_statement(topic_arn)),
        ),
    )


def _trust_problems(policy: Mapping[str, Any], service_role_arns: list[str]) -> Iterator[str]:
    problems = {arn: trust_problem(policy, arn) for arn in service_role_arns}
    for arn, problem in problems.items():
        if problem is not None:
            yield f"{arn} may not assume it: {problem}"
    lost = lost_principals(policy)
    if lost and any(problems.values()):
        yield f"it names what was deleted: {', '.join(lost)}; a new role with the same name is another one"


def _json_lines(value: Mapping[str, Any]) -> list[str]:
    return json.dumps(value, indent=2).splitlines()


def _read_trust(iam: Any, role_arn: str, service_role_arns: list[str]) -> tuple[Mapping[str, Any], str]:
    """Returns a role's trust policy and its name."""
    from botocore.exceptions import ClientError

    from people_pathing.service.role_trust import trust_statement

    match = ROLE_ARN.fullmatch(role_arn)
    account = service_role_arns[0].split(":")[4]
    if match is None or match["account"] != account:
        statement = json.dumps(trust_statement(service_role_arns))
        raise CommandError(
            f"{role_arn} is not in the stack's account {account}, so its policies cannot be read; "
            f"its trust policy needs this statement: {statement}"
        )
    try:
        role = iam.get_role(RoleName=match["name"])["Role"]
    except ClientError as error:
        if error_code(error) != "NoSuchEntity":
            raise
        raise CommandError(f"the role {role_arn} does not exist") from error
    if role["Arn"] != role_arn:
        raise CommandError(f"the role {role_arn} does not exist; {role['Arn']} does")
    return role["AssumeRolePolicyDocument"], match["name"]
