"""`people-pathing check-role`: says what a role for completion notices lacks."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from typing import Any

from people_pathing.cli.aws import add_stack_name, aws_session, stack_outputs
from people_pathing.cli.errors import CommandError
from people_pathing.cli.messages import show
from people_pathing.cli.role_check.role_needs import ROLE_ARN, check_role, named_roles

SUMMARY = "say what a role for completion notices lacks"
EXAMPLE = "people-pathing check-role arn:aws:iam::123456789012:role/Rekognition"

_TOPIC_ARN = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}")


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


def _named_roles(session: Any, stack_name: str, outputs: Mapping[str, str]) -> list[str]:
    """Returns the roles that the deployed stack may assume, its own first."""
    [stack] = session.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
    values = {each["ParameterKey"]: each.get("ParameterValue", "") for each in stack.get("Parameters", [])}
    return named_roles(outputs, values)


def _role_arn(text: str) -> str:
    if not ROLE_ARN.fullmatch(text):
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
