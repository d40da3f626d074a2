"""`people-pathing count`: counts people in stored results: zones, lines and flows."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.analysis.summaries.intervals import INTERVAL_MINUTES
from people_pathing.cli.arguments import input_file, output_folder, time_ms
from people_pathing.cli.errors import CommandError, as_command_errors
from people_pathing.cli.messages import say
from people_pathing.cli.tables import print_json

if TYPE_CHECKING:
    from people_pathing.analysis.video_counts import VideoCounts
    from people_pathing.analysis.zones_file.sections import ZonesFile
    from people_pathing.cli.counting.sources import CountSource

SUMMARY = "count people in stored results: zones, lines and flows"
EXAMPLE = "people-pathing count out/street.mp4.paths --zones zones.json --out out"

DEFAULT_INTERVAL_MINUTES = 15
LATEST_RECORDING_MS = 7_258_118_400_000
"""The end of the year 2199."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument(
        "results",
        type=_path,
        nargs="+",
        metavar="FOLDER|FILE",
        help="a folder with the result files of one video, or a file of observations",
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
    parser.add_argument("--json", action="store_true", help="print JSON: an array with a line for each video")


def run(options: argparse.Namespace) -> int:
    """Counts each video, writes the files that were asked for and prints the counts."""
    from people_pathing.analysis import count_files
    from people_pathing.cli.counting.sources import open_source
    from people_pathing.cli.counting.zones import load_zones
    from people_pathing.cli.listings.counts import print_counts

    zones_file = load_zones(options.zones)
    sources = [open_source(path) for path in options.results]
    if options.recorded_at is not None and len(sources) > 1:
        raise CommandError("--recorded-at is for one video; give one folder, or leave the option out")
    _require_outputs(options, sources)
    if zones_file.masks:
        say("masks do not change counts; they need new tracking, because they are about the pixels")
    documents = []
    for source in sources:
        counts = _count(source, zones_file, options)
        document = count_files.counts_document(counts, source.video, options.interval)
        if options.out:
            _write(counts, document, source, options.out / source.name)
        if options.json:
            documents.append(document)
        else:
            print_counts(counts, document)
    if options.json:
        print_json(documents)
    return 0


def _count(source: CountSource, zones_file: ZonesFile, options: argparse.Namespace) -> VideoCounts:
    from people_pathing.analysis.counting.counter import PointOrderError
    from people_pathing.analysis.path_points import ObservationsError, read_path_points
    from people_pathing.analysis.summaries.intervals import Recording
    from people_pathing.analysis.video_counts import count_video

    aspect_ratio = options.frame_size or source.aspect_ratio
    if aspect_ratio is None:
        raise CommandError(
            f"nothing says how large the frames of {source.video} are; "
            "give their size in pixels, for example --frame-size 1920x1080"
        )
    recorded_at_ms = source.recorded_at_ms if options.recorded_at is None else options.recorded_at
    try:
        return count_video(
            read_path_points(source.observations),
            zones_file,
            aspect_ratio=aspect_ratio,
            recording=Recording(source.duration_ms, recorded_at_ms),
            interval_minutes=options.interval,
        )
    except (ObservationsError, PointOrderError) as error:
        raise CommandError(f"{source.observations}: {error}") from error


def _require_outputs(options: argparse.Namespace, sources: list[CountSource]) -> None:
    from people_pathing.analysis import count_files
    from people_pathing.cli.outputs import require_no_inputs, require_outputs
    from people_pathing.cli.result_folder import result_folder

    if not options.out:
        return
    folders = [result_folder(options.out, source.name) for source in sources]
    files = [folder / name for folder in folders for name in count_files.ALL_NAMES]
    require_outputs(files)
    inputs = {f"the file of observations {source.observations}": source.observations for source in sources}
    require_no_inputs(files, {"the file of zones": options.zones, **inputs})


def _write(counts: VideoCounts, document: dict[str, object], source: CountSource, folder: Path) -> None:
    from people_pathing.analysis import count_files
    from people_pathing.analysis.path_points import ObservationsError, read_path_points
    from people_pathing.common.complete_file import complete_file

    texts = {
        count_files.EVENTS: count_files.events_csv(counts),
        count_files.INTERVALS: count_files.intervals_csv(counts),
        count_files.FLOWS: count_files.flows_csv(counts),
    }
    for name, text in texts.items():
        with complete_file(folder / name) as path:
            path.write_text(text, "utf-8")
    if counts.zones_file.calibration:
        points = read_path_points(source.observations)
        with (
            as_command_errors(ObservationsError),
            complete_file(folder / count_files.FLOOR_PATHS) as path,
            path.open("w", encoding="utf-8") as file,
        ):
            file.writelines(count_files.floor_paths_csv(counts, points))
    # The last file: if it is new, all are.
    with complete_file(folder / count_files.COUNTS) as path:
        path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
    say(f"counts in {folder}")


def _path(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("the value is empty; give a folder with result files")
    return Path(text)


def _recorded_at(text: str) -> int:
    """Returns milliseconds since the epoch."""
    found_ms = time_ms(text)
    if not 0 <= found_ms <= LATEST_RECORDING_MS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time from 1970 to 2199")
    return found_ms


def _frame_size(text: str) -> float:
    """Returns width divided by height."""
    match = re.fullmatch(r"([1-9]\d{0,5})[xX×]([1-9]\d{0,5})", text, re.ASCII)  # noqa: RUF001
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size in pixels such as 1920x1080")
    return int(match[1]) / int(match[2])
