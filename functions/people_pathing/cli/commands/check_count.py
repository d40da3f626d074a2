"""`people-pathing check-count`: compares counts with a tally made by hand."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.cli.arguments import input_file
from people_pathing.cli.errors import CommandError
from people_pathing.cli.messages import show
from people_pathing.cli.tables import print_table

if TYPE_CHECKING:
    from people_pathing.analysis.counts_reading import IntervalCounts
    from people_pathing.analysis.tally import Compared

SUMMARY = "compare counts with a tally made by hand"
EXAMPLE = "people-pathing check-count tally.csv --counts out/street.mp4.paths/counts.json"
HEADINGS = ("interval", "section", "ours", "by hand", "difference")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument(
        "tally",
        type=input_file,
        metavar="FILE",
        help="CSV with the columns interval, section (a zone or line), count, and perhaps direction (in or "
        "out); intervals without a row are not compared",
    )
    parser.add_argument(
        "--counts",
        type=input_file,
        required=True,
        metavar="FILE",
        help="counts.json, which `people-pathing count --out` writes; its intervals are those of the tally",
    )
    parser.add_argument("--json", action="store_true", help="print JSON: each count, and the error")


def run(options: argparse.Namespace) -> int:
    """Prints each count beside ours, the difference, and the error if there are enough intervals."""
    from people_pathing.analysis.tally import TallyError, compare, counting_error, read_tally

    intervals = _intervals(options.counts)
    try:
        compared = compare(read_tally(_text(options.tally)), intervals)
    except TallyError as error:
        raise CommandError(f"{options.tally}: {error}") from error
    if options.json:
        found = counting_error(compared)
        document = {"counts": [asdict(one) for one in compared], "error": asdict(found) if found else None}
        show(json.dumps(document))
    else:
        _print(compared)
    return 0


def _print(compared: Sequence[Compared]) -> None:
    from people_pathing.analysis.tally import CONFIDENCE, FEWEST_INTERVALS, counting_error

    rows = [
        (
            one.interval,
            f"{one.section} {one.direction}".rstrip(),
            str(one.ours),
            str(one.tally),
            _signed(one.ours - one.tally),
        )
        for one in compared
    ]
    ours, tally = sum(one.ours for one in compared), sum(one.tally for one in compared)
    rows.append(("all", "", str(ours), str(tally), _signed(ours - tally)))
    print_table(HEADINGS, rows, right_aligned=HEADINGS[2:])
    interval_count = len({one.interval for one in compared})
    if error := counting_error(compared):
        show(
            f"error: {error.share:.1%} of the tally; {CONFIDENCE:.0%} interval from {error.low:.1%} to "
            f"{error.high:.1%} (bootstrap over {interval_count} intervals)"
        )
    elif interval_count < FEWEST_INTERVALS:
        show(f"the error is shown from {FEWEST_INTERVALS} intervals on; these are {interval_count}")
    else:
        show("nothing was counted by hand, so there is no error")


def _signed(difference: int) -> str:
    return f"{difference:+}" if difference else "0"


def _text(path: Path) -> str:
    try:
        # Spreadsheets write a mark at the beginning.
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is not UTF-8 text; save it as UTF-8") from error


def _intervals(path: Path) -> tuple[IntervalCounts, ...]:
    from people_pathing.analysis.counts_reading import CountsFileError, read_counts

    try:
        return read_counts(_text(path)).intervals
    except CountsFileError as error:
        raise CommandError(
            f"{path} is not the counts.json that `people-pathing count --out` writes: {error}"
        ) from error
