"""Compares counts with a tally made by hand: the difference, the error and how certain the error is."""

from __future__ import annotations

import csv
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO

from people_pathing.analysis.counts_reading import IntervalCounts
from people_pathing.analysis.summaries.figures import percentile
from people_pathing.analysis.zones_file.members import shown

COLUMNS = ("interval", "section", "count")
DIRECTION = "direction"
FEWEST_INTERVALS = 10
"""With fewer, a bootstrap says nothing about other times."""
SAMPLES = 2000
CONFIDENCE = 0.95
MAX_COUNT_DIGITS = 9
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
        text: CSV with commas, semicolons or tabs, as spreadsheets write it.

    Raises:
        TallyError: a column is missing or repeated, a row is wrong, or there is none.
    """
    rows = tuple(_row(line, cells) for line, cells in _table(text))
    if not rows:
        raise TallyError("there are no counts below the first line")
    return rows


def compare(rows: Iterable[TallyRow], intervals: Sequence[IntervalCounts]) -> tuple[Compared, ...]:
    """Puts each count of a tally beside ours.

    Args:
        rows: the tally.
        intervals: those of the counts.

    Raises:
        TallyError: an interval or section is unknown, or people are counted twice.
    """
    ours = {interval.label: interval for interval in intervals}
    labels = _Labels(ours)
    lines_of: dict[tuple[str, str, str], int] = {}
    compared = []
    for row in rows:
        label = labels.find(row)
        key = (label, row.section, row.direction)
        if key in lines_of:
            raise TallyError(f"line {row.line} repeats line {lines_of[key]}")
        # In and out are the parts of a count without a direction.
        parts = ("in", "out") if not row.direction else ("",)
        for part in parts:
            if (other := (label, row.section, part)) in lines_of:
                raise TallyError(
                    f"line {row.line} counts people of line {lines_of[other]} again; for one line and "
                    "interval, give in and out, or their sum without a direction"
                )
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


def _table(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yields the number of each row's line, and its cells by the names of the columns."""
    if "\0" in text:
        raise TallyError("it has NUL bytes, so it is no text; save it as CSV in UTF-8")
    first_line = text.partition("\n")[0]
    delimiter = next((one for one in (";", "\t") if one in first_line), ",")
    # Without `newline`, a line that ends with a carriage return alone would be an error.
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        _check_columns(names)
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells[len(names) :]):
                raise TallyError(f"line {reader.line_num} has more cells than the first line")
            # Spreadsheets write rows of separators below a table.
            if any(cells):
                cells += [""] * (len(names) - len(cells))
                yield reader.line_num, dict(zip(names, cells, strict=False))
    except csv.Error as error:
        raise TallyError(f"line {reader.line_num} is not CSV ({error})") from error


def _check_columns(names: Sequence[str]) -> None:
    """Raises TallyError if a column is missing or repeated. Other columns are ignored."""
    for name in (*COLUMNS, DIRECTION):
        if names.count(name) > 1:
            raise TallyError(f"the first line has the column {name} twice; remove or rename one")
    if missing := [name for name in COLUMNS if name not in names]:
        raise TallyError(
            f"the first line has no column {missing[0]}; it must be interval,section,count or "
            "interval,section,direction,count"
        )


def _row(line: int, cells: Mapping[str, str]) -> TallyRow:
    interval, section, count = (cells[name] for name in COLUMNS)
    direction = cells.get(DIRECTION, "").lower()
    if not count.isascii() or not count.isdecimal() or len(count) > MAX_COUNT_DIGITS:
        raise TallyError(
            f"line {line}: the count must be a whole number of at most {MAX_COUNT_DIGITS} digits, "
            f"not {shown(count)}"
        )
    if direction not in ("", "in", "out"):
        raise TallyError(f"line {line}: the direction must be in, out or empty, not {shown(direction)}")
    return TallyRow(line, interval, section, direction, int(count))


class _Labels:
    """Finds intervals by their labels, or by their times: on the local clock, unless an offset is named."""

    def __init__(self, labels: Iterable[str]) -> None:
        self._labels = dict.fromkeys(labels)
        self._at: defaultdict[datetime, list[str]] = defaultdict(list)
        for label in self._labels:
            if start := _time(label):
                self._at[start].append(label)
                # A time with an offset and one without are never equal, so they share a table.
                self._at[start.replace(tzinfo=None)].append(label)

    def find(self, row: TallyRow) -> str:
        """Returns the label of a row's interval. Raises TallyError if there is none, or if there are two."""
        if row.interval in self._labels:
            return row.interval
        wanted = _time(row.interval)
        found = self._at.get(wanted, []) if wanted else []
        if len(found) > 1:
            raise TallyError(
                f"line {row.line}: {row.interval} is there twice; write {found[0]} or {found[1]}"
            )
        if not found:
            example = next(iter(self._labels), "none, because the video has no length")
            raise TallyError(
                f"line {row.line}: there is no interval {shown(row.interval)} in the counts; "
                f"the first is {example}"
            )
        return found[0]


def _time(text: str) -> datetime | None:
    """Returns a date and time, or None for a time from the start of the video."""
    try:
        # Spreadsheets write hours before ten with one digit.
        return datetime.fromisoformat(re.sub(r"(?<=[ T])(?=\d:)", "0", text))
    except ValueError:
        return None


def _our_count(row: TallyRow, interval: IntervalCounts) -> int:
    zones, lines = interval.visits, interval.crossings
    if row.section in lines:
        crossings_in, crossings_out = lines[row.section]
        return {"in": crossings_in, "out": crossings_out, "": crossings_in + crossings_out}[row.direction]
    if row.section not in zones:
        names = ", ".join([*zones, *lines]) or "none"
        raise TallyError(
            f"line {row.line}: there is no zone or line {shown(row.section)}; the counts have {names}"
        )
    if row.direction:
        raise TallyError(
            f"line {row.line}: {row.section} is a zone, whose visits count; leave direction empty"
        )
    return zones[row.section]
