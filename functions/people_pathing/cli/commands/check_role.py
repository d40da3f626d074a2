"""`people-pathing check-role`: says what a role for completion notices lacks."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from people_pathing.cli.aws import add_stack_name, aws_session, stack_outputs
from people_pathing.cli.errors import CommandError
from people_pathing.cli.messages import show
from people_pathing.cli.role_check.publishing import publish_problem, publish_statement
from people_pathing.cli.role_check.trust import lost_principals, trust_problem
from people_pathing.common.aws_errors import error_code

SUMMARY = "say what a role for completion notices lacks"
EXAMPLE = "people-pathing check-role arn:aws:iam::123456789012:role/Rekognition"

_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::(?P<account>[0-9]{12}):role/(?:.*/)?(?P<name>[^/]+)")
_TOPIC_ARN = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}")
_PARAMETER = "OtherNotificationRoleArns"


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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument(
        "role", type=_role_arn, metavar="ARN", help="the role, as programs name it in RoleArn"
    )
    add_stack_name(parser)
    parser.add_argument(
        "--topic",
        type=_topic_arn,
        metavar="ARN",
        help="the topic, as programs name it in SNSTopicArn (default: the stack's completion topic)",
    )


def run(options: argparse.Namespace) -> int:
    """Prints what was found. Returns 1 if the role lacks something.

    Raises:
        CommandError: the role does not exist, is in another account, or the stack calls another service.
        ClientError: the caller may not read the stack or the role.
    """
    session = aws_session("check-role")
    outputs = stack_outputs(session, options.stack_name)
    if "ServiceRoleArns" not in outputs and "TrackPeopleArn" not in outputs:
        raise CommandError(
            f"the stack {options.stack_name} calls another service, which assumes the roles; "
            "name a stack that serves the operations itself"
        )
    iam, named = session.client("iam"), _named_roles(session, options.stack_name, outputs)
    topic = options.topic or outputs["CompletionTopicArn"]
    findings = list(check_role(iam, options.role, topic, outputs["ServiceRoleArns"].split(","), named))
    for finding in findings:
        show(f"{'missing' if finding.problems else 'ok'}: {finding.need}")
        if finding.problems:
            show(*(f"  {line}" for line in (*finding.problems, *finding.remedy)))
    return 1 if any(finding.problems for finding in findings) else 0


def check_role(
    iam: Any, role_arn: str, topic_arn: str, service_role_arns: list[str], named: list[str]
) -> Iterator[Finding]:
    """Checks everything that a role needs, and yields what was found.

    Args:
        iam: boto3's IAM client.
        role_arn: the role.
        topic_arn: the topic that it publishes to.
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
        () if role_arn in named else (f"the stack's parameter {_PARAMETER} does not name it",),
        (f"deploy the stack with {_PARAMETER}={','.join([*named[1:], role_arn])}",),
    )
    yield Finding(
        "the role trusts the stack",
        tuple(_trust_problems(policy, service_role_arns)),
        ("add this statement to the trust policy:", *_json_lines(trust_statement(service_role_arns))),
    )
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

    match = _ROLE_ARN.fullmatch(role_arn)
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


def _named_roles(session: Any, stack_name: str, outputs: Mapping[str, str]) -> list[str]:
    """Returns the roles that the stack may assume, its own first."""
    [stack] = session.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
    values = {each["ParameterKey"]: each.get("ParameterValue", "") for each in stack.get("Parameters", [])}
    others = [arn.strip() for arn in values.get(_PARAMETER, "").split(",")]
    return [outputs["CompletionRoleArn"], *(arn for arn in others if arn not in {"", "none"})]


def _role_arn(text: str) -> str:
    if not _ROLE_ARN.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not the ARN of a role, such as arn:aws:iam::123456789012:role/NAME"
        )
    return text


def _topic_arn(text: str) -> str:
    if not _TOPIC_ARN.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not the ARN of a standard topic, such as arn:aws:sns:REGION:123456789012:NAME"
        )
    return text
