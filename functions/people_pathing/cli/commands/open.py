"""`people-pathing open`: shows the report of a video in the browser."""

from __future__ import annotations

import argparse
from pathlib import Path

from people_pathing.cli.arguments import input_file, path_or_key
from people_pathing.cli.errors import CommandError, as_command_errors
from people_pathing.cli.messages import say, show

SUMMARY = "show the report of a video in the browser"
EXAMPLE = """\
people-pathing open out/street.mp4.paths
people-pathing open out/street.mp4.paths --zones zones.json --no-browser
people-pathing open cam7/door.mp4 --stack-name people-pathing"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument(
        "results",
        type=path_or_key,
        metavar="FOLDER|FILE|KEY",
        help="a folder with the result files of one video, one of these files, or the video beside it; with "
        "--stack-name, the key of a video in the bucket",
    )
    parser.add_argument(
        "--stack-name",
        metavar="NAME",
        help="fetch the results from this CloudFormation stack. The page can play the video for an hour",
    )
    parser.add_argument(
        "--zones",
        type=input_file,
        metavar="FILE",
        help="zones.json: what the report counts (default: what it counted before, or the zones file that "
        "applies in the stack)",
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="only write the report, if necessary, and print its path"
    )


def run(options: argparse.Namespace) -> int:
    """Writes the report if it is missing or older than the results, prints its path and opens it."""
    page = _local_page(options) if options.stack_name is None else _page_of_stack(options)
    show(str(page))
    if not options.no_browser:
        from people_pathing.cli.reports.browser import open_in_browser

        open_in_browser(page)
    return 0


def _local_page(options: argparse.Namespace) -> Path:
    from people_pathing.cli.outputs import require_outputs
    from people_pathing.cli.reports.result_report import report_path, write_result_report
    from people_pathing.report.written_page import is_current
    from people_pathing.results.stored_result import StoredResultError, open_stored_result

    folder = _folder(Path(options.results))
    with as_command_errors(StoredResultError):
        open_stored_result(folder)
    page = report_path(folder)
    if options.zones or not is_current(page, folder):
        require_outputs([page])
        write_result_report(folder, zones=options.zones)
    return page


def _folder(path: Path) -> Path:
    """Returns the folder of the results that a path leads to. Raises CommandError if there is none."""
    from people_pathing.cli.result_folder import FOLDER_SUFFIX
    from people_pathing.results.files import job_summary

    if not path.is_file():
        return path
    of_video = path.with_name(path.name + FOLDER_SUFFIX)
    for folder in (of_video, path.parent):
        if (folder / job_summary.NAME).is_file():
            return folder
    raise CommandError(f"there are no results of {path} beside it; give the folder with its result files")


def _page_of_stack(options: argparse.Namespace) -> Path:
    from people_pathing.cli.aws import aws_session, stack_outputs
    from people_pathing.cli.counting.zones import zones_text

    zones = zones_text(options.zones) if options.zones else None
    session = aws_session("open")
    from people_pathing.cli.counting.stack_results import newest_records
    from people_pathing.cli.deployed_stack import DeployedStack
    from people_pathing.cli.reports.stack_report import (
        VIDEO_S,
        temporary_address,
        temporary_annotated_address,
        write_stack_report,
    )
    from people_pathing.common.clock import now_ms, utc_text_to_second

    outputs = stack_outputs(session, options.stack_name)
    stack = DeployedStack.of(outputs, session.client("s3"), session.client("dynamodb"))
    record = newest_records(stack, [options.results])[options.results]
    end_ms = now_ms() + VIDEO_S * 1000
    addresses = temporary_address(session, record), temporary_annotated_address(session, stack, record)
    page = write_stack_report(stack, record, addresses[0], zones, addresses[1])
    say(
        f"the page can play the video until {utc_text_to_second(end_ms)}, or until your AWS session ends",
        f"everyone who has the page can do so, too; delete {page.parent} when you have seen it",
    )
    return page
