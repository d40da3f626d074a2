"""Access to a deployed stack with the caller's own AWS configuration. boto3 is an optional dependency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from people_pathing.cli.errors import CommandError
from people_pathing.common.aws_errors import describe

if TYPE_CHECKING:
    import argparse

    import boto3

DEFAULT_STACK_NAME = "people-pathing"


def add_stack_name(parser: argparse.ArgumentParser) -> None:
    """Adds the option that names the deployed stack."""
    parser.add_argument(
        "--stack-name",
        default=DEFAULT_STACK_NAME,
        metavar="NAME",
        help="the CloudFormation stack (default: %(default)s)",
    )


def aws_session(command: str) -> boto3.Session:
    """Creates a session from the caller's environment, AWS profile and region.

    Args:
        command: the command's name, for the error message.

    Raises:
        CommandError: boto3 is not installed, or AWS_PROFILE names no profile.
    """
    try:
        import boto3
    except ModuleNotFoundError as error:
        raise CommandError(
            f"people-pathing {command} needs the AWS extra: pip install './people-pathing[aws]'"
        ) from error
    with aws_errors_reported():
        return boto3.Session()


@contextmanager
def aws_errors_reported() -> Iterator[None]:
    """Turns errors of AWS calls into CommandError: no region or credentials, denied access, an unknown stack.

    It needs botocore. `aws_session` says how to install it.
    """
    from botocore.exceptions import BotoCoreError, ClientError, NoRegionError

    try:
        yield
    except NoRegionError as error:
        raise CommandError(
            "no AWS region is configured; set AWS_DEFAULT_REGION, or `region` in your AWS profile "
            "(boto3 does not read AWS_REGION)"
        ) from error
    except (BotoCoreError, ClientError) as error:
        raise CommandError(f"AWS request failed: {describe(error)}") from error


def stack_outputs(session: boto3.Session, stack_name: str) -> Mapping[str, str]:
    """Returns the outputs of a deployed stack by name.

    Raises:
        CommandError: the stack was deployed from another template.
        BotoCoreError, ClientError: the stack does not exist, or the caller may not read it.
    """
    [stack] = session.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    if "JobTableName" not in outputs:
        raise CommandError(f"the stack {stack_name} has no output JobTableName; name one of people-pathing")
    return outputs
