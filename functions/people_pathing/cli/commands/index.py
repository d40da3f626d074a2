"""`people-pathing index`: writes a page of all videos, of a folder or of a deployed stack."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.cli.arguments import count_from_1, non_empty, output_file, output_folder
from people_pathing.cli.errors import CommandError
from people_pathing.cli.messages import say, show
from people_pathing.cli.progress import progress

if TYPE_CHECKING:
    from people_pathing.report.overview.html_file import Overview

SUMMARY = "write a page of all videos, with their reports"
EXAMPLE = """\
people-pathing index out
people-pathing index --stack-name people-pathing --prefix cam7/ --open"""
DEFAULT_FOLDER = Path("out")
DEFAULT_LIMIT = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.description = (
        f"{parser.description} It shows the state, the length and the people of each. "
        "`people-pathing up` serves the same page for the stack on this machine. There it follows the jobs, "
        "and takes videos that are dropped on it."
    )
    parser.add_argument(
        "folder",
        nargs="?",
        type=output_folder,
        metavar="FOLDER",
        help=f"a folder with results that `track`, `run` or `aws s3 sync` wrote (default: {DEFAULT_FOLDER}). "
        "Reports that are missing are written",
    )
    parser.add_argument(
        "--stack-name",
        metavar="NAME",
        help="show the videos of this CloudFormation stack instead, in every state",
    )
    parser.add_argument(
        "--prefix", type=non_empty, metavar="TEXT", help="with --stack-name: only keys that begin with this"
    )
    parser.add_argument(
        "--limit",
        type=count_from_1,
        metavar="N",
        help=f"with --stack-name: only the N videos that were uploaded last (default: {DEFAULT_LIMIT})",
    )
    parser.add_argument(
        "--out",
        type=output_file,
        metavar="FILE",
        help="where to write the page (default: FOLDER/index.html, or STACK-index.html in this folder)",
    )
    parser.add_argument("--open", action="store_true", help="open the page in the browser, too")


def run(options: argparse.Namespace) -> int:
    """Writes the page and prints its path."""
    from people_pathing.report.overview.html_file import write_overview

    page = options.out or _default_page(options)
    if options.stack_name is None:
        if options.prefix or options.limit:
            raise CommandError("--prefix and --limit choose videos of a stack; name it with --stack-name")
        overview = _overview_of_folder(options.folder or DEFAULT_FOLDER, page)
    else:
        if options.folder:
            raise CommandError("give either a folder with results, or a stack with --stack-name")
        overview = _overview_of_stack(options, page)
    write_overview(page, overview)
    show(str(page))
    if options.open:
        from people_pathing.cli.reports.browser import open_in_browser

        open_in_browser(page)
    return 0


def _default_page(options: argparse.Namespace) -> Path:
    from people_pathing.cli.outputs import require_no_link
    from people_pathing.report.overview.html_file import NAME

    if options.stack_name is None:
        page = (options.folder or DEFAULT_FOLDER) / NAME
    else:
        # The name of a stack has letters, digits and hyphens. Its ARN, which is accepted too, has more.
        page = Path(f"{re.sub(r'[^A-Za-z0-9-]+', '-', options.stack_name)}-{NAME}")
    require_no_link(page)
    return page


def _require_replaceable(page: Path) -> None:
    """Makes sure that the page can be written, and replaces no page of another program."""
    from people_pathing.cli.outputs import require_outputs
    from people_pathing.report.overview.html_file import is_overview

    require_outputs([page])
    if page.is_file() and not is_overview(page):
        raise CommandError(f"{page} is a file that this command did not write; choose another one with --out")


def _overview_of_folder(folder: Path, page: Path) -> Overview:
    from people_pathing.cli.overview.folder_entries import folder_entries
    from people_pathing.cli.result_folder import result_folders
    from people_pathing.report.overview.entry import newest_first
    from people_pathing.report.overview.html_file import Overview

    if not folder.is_dir():
        raise CommandError(f"there is no folder {folder}; give a folder with results, or --stack-name")
    folders = result_folders(folder)
    if not folders:
        raise CommandError(
            f"{folder} has no results; "
            f"`people-pathing track VIDEO --out {shlex.quote(str(folder))}` writes some"
        )
    _require_replaceable(page)
    with progress("reading results") as report:
        entries = folder_entries(folder, folders, page, report)
    return Overview(f"Videos in {folder.resolve().name}", newest_first(entries))


def _overview_of_stack(options: argparse.Namespace, page: Path) -> Overview:
    from people_pathing.cli.aws import aws_session, stack_outputs

    session = aws_session("index")
    from people_pathing.cli.deployed_stack import DeployedStack
    from people_pathing.cli.overview.stack_entries import SummaryReader, newest_jobs, stack_entry
    from people_pathing.report.overview.entry import newest_first
    from people_pathing.report.overview.html_file import Overview

    _require_replaceable(page)
    outputs = stack_outputs(session, options.stack_name)
    stack = DeployedStack.of(outputs, session.client("s3"), session.client("dynamodb"))
    jobs = newest_jobs(stack.job_table, options.limit or DEFAULT_LIMIT, options.prefix or "")
    with progress("reading results") as report:
        read = SummaryReader(stack).read_all(jobs.records, report)
    entries = []
    with_command: set[str] = set()
    for record in jobs.records:
        one = read.get(record.video_id)
        # `open` shows the newest version in the video bucket that has results. Records begin with the newest.
        can_open = one is not None and record.bucket == stack.video_bucket and record.key not in with_command
        if can_open:
            with_command.add(record.key)
        command = _open_command(record.key, options.stack_name) if can_open else None
        entries.append(stack_entry(record, one, command=command))
    note = ""
    if left_out := jobs.count - len(jobs.records):
        note = f"The {len(jobs.records):,} newest videos. {left_out:,} older ones are left out."
        say(f"{left_out:,} older videos are left out; --limit shows more")
    return Overview(f"Videos of {options.stack_name}", newest_first(entries), note)


def _open_command(key: str, stack_name: str) -> str:
    return shlex.join(["people-pathing", "open", "--stack-name", stack_name, "--", key])
