"""`people-pathing jobs`: lists or counts the jobs of a deployed stack."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from people_pathing.cli.aws import add_stack_name, aws_session, stack_outputs
from people_pathing.cli.progress import format_duration
from people_pathing.cli.tables import print_table
from people_pathing.common.clock import now_ms

if TYPE_CHECKING:
    from people_pathing.pipeline.job_record import JobState
    from people_pathing.pipeline.job_table import JobTable

SUMMARY = "list or count the jobs of a deployed stack"
EXAMPLE = "people-pathing jobs --state FAILED"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    add_stack_name(parser)
    parser.add_argument(
        "--state",
        choices=["WAITING", "IN_PROGRESS", "SUCCEEDED", "FAILED"],
        help="only the jobs in this state (default: all)",
    )
    parser.add_argument("--count", action="store_true", help="show only how many jobs are in each state")


def run(options: argparse.Namespace) -> int:
    """Prints a table of the jobs, or of their numbers."""
    session = aws_session("jobs")
    from people_pathing.pipeline.job_record import JobState
    from people_pathing.pipeline.job_table import JobTable

    states = [JobState(options.state)] if options.state else list(JobState)
    outputs = stack_outputs(session, options.stack_name)
    table = JobTable(session.client("dynamodb"), outputs["JobTableName"])
    if options.count:
        print_counts(table, states)
    else:
        print_jobs(table, states)
    return 0


def print_counts(table: JobTable, states: Sequence[JobState]) -> None:
    """Prints the exact number of jobs in each state."""
    rows = [(state.value, f"{table.count(state):,}") for state in states]
    print_table(("state", "jobs"), rows, right_aligned=("jobs",))


def print_jobs(table: JobTable, states: Sequence[JobState]) -> None:
    """Prints one line for each job in the states, the oldest upload first."""
    records = [record for state in states for record in table.in_state(state)]
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
