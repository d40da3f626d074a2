"""`people-pathing jobs`: lists the jobs of a deployed stack."""

from __future__ import annotations

import argparse

from people_pathing.cli.aws import add_stack_name, aws_session, stack_outputs
from people_pathing.cli.tables import print_table
from people_pathing.common.clock import now_ms

SUMMARY = "list the jobs of a deployed stack"
EXAMPLE = "people-pathing jobs --state FAILED"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    add_stack_name(parser)
    parser.add_argument(
        "--state",
        choices=["WAITING", "IN_PROGRESS", "SUCCEEDED", "FAILED"],
        help="only the jobs in this state (default: all)",
    )


def run(options: argparse.Namespace) -> int:
    """Prints a table of the jobs."""
    session = aws_session("jobs")
    from people_pathing.cli.deployed_stack import DeployedStack
    from people_pathing.pipeline.job_record import JobState

    states = [JobState(options.state)] if options.state else list(JobState)
    outputs = stack_outputs(session, options.stack_name)
    stack = DeployedStack.of(outputs, session.client("s3"), session.client("dynamodb"))
    records = [record for state in states for record in stack.job_table.in_state(state)]
    records.sort(key=lambda record: record.uploaded_ms)
    listed_ms = now_ms()
    rows = [
        (
            record.state,
            format_duration(listed_ms - record.uploaded_ms),
            record.key,
            record.job_id or "",
            record.reason or "",
        )
        for record in records
    ]
    print_table(("state", "age", "key", "job", "reason"), rows)
    return 0


def format_duration(duration_ms: int) -> str:
    """Returns the two largest units of a duration: 45s, 12m 03s, 5h 20m, 3d 04h."""
    seconds = max(0, duration_ms) // 1000
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d {hours:02}h"
    if hours:
        return f"{hours}h {minutes:02}m"
    return f"{minutes}m {seconds:02}s" if minutes else f"{seconds}s"
