"""`people-pathing jobs`: lists, shows, counts or watches the jobs of a deployed stack."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from people_pathing.cli.arguments import non_empty
from people_pathing.cli.aws import add_stack_name, aws_session, stack_outputs
from people_pathing.cli.errors import CommandError
from people_pathing.cli.listings import jobs as job_listing
from people_pathing.cli.listings.jobs import JobLine
from people_pathing.cli.messages import flush_output, say, show
from people_pathing.cli.tables import print_json, print_table
from people_pathing.common.clock import now_ms

if TYPE_CHECKING:
    import boto3

    from people_pathing.pipeline.job_record import JobRecord, JobState
    from people_pathing.pipeline.job_table import JobTable

SUMMARY = "list, show, count or watch jobs of a deployed stack"
EXAMPLE = """\
people-pathing jobs --state FAILED
people-pathing jobs cam7/door.mp4
people-pathing jobs --watch"""
WATCH_INTERVAL_S = 5.0
"""The time between two readings of the job table."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument(
        "job",
        nargs="?",
        type=non_empty,
        metavar="JOB",
        help="show everything about one job: the key of a video, or the first digits of a job id",
    )
    add_stack_name(parser)
    parser.add_argument(
        "--state",
        choices=["WAITING", "IN_PROGRESS", "SUCCEEDED", "FAILED"],
        help="only the jobs in this state (default: all)",
    )
    parser.add_argument("--wide", action="store_true", help="show whole job ids")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--count", action="store_true", help="show only how many jobs are in each state")
    how.add_argument(
        "--watch",
        action="store_true",
        help="print a line whenever a job changes its state, until no job is open",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="print JSON: an array with an object for each job; with JOB, one object; with --count, an array "
        "with an object for each state",
    )


def run(options: argparse.Namespace) -> int:
    """Prints the jobs as the options ask for."""
    if options.watch and options.json:
        raise CommandError("--watch prints a line whenever a job changes; leave out --json")
    if options.count and options.job:
        raise CommandError("--count counts the jobs of all videos; leave out JOB, or leave out --count")
    session = aws_session("jobs")
    from people_pathing.pipeline.job_record import JobState
    from people_pathing.pipeline.job_table import JobTable

    states = [JobState(options.state)] if options.state else list(JobState)
    outputs = stack_outputs(session, options.stack_name)
    table = JobTable(session.client("dynamodb"), outputs["JobTableName"])
    if options.count:
        print_counts(table, states, as_json=options.json)
    elif options.watch:
        watch_jobs(table, states, options.job, wide=options.wide)
    elif options.job:
        print_job(_named(table, states, options.job), session, outputs, as_json=options.json)
    elif options.json:
        print_json(map(job_listing.json_members, _records(table, states)))
    else:
        print_jobs(_records(table, states), wide=options.wide)
    return 0


def print_counts(table: JobTable, states: Sequence[JobState], *, as_json: bool) -> None:
    """Prints the exact number of jobs in each state."""
    counts = {state.value: table.count(state) for state in states}
    if as_json:
        print_json({"state": state, "jobs": count} for state, count in counts.items())
        return
    rows = [(state, f"{count:,}") for state, count in counts.items()]
    print_table(("state", "jobs"), rows, right_aligned=("jobs",))


def print_jobs(records: Sequence[JobRecord], *, wide: bool) -> None:
    """Prints one line for each job, and how many there are on standard error."""
    listed_ms = now_ms()
    print_table(job_listing.HEADINGS, (JobLine(record, listed_ms).cells(wide=wide) for record in records))
    say(job_listing.summary(records))


def print_job(
    record: JobRecord, session: boto3.Session, outputs: Mapping[str, str], *, as_json: bool
) -> None:
    """Prints everything about one job."""
    if as_json:
        show(json.dumps(job_listing.json_members(record)))
        return
    from people_pathing.service.progress import job_progress

    progress = None
    if record.is_open and record.job_id and "ArtifactBucketName" in outputs:
        progress = job_progress(session.client("s3"), outputs["ArtifactBucketName"], record.job_id)
    facts = job_listing.details(record, progress)
    width = max(len(name) for name, _ in facts)
    show(*(f"{name:<{width}}  {text}" for name, text in facts))


def watch_jobs(table: JobTable, states: Sequence[JobState], name: str | None, *, wide: bool) -> None:
    """Prints the open jobs, then each job that changes its state. Ends when no job is open.

    Args:
        table: the job records.
        states: the states that are printed.
        name: the key or id of the only job to watch; None for all.
        wide: whether whole job ids are shown.
    """
    known: dict[str, JobState] | None = None
    while True:
        records = _all_records(table)
        if name:
            records = [job_listing.only_job(records, name)]
        if known is None:
            changed = [record for record in records if record.is_open or name]
        else:
            changed = [record for record in records if known.get(record.video_id) is not record.state]
        known = {record.video_id: record.state for record in records}
        listed_ms = now_ms()
        for record in changed:
            if record.state in states:
                show("  ".join(JobLine(record, listed_ms).cells(wide=wide)).rstrip())
        # Another program may read the lines while this one waits.
        flush_output()
        if not any(record.is_open for record in records):
            say(job_listing.summary(records))
            return
        time.sleep(WATCH_INTERVAL_S)


def _named(table: JobTable, states: Sequence[JobState], name: str) -> JobRecord:
    # The index is updated shortly after the table.
    listed = job_listing.only_job(_records(table, states), name)
    return table.get(listed.video_id) or listed


def _all_records(table: JobTable) -> list[JobRecord]:
    from people_pathing.pipeline.job_record import JobState

    return _records(table, list(JobState))


def _records(table: JobTable, states: Sequence[JobState]) -> list[JobRecord]:
    """Returns the jobs in the states, the oldest upload first."""
    # A job that changes its state between two queries would be listed twice.
    found = {record.video_id: record for state in states for record in table.in_state(state)}
    return job_listing.oldest_first(found.values())
