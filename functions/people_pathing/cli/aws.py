"""Access to a deployed stack with the caller's own AWS configuration. boto3 is an optional dependency."""

from __future__ import annotations

import io
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from people_pathing.cli.errors import CommandError

if TYPE_CHECKING:
    import argparse

    import boto3

DEFAULT_STACK_NAME = "people-pathing"

# For these, the SDK takes any text as a reply without members. All others answer in XML, which it checks.
_JSON_SERVICES = ("dynamodb", "sqs")


def add_stack_name(parser: argparse.ArgumentParser) -> None:
    """Adds the option that names the deployed stack."""
    parser.add_argument(
        "--stack-name",
        default=DEFAULT_STACK_NAME,
        metavar="NAME",
        help="the CloudFormation stack (default: %(default)s)",
    )


def require_sdk(command: str) -> None:
    """Makes sure that boto3 is installed.

    Args:
        command: the command's name, for the error message.

    Raises:
        CommandError: it is not installed.
    """
    try:
        import boto3  # noqa: F401
        import botocore  # noqa: F401
    except ModuleNotFoundError as error:
        raise CommandError(
            f"people-pathing {command} needs the AWS extra: pip install './people-pathing[aws]'"
        ) from error


def aws_session(command: str, region: str | None = None) -> boto3.Session:
    """Creates a session from the caller's environment, AWS profile and region, and obtains the credentials.

    Args:
        command: the command's name, for the error message.
        region: the region; None for the one of the environment or the profile.

    Raises:
        CommandError: boto3 is not installed, or a program that provides the credentials fails.
        BotoCoreError: AWS_PROFILE names no profile, for example.
    """
    require_sdk(command)
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    session = boto3.Session(region_name=region)
    for service in _JSON_SERVICES:
        session.events.register(f"after-call.{service}", _require_request_id)
    try:
        with _quiet_without_a_terminal():
            credentials = session.get_credentials()
            if credentials is not None:
                credentials.get_frozen_credentials()
    except (BotoCoreError, ClientError, EOFError):
        raise
    except Exception as error:
        raise CommandError(
            f"no AWS credentials could be obtained ({type(error).__name__}: {error}); "
            "check `credential_process` and the other settings of your AWS profile"
        ) from error
    return session


def stack_outputs(session: boto3.Session, stack_name: str) -> Mapping[str, str]:
    """Returns the outputs of a deployed stack by name.

    A name that is missing raises CommandError, which says that the stack has to be deployed again.

    Raises:
        CommandError: the stack was deployed from another template, or its deployment is not complete.
        BotoCoreError, ClientError: the stack does not exist, or the caller may not read it.
        ResponseParserError: what answered is not AWS.
    """
    from botocore.parsers import ResponseParserError

    stacks = session.client("cloudformation").describe_stacks(StackName=stack_name).get("Stacks", [])
    if len(stacks) != 1:
        raise ResponseParserError(f"the reply describes {len(stacks)} stacks instead of one")
    [stack] = stacks
    outputs = {
        output["OutputKey"]: output["OutputValue"]
        for output in stack.get("Outputs", [])
        if output.keys() >= {"OutputKey", "OutputValue"}
    }
    if "JobTableName" not in outputs:
        raise CommandError(_why_not_usable(stack_name, stack.get("StackStatus", "")))
    return _StackOutputs(stack_name, outputs)


def _require_request_id(http_response: Any, parsed: Mapping[str, Any], **_: object) -> None:
    """Rejects replies of servers that are not AWS, such as the sign-in page of a network."""
    from botocore.parsers import ResponseParserError

    if http_response.status_code == HTTPStatus.OK and "RequestId" not in parsed["ResponseMetadata"]:
        raise ResponseParserError("the reply has no request id")


class _StackOutputs(dict[str, str]):
    """The outputs of a stack that may be older than this program."""

    def __init__(self, stack_name: str, outputs: Mapping[str, str]) -> None:
        super().__init__(outputs)
        self._stack_name = stack_name

    def __missing__(self, name: str) -> str:
        raise CommandError(
            f"the stack {self._stack_name} has no output {name}; deploy the template of this version"
        )


def _why_not_usable(stack_name: str, status: str) -> str:
    if status in {"CREATE_IN_PROGRESS", "REVIEW_IN_PROGRESS"}:
        return f"the stack {stack_name} is being created ({status}); try again when it is complete"
    if status.startswith("DELETE_"):
        return f"the stack {stack_name} is being deleted ({status}); name another one with --stack-name"
    if status.startswith("ROLLBACK_") or status == "CREATE_FAILED":
        return (
            f"the deployment of the stack {stack_name} failed ({status}); delete it "
            f"(`aws cloudformation delete-stack --stack-name {stack_name}`) and deploy it again"
        )
    return f"the stack {stack_name} has no output JobTableName; name one of people-pathing with --stack-name"


@contextmanager
def _quiet_without_a_terminal() -> Iterator[None]:
    """Hides the prompt for an MFA code, and its warning, if there is no terminal to answer it."""
    if _has_terminal():
        yield
        return
    with redirect_stderr(io.StringIO()), warnings.catch_warnings(action="ignore"):
        yield


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        return sys.stdin.isatty()
    return True
