"""Compares counts with a tally made by hand: the difference, the error and how certain the error is."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any

from people_pathing.analysis.summaries.figures import percentile

COLUMNS = ("interval", "section", "count")
DIRECTION = "direction"
FEWEST_INTERVALS = 10
"""With fewer, a bootstrap says nothing about other times."""
SAMPLES = 2000
CONFIDENCE = 0.95
_SEED = 1
_PER_MILLION = 1_000_000


class TallyError(ValueError):
    """A tally or the counts cannot be used. The message names the line and what would be right."""


@dataclass(frozen=True, slots=True)
class TallyRow:
    """What a person counted by hand in one interval.

    Attributes:
        line: number of the row's line in the file, from 1.
        interval: when the interval starts, as it was written.
        section: name of a zone or line.
        direction: `in` or `out` of a line; empty for both together, and for the visits of a zone.
        count: how many.
    """

    line: int
    interval: str
    section: str
    direction: str
    count: int


@dataclass(frozen=True, slots=True)
class Compared:
    """A count beside ours.

    Attributes:
        interval: the label of the interval in the counts.
        section: name of the zone or line.
        direction: `in`, `out` or empty.
        ours: what was counted from the tracks.
        tally: the count by hand.
    """

    interval: str
    section: str
    direction: str
    ours: int
    tally: int


@dataclass(frozen=True, slots=True)
class CountingError:
    """The sum of all differences divided by the sum of the tally.

    Attributes:
        share: of the tally.
        low: lower end of the bootstrap interval over the intervals.
        high: its upper end.
    """

    share: float
    low: float
    high: float


def read_tally(text: str) -> tuple[TallyRow, ...]:
    """Reads a table with the columns `interval`, `section`, `count` and perhaps `direction`.

    Args:
        text: CSV with commas or semicolons, as spreadsheets write it.

    Raises:
        TallyError: a column is missing, a row is wrong, or there is none.
    """
    first_line = text.partition("\n")[0]
    reader = csv.DictReader(StringIO(text), delimiter=";" if ";" in first_line else ",")
    names = [(name or "").strip().lower() for name in reader.fieldnames or ()]
    if missing := [name for name in COLUMNS if name not in names]:
        raise TallyError(
            f"the first line has no column {missing[0]}; it must be interval,section,count or "
            "interval,section,direction,count"
        )
    reader.fieldnames = names
    rows = tuple(_row(reader.line_num, cells) for cells in reader)
    if not rows:
        raise TallyError("there are no counts below the first line")
    return rows


def compare(rows: Iterable[TallyRow], counts: Mapping[str, Any]) -> tuple[Compared, ...]:
    """Puts each count of a tally beside ours.

    Args:
        rows: the tally.
        counts: the content of counts.json.

    Raises:
        TallyError: an interval or section is unknown, or a count is there twice.
    """
    ours = {summary["interval"]: summary for summary in counts["intervals"]}
    lines_of: dict[tuple[str, str, str], int] = {}
    compared = []
    for row in rows:
        label = _label(row, ours)
        key = (label, row.section, row.direction)
        if key in lines_of:
            raise TallyError(f"line {row.line} repeats line {lines_of[key]}")
        lines_of[key] = row.line
        compared.append(Compared(*key, ours=_our_count(row, ours[label]), tally=row.count))
    return tuple(compared)


def counting_error(compared: Sequence[Compared]) -> CountingError | None:
    """Returns the error, with a bootstrap over intervals.

    Whole intervals are drawn with replacement, because counts of one interval depend on each other.

    Returns:
        None if there are fewer than ten intervals, or if nothing was counted by hand.
    """
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in compared:
        sums[one.interval][0] += abs(one.ours - one.tally)
        sums[one.interval][1] += one.tally
    per_interval = list(sums.values())
    total = sum(tally for _, tally in per_interval)
    if len(per_interval) < FEWEST_INTERVALS or total == 0:
        return None
    chooser = random.Random(_SEED)  # noqa: S311 - no secret
    shares = []
    for _ in range(SAMPLES):
        drawn = chooser.choices(per_interval, k=len(per_interval))
        drawn_total = sum(tally for _, tally in drawn)
        if drawn_total:
            shares.append(round(_PER_MILLION * sum(wrong for wrong, _ in drawn) / drawn_total))
    ends = (percentile(shares, (1 - CONFIDENCE) / 2), percentile(shares, (1 + CONFIDENCE) / 2))
    low, high = ((end or 0) / _PER_MILLION for end in ends)
    return CountingError(sum(wrong for wrong, _ in per_interval) / total, low, high)


def _row(line: int, cells: Mapping[str, str | None]) -> TallyRow:
    interval, section, count = ((cells[name] or "").strip() for name in COLUMNS)
    direction = (cells.get(DIRECTION) or "").strip().lower()
    if not count.isascii() or not count.isdecimal():
        raise TallyError(f"line {line}: the count must be a whole number, not {count!r}")
    if direction not in ("", "in", "out"):
        raise TallyError(f"line {line}: the direction must be in, out or empty, not {direction!r}")
    return TallyRow(line, interval, section, direction, int(count))


def _label(row: TallyRow, ours: Mapping[str, Any]) -> str:
    """Finds an interval by its label, or by its time on the local clock."""
    if row.interval in ours:
        return row.interval
    wanted = _clock(row.interval)
    found = [label for label in ours if wanted is not None and _clock(label) == wanted]
    if len(found) > 1:
        raise TallyError(f"line {row.line}: {row.interval} is there twice; write {found[0]} or {found[1]}")
    if not found:
        example = next(iter(ours), "none, because the video has no length")
        raise TallyError(
            f"line {row.line}: there is no interval {row.interval!r} in the counts; the first is {example}"
        )
    return found[0]


def _clock(text: str) -> datetime | None:
    """Returns the date and time on the clock, or None for a time from the start of the video."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def _our_count(row: TallyRow, summary: Mapping[str, Any]) -> int:
    zones = {zone["name"]: zone for zone in summary["zones"]}
    lines = {line["name"]: line for line in summary["lines"]}
    if row.section in lines:
        line = lines[row.section]
        return int(line[row.direction] if row.direction else line["in"] + line["out"])
    if row.section not in zones:
        names = ", ".join([*zones, *lines])
        raise TallyError(
            f"line {row.line}: there is no zone or line {row.section!r}; the counts have {names}"
        )
    if row.direction:
        raise TallyError(
            f"line {row.line}: {row.section} is a zone, whose visits count; leave direction empty"
        )
    return int(zones[row.section]["visits"])
