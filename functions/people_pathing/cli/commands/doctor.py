"""`people-pathing doctor`: says what would make a deployment fail, or what is wrong with a stack."""

from __future__ import annotations

import argparse

from people_pathing.cli.arguments import non_empty
from people_pathing.cli.aws import DEFAULT_STACK_NAME, aws_session
from people_pathing.cli.doctor.lines import exit_status, print_lines_as_json, show_line

SUMMARY = "check an account, and a stack that is deployed in it"
EXAMPLE = """\
people-pathing doctor
people-pathing doctor --stack-name people-pathing --json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.description = (
        f"{parser.description} It changes nothing. Exit status 1 means that a check failed. A check whose "
        "rights are missing names them, and does not fail."
    )
    parser.add_argument(
        "--stack-name",
        type=non_empty,
        metavar="NAME",
        help="the CloudFormation stack, which must exist (default: "
        f"{DEFAULT_STACK_NAME} if it exists; otherwise only what a deployment needs is checked)",
    )
    parser.add_argument(
        "--json", action="store_true", help="print JSON: an array with an object for each check"
    )


def run(options: argparse.Namespace) -> int:
    """Runs the checks and prints a line for each. Returns 1 if one failed.

    Raises:
        CommandError: boto3 is not installed, or a program that provides the credentials fails.
    """
    session = aws_session("doctor")
    from people_pathing.cli.doctor.checks import diagnose
    from people_pathing.cli.doctor.subjects import Account

    lines = []
    must_exist = options.stack_name is not None
    for line in diagnose(
        Account.of(session), options.stack_name or DEFAULT_STACK_NAME, must_exist=must_exist
    ):
        lines.append(line)
        if not options.json:
            show_line(line)
    if options.json:
        print_lines_as_json(lines)
    return exit_status(lines)
