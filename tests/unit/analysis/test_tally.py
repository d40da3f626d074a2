"""Comparing counts with a tally."""

from __future__ import annotations

import time

import pytest

from people_pathing.analysis.counts_reading import IntervalCounts
from people_pathing.analysis.tally import (
    Compared,
    CountingError,
    TallyError,
    compare,
    counting_error,
    read_tally,
)


def interval(label: str, visits: int = 0, ways: tuple[int, int] = (0, 0)) -> IntervalCounts:
    return IntervalCounts(label, {"till": visits}, {"door": ways})


COUNTS = (
    interval("2026-03-02T09:00:00+01:00", 4, (7, 5)),
    interval("2026-03-02T09:15:00+01:00", 2, (3, 1)),
)
NINE, QUARTER = (one.label for one in COUNTS)
HEAD = "interval,section,count\n"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_tally_is_put_beside_the_counts(separator: str) -> None:
    text = (
        "Interval,Section,Direction,Count\n"
        "2026-03-02T09:00:00+01:00,door,in,8\n"
        "2026-03-02 09:15,door,,4\n"
        "2026-03-02 09:15,till,,1\n"
    )

    assert compare(read_tally(text.replace(",", separator)), COUNTS) == (
        Compared(NINE, "door", "in", ours=7, tally=8),
        Compared(QUARTER, "door", "", ours=4, tally=4),
        Compared(QUARTER, "till", "", ours=2, tally=1),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the first line has no column interval"),
        (
            "interval,count\n9:00,3\n",
            "the first line has no column section; it must be interval,section,count",
        ),
        ("interval,section,count\n", "there are no counts below the first line"),
        ("interval,section,count\n2026-03-02 09:00,door,many\n", "line 2: the count must be a whole number"),
        ("interval,section,count\n2026-03-02 09:00,door,-1\n", "line 2: the count must be a whole number"),
        (
            "interval,section,count\n2026-03-02 10:00,door,1\n",
            "line 2: there is no interval '2026-03-02 10:00'",
        ),
        (
            "interval,section,count\n2026-03-02 09:00,gate,1\n",
            "no zone or line 'gate'; the counts have till, door",
        ),
        (
            "interval,section,direction,count\n2026-03-02 09:00,till,in,1\n",
            "line 2: till is a zone, whose visits count; leave direction empty",
        ),
        (
            "interval,section,direction,count\n2026-03-02 09:00,door,up,1\n",
            "must be in, out or empty, not 'up'",
        ),
        (
            "interval,section,count\n2026-03-02 09:00,door,1\n2026-03-02T09:00:00+01:00,door,1\n",
            "line 3 repeats line 2",
        ),
        (
            HEAD + "2026-03-02T09:00:00Z,door,1\n",
            "line 2: there is no interval '2026-03-02T09:00:00Z' in the counts; the first is 2026-03",
        ),
        (HEAD + "2026-03-02T08:00Z,door,1\n2026-03-02 09:00,door,1\n", "line 3 repeats line 2"),
        (
            "interval,section,direction,count\n2026-03-02 09:00,door,,1\n2026-03-02 09:00,door,out,1\n",
            "line 3 counts people of line 2 again",
        ),
        (
            "interval,section,direction,count\n2026-03-02 09:00,door,in,1\n2026-03-02 09:00,door,,1\n",
            "line 3 counts people of line 2 again; for one line and interval, give in and out, or their sum",
        ),
        ("interval,section,section,count\n", "the first line has the column section twice"),
        ("interval,section,Direction,direction,count\n", "the first line has the column direction twice"),
        (HEAD + "2026-03-02 09:00,door,1,2\n", "line 2 has more cells than the first line"),
        (HEAD + "2026-03-02 09:00,door\n", "line 2: the count must be a whole number of at most 9 digits"),
        (HEAD + "2026-03-02 09:00,door," + "1" * 5000, "of at most 9 digits, not '1111"),
        (HEAD + "2026-03-02 09:00,door," + "x" * 140_000, "line 2 is not CSV (field larger than field limit"),
        ("interval,section," + "x" * 140_000, "is not CSV (field larger than field limit"),
        (HEAD + "2026-03-02 09:00,do\0or,1\n", "it has NUL bytes, so it is no text; save it as CSV in UTF-8"),
        ("\r", "the first line has no column interval"),
        (HEAD + ",,\n,,\n", "there are no counts below the first line"),
    ],
)
def test_a_wrong_tally_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(TallyError) as error:
        compare(read_tally(text), COUNTS)

    assert len(str(error.value)) < 200
    assert message in str(error.value)


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-02T09:00+01:00",
        "2026-03-02T08:00:00Z",
        "2026-03-02T03:00-05:00",
        "20260302T0900",
        "2026-03-02 9:00",
    ],
)
def test_an_offset_in_the_tally_counts(written: str) -> None:
    assert compare(read_tally(f"{HEAD}{written},till,4\n"), COUNTS) == (
        Compared(NINE, "till", "", ours=4, tally=4),
    )


def test_an_hour_that_repeats_is_found_by_its_offset() -> None:
    hours = (interval("2026-10-25T02:00:00+02:00", 1), interval("2026-10-25T02:00:00+01:00", 2))
    rows = read_tally(f"{HEAD}2026-10-25 02:00+01:00,till,3\n2026-10-25T00:00Z,till,4\n")

    assert [(one.ours, one.tally) for one in compare(rows, hours)] == [(2, 3), (1, 4)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_of_separators_and_every_end_of_line_are_read(end: str) -> None:
    lines = ["interval;section;count;;", "2026-03-02 09:00;till;4;;", ";;;;", ""]

    assert len(read_tally(end.join(lines))) == 1


def test_a_month_of_minutes_is_compared_in_seconds() -> None:
    labels = [
        f"2026-01-{day:02}T{hour:02}:{minute:02}:00+01:00"
        for day in range(1, 32)
        for hour in range(24)
        for minute in range(60)
    ]
    rows = read_tally(HEAD + "".join(f"{label[:16]},till,1\n" for label in labels))
    started_s = time.monotonic()

    assert len(compare(rows, [interval(label) for label in labels])) == len(labels)
    assert time.monotonic() - started_s < 20


def test_an_hour_that_repeats_needs_its_offset() -> None:
    hours = [interval("2026-10-25T02:00:00+02:00"), interval("2026-10-25T02:00:00+01:00")]
    rows = read_tally("interval,section,count\n2026-10-25 02:00,door,1\n")

    with pytest.raises(TallyError, match=r"02:00 is there twice; write 2026-10-25T02:00:00\+02:00 or"):
        compare(rows, hours)


def compared(*counts: tuple[int, int]) -> list[Compared]:
    return [Compared(str(at), "door", "", ours, tally) for at, (ours, tally) in enumerate(counts)]


def test_the_error_is_the_sum_of_all_differences_divided_by_the_tally() -> None:
    # Too many in one interval do not make up for too few in another.
    error = counting_error(compared(*[(11, 10), (9, 10)] * 5))

    assert error == CountingError(share=0.1, low=0.1, high=0.1)


def test_the_interval_is_as_wide_as_the_bootstrap_of_two_kinds_of_intervals_has_to_be() -> None:
    error = counting_error(compared(*[(10, 10)] * 50, *[(20, 10)] * 50))

    # Of 100 draws with probability 0.5, the standard deviation is 0.05: 95 % are within 1.96 of them.
    assert error is not None
    assert error.share == 0.5
    assert error.low == pytest.approx(0.5 - 1.96 * 0.05, abs=0.015)
    assert error.high == pytest.approx(0.5 + 1.96 * 0.05, abs=0.015)


def test_several_counts_of_one_interval_are_drawn_together() -> None:
    one_interval = [Compared("9:00", name, "", 5, 4) for name in "abcdefghijkl"]

    assert counting_error(one_interval) is None


@pytest.mark.parametrize("counts", [[(5, 4)] * 9, [(5, 0)] * 10])
def test_there_is_no_error_with_fewer_than_ten_intervals_or_without_a_count(
    counts: list[tuple[int, int]],
) -> None:
    assert counting_error(compared(*counts)) is None
