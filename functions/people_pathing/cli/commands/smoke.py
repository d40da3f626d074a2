"""`people-pathing smoke`: sends a clip of drawn people through a deployed stack, and erases it again."""

from __future__ import annotations

import argparse
from uuid import uuid4

from people_pathing.cli.aws import add_stack_name, aws_session, stack_outputs
from people_pathing.cli.messages import say
from people_pathing.common.smoke_clips import SMOKE_PREFIX

SUMMARY = "send a short clip through a stack and check the result"
EXAMPLE = """\
people-pathing smoke --stack-name people-pathing
people-pathing smoke --stack-name people-pathing --timeout 600 --json"""

DEFAULT_TIMEOUT_S = 300.0
MAX_TIMEOUT_S = 86_400
RUNNING_JOB_TIMEOUT_S = 60.0
"""How long the erasure waits for a job that is still running."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.description = (
        f"{parser.description} The clip lasts five seconds and shows two drawn people. Their paths, the "
        "report, and the API with and without a valid signature are checked. Then everything is erased. Exit "
        "status 1 means that a step failed."
    )
    add_stack_name(parser)
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=DEFAULT_TIMEOUT_S,
        metavar="S",
        help="seconds that the job may wait for its start, that it may run, and that the report may take "
        "(default: %(default).0f)",
    )
    parser.add_argument("--keep", action="store_true", help="leave the clip and its results in the stack")
    parser.add_argument(
        "--json", action="store_true", help="print JSON: an array with an object for each step"
    )


def run(options: argparse.Namespace) -> int:
    """Runs the steps and prints a line for each. Returns 1 if one failed.

    Raises:
        CommandError: the stack cannot be used.
        ClientError: the caller may not read the stack.
    """
    session = aws_session("smoke")
    from people_pathing.cli.deployed_stack import DeployedStack
    from people_pathing.cli.doctor.lines import exit_status, print_lines_as_json, show_line
    from people_pathing.cli.environment_errors import environment_problem
    from people_pathing.smoke_test.api_calls import Api
    from people_pathing.smoke_test.steps import SmokeTest

    outputs = stack_outputs(session, options.stack_name)
    test = SmokeTest(
        DeployedStack.of(outputs, session.client("s3"), session.client("dynamodb")),
        Api.of(outputs, str(session.region_name)),
        session.get_credentials(),
        f"{SMOKE_PREFIX}{uuid4()}.mp4",
        options.timeout,
        RUNNING_JOB_TIMEOUT_S,
        say,
        environment_problem,
    )
    lines = []
    for line in test.run(keep=options.keep):
        lines.append(line)
        if not options.json:
            show_line(line)
    if options.json:
        print_lines_as_json(lines)
    return exit_status(lines)


def _seconds(text: str) -> float:
    """Returns a duration."""
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= MAX_TIMEOUT_S:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number of seconds from 1 to {MAX_TIMEOUT_S}"
        )
    return float(text)
