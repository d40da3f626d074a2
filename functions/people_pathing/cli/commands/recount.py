"""`people-pathing recount`: has a deployed stack count stored results again, or shows which ones it would."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from people_pathing.cli.arguments import count_from_1, non_empty
from people_pathing.cli.aws import add_stack_name, aws_session, stack_outputs
from people_pathing.cli.errors import CommandError
from people_pathing.cli.messages import show
from people_pathing.cli.tables import print_json, print_table
from people_pathing.common.zones_objects import applying_key, zones_keys

if TYPE_CHECKING:
    from people_pathing.cli.deployed_stack import DeployedStack
    from people_pathing.pipeline.job_record import JobRecord

SUMMARY = "count a stack's results again with the current zones"
EXAMPLE = "people-pathing recount --prefix cam7/ --dry-run"

DEFAULT_LIMIT = 200
FUNCTION = "AnalyzeResults"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument(
        "keys", nargs="*", type=non_empty, metavar="KEY", help="the keys of videos in the video bucket"
    )
    parser.add_argument(
        "--prefix", type=non_empty, metavar="PREFIX", help="all videos whose keys begin with PREFIX"
    )
    parser.add_argument(
        "--limit",
        type=count_from_1,
        default=DEFAULT_LIMIT,
        metavar="N",
        help="if more than this many results would be counted, count none (default: %(default)s)",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="show which results would be counted, and change nothing"
    )
    parser.add_argument("--json", action="store_true", help="with --dry-run: print the results as JSON")
    add_stack_name(parser)


def run(options: argparse.Namespace) -> int:
    """Sends an event for each result to the function that counts, which works on them in the background.

    Raises:
        CommandError: no video is named, one of them has no results or no zones, or there are too many.
    """
    if not options.keys and options.prefix is None:
        raise CommandError("say what to count again: KEY or --prefix")
    if options.json and not options.dry_run:
        raise CommandError("--json is for --dry-run")
    session = aws_session("recount")
    from people_pathing.cli.deployed_stack import DeployedStack

    outputs = stack_outputs(session, options.stack_name)
    stack = DeployedStack.of(outputs, session.client("s3"), session.client("dynamodb"))
    found = countable_results(stack, options.keys, options.prefix)
    _require_results(found, options.keys, options.prefix)
    if options.dry_run:
        _show_found(found, options.json, options.limit)
        return 0
    if len(found) > options.limit:
        raise CommandError(
            f"{len(found)} results would be counted, more than --limit {options.limit}; nothing was counted"
        )
    name = function_name(session.client("cloudformation"), options.stack_name)
    functions = session.client("lambda")
    sent_count = 0
    try:
        for one in found:
            payload = json.dumps(stored_event(stack.results_bucket, one.record))
            functions.invoke(FunctionName=name, InvocationType="Event", Payload=payload)
            sent_count += 1
    finally:
        # Also after an error: the user must know that some results are being counted.
        show(f"results that are being counted again: {sent_count}; analysis.json is the last file of each")
    return 0


@dataclass(frozen=True, slots=True)
class CountableResult:
    """A result that can be counted.

    Attributes:
        record: the job record of the video.
        zones_key: the key of the zones file that applies to the video.
    """

    record: JobRecord
    zones_key: str


def _require_results(found: list[CountableResult], keys: list[str], prefix: str | None) -> None:
    """Raises CommandError if a key or the prefix names nothing that can be counted."""
    for key in keys:
        if not any(one.record.key == key for one in found):
            raise CommandError(f"{key} has no results, or no zones file applies to it; nothing was counted")
    if prefix is not None and not any(one.record.key.startswith(prefix) for one in found):
        raise CommandError(
            f"no video whose key begins with {prefix} has results and a zones file that applies to it; "
            "nothing was counted"
        )


def _show_found(found: list[CountableResult], as_json: bool, limit: int) -> None:
    if as_json:
        print_json(
            {"key": one.record.key, "version": one.record.version, "zones": one.zones_key} for one in found
        )
        return
    print_table(
        ("key", "version", "zones"),
        [(one.record.key, one.record.version or "", one.zones_key) for one in found],
    )
    show(f"results that would be counted: {len(found)}; none was, because of --dry-run")
    if len(found) > limit:
        show(f"without --dry-run, this would be refused: --limit is {limit}")


def countable_results(stack: DeployedStack, keys: list[str], prefix: str | None) -> list[CountableResult]:
    """Returns the results of all versions of the named videos, if they have a zones file.

    Args:
        stack: the deployed stack.
        keys: the keys of videos.
        prefix: more videos: those whose keys begin with it; None for no more.
    """
    from people_pathing.pipeline.job_record import JobState

    known = zones_keys(stack.s3, stack.video_bucket)
    chosen = [
        record
        for record in stack.job_table.in_state(JobState.SUCCEEDED)
        if record.bucket == stack.video_bucket
        and (record.key in keys or (prefix is not None and record.key.startswith(prefix)))
    ]
    return [
        CountableResult(record, zones_key)
        for record in sorted(chosen, key=lambda one: (one.key, one.uploaded_ms))
        if (zones_key := applying_key(known, record.key)) is not None
    ]


def function_name(cloudformation: Any, stack_name: str) -> str:
    """Returns the name of the function that counts.

    Raises:
        CommandError: the stack has none, because it was deployed from an earlier version.
    """
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_name)
    for page in pages:
        for resource in page["StackResourceSummaries"]:
            if resource["LogicalResourceId"] == FUNCTION:
                return str(resource["PhysicalResourceId"])
    raise CommandError(
        f"the stack {stack_name} has no function {FUNCTION}; deploy the template of this version"
    )


def stored_event(results_bucket: str, record: JobRecord) -> dict[str, Any]:
    """Returns what S3 says when the results of a video are complete, as far as the function reads it."""
    from people_pathing.results.files import job_summary

    key = quote_plus(record.results_prefix + job_summary.NAME, safe="/")
    stored = {"bucket": {"name": results_bucket}, "object": {"key": key}}
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "eventName": "ObjectCreated:Put",
                "s3": stored,
            }
        ]
    }
