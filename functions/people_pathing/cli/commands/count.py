"""`people-pathing count`: counts people in stored results: zones, lines and flows."""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.analysis.summaries.intervals import DEFAULT_INTERVAL_MINUTES, INTERVAL_MINUTES
from people_pathing.cli.arguments import input_file, non_empty, output_folder, path_or_key
from people_pathing.cli.errors import CommandError
from people_pathing.cli.messages import say, show
from people_pathing.cli.tables import print_json
from people_pathing.results.recording_time import RecordingSource, RecordingTimeError, stated_time

if TYPE_CHECKING:
    from people_pathing.analysis.video_counts import VideoCounts
    from people_pathing.analysis.zones_file.sections import ZonesFile
    from people_pathing.cli.counting.sources import CountSource

SUMMARY = "count people in stored results: zones, lines and flows"
EXAMPLE = """\
people-pathing count out/street.mp4.paths --zones zones.json
people-pathing count out --zones zones.json --interval 60 --out out
people-pathing count cam7/door.mp4 --stack-name people-pathing --zones zones.json
people-pathing count --prefix cam7/ --zones zones.json --json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument(
        "results",
        type=path_or_key,
        nargs="*",
        metavar="FOLDER|FILE|KEY",
        help="a folder with result files, or with folders of them, or a file of observations; with "
        "--stack-name, the key of a video in the bucket. Several files are added up, too, by their times of "
        "recording",
    )
    parser.add_argument(
        "--stack-name",
        metavar="NAME",
        help="fetch the results from this CloudFormation stack",
    )
    parser.add_argument(
        "--prefix",
        type=non_empty,
        metavar="PREFIX",
        help="count all videos of the stack whose keys begin with it, for example the files of one recorder",
    )
    parser.add_argument(
        "--zones", type=input_file, metavar="FILE", required=True, help="zones.json: what is counted"
    )
    parser.add_argument(
        "--interval",
        type=int,
        choices=INTERVAL_MINUTES,
        default=DEFAULT_INTERVAL_MINUTES,
        metavar="MINUTES",
        help=f"length of the intervals: 1, 15 or 60 minutes (default: {DEFAULT_INTERVAL_MINUTES})",
    )
    parser.add_argument(
        "--recorded-at",
        type=_recorded_at,
        metavar="TIME",
        help="when the video starts, for example 2026-03-02T09:00+01:00; UTC if no other zone is named "
        "(default: what job.json says)",
    )
    parser.add_argument(
        "--frame-size",
        type=_frame_size,
        metavar="WxH",
        help="size of the frame in pixels, where there is no job.json that says it",
    )
    parser.add_argument(
        "--out",
        type=output_folder,
        metavar="DIR",
        help="write counts.json and tables in CSV into a folder in DIR that is named like the results",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="print JSON: an array with a line for each video, and one for all together",
    )


def run(options: argparse.Namespace) -> int:
    """Counts each video, writes the files that were asked for and prints the counts."""
    from people_pathing.cli.counting.outputs import require_count_outputs
    from people_pathing.cli.counting.zones import load_zones

    zones_file = load_zones(options.zones)
    with tempfile.TemporaryDirectory() as scratch:
        sources = _sources(options, Path(scratch))
        if options.recorded_at is not None:
            sources = _recorded(sources, options.recorded_at)
        if options.frame_size is not None:
            sources = [replace(source, aspect_ratio=options.frame_size) for source in sources]
        if options.out:
            require_count_outputs(options.out, options.zones, sources)
        if zones_file.masks:
            say("masks do not change counts; they need new tracking, because they are about the pixels")
        _count_all(sources, zones_file, options)
    return 0


def _sources(options: argparse.Namespace, scratch: Path) -> list[CountSource]:
    """Opens the folders and files, or fetches what a deployed stack has."""
    from people_pathing.cli.counting.sources import open_all

    if not _is_of_stack(options):
        if not options.results:
            raise CommandError("nothing to count; give a folder with result files, or --prefix for a stack")
        return open_all(map(Path, options.results))
    from people_pathing.cli.aws import DEFAULT_STACK_NAME, aws_session, stack_outputs

    session = aws_session("count")
    from people_pathing.cli.counting.stack_results import fetch_sources
    from people_pathing.cli.deployed_stack import DeployedStack

    outputs = stack_outputs(session, options.stack_name or DEFAULT_STACK_NAME)
    stack = DeployedStack.of(outputs, session.client("s3"), session.client("dynamodb"))
    return fetch_sources(stack, options.results, options.prefix, scratch)


def _is_of_stack(options: argparse.Namespace) -> bool:
    return options.prefix is not None or options.stack_name is not None


def _count_all(sources: Sequence[CountSource], zones_file: ZonesFile, options: argparse.Namespace) -> None:
    """Counts each source by itself, and then all together if they are several."""
    from people_pathing.cli.counting.one_source import count_source
    from people_pathing.cli.counting.outputs import write_counts
    from people_pathing.cli.listings.counts import print_counts
    from people_pathing.cli.reports.result_report import update_result_report

    documents: list[dict[str, object]] = []
    all_counts = []
    for source in sources:
        counts, document = count_source(source, zones_file, options.interval)
        if options.out:
            write_counts(counts, document, options.out / source.name, source.observations)
        if not options.json:
            print_counts(counts, document)
        if source.place.is_dir() and not _is_of_stack(options):
            update_result_report(source.place, options.zones)
        documents.append(document)
        all_counts.append(counts)
    if len(sources) > 1:
        documents += _add_up(all_counts, [source.video for source in sources], options)
    if options.json:
        print_json(documents)


def _add_up(
    all_counts: Sequence[VideoCounts], videos: Sequence[str], options: argparse.Namespace
) -> list[dict[str, object]]:
    """Writes and prints the counts of all files together. Returns their document, if they can be added up."""
    from people_pathing.analysis.consecutive_files import FilesError, add_up
    from people_pathing.analysis.count_files import total_document
    from people_pathing.cli.counting.names import TOTAL
    from people_pathing.cli.counting.outputs import write_counts
    from people_pathing.cli.listings.counts import print_counts, print_files

    try:
        added = add_up(all_counts, options.interval)
    except FilesError as error:
        unknown = [
            video
            for video, counts in zip(videos, all_counts, strict=True)
            if counts.recording.recorded_at_ms is None
        ]
        say(f"the {len(videos)} files are not added up: {': '.join([str(error), *unknown[:1]])}")
        return []
    document = total_document(added, videos, options.interval)
    if options.out:
        write_counts(added.counts, document, options.out / TOTAL, None)
    if not options.json:
        show("")
        print_counts(added.counts, document)
        print_files(added, videos)
    return [document]


def _recorded(sources: Sequence[CountSource], at_ms: int) -> list[CountSource]:
    """Returns the only video, with the time of recording that the user stated."""
    if len(sources) > 1:
        raise CommandError("--recorded-at is for one video; give one folder, or leave the option out")
    return [replace(one, recorded_at_ms=at_ms, recorded_at_source=RecordingSource.STATED) for one in sources]


def _recorded_at(text: str) -> int:
    """Returns milliseconds since the epoch."""
    try:
        return stated_time(text, UTC)
    except RecordingTimeError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _frame_size(text: str) -> float:
    """Returns width divided by height."""
    match = re.fullmatch(r"([1-9]\d{0,5})[xX×]([1-9]\d{0,5})", text, re.ASCII)  # noqa: RUF001
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size in pixels such as 1920x1080")
    return int(match[1]) / int(match[2])
