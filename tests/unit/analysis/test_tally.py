"""Comparing counts with a tally."""

from __future__ import annotations

from typing import Any

import pytest

from people_pathing.analysis.tally import (
    Compared,
    CountingError,
    TallyError,
    compare,
    counting_error,
    read_tally,
)


def interval(label: str, visits: int = 0, ways: tuple[int, int] = (0, 0)) -> dict[str, Any]:
    return {
        "interval": label,
        "zones": [{"name": "till", "visits": visits}],
        "lines": [{"name": "door", "in": ways[0], "out": ways[1]}],
    }


COUNTS = {
    "intervals": [
        interval("2026-03-02T09:00:00+01:00", 4, (7, 5)),
        interval("2026-03-02T09:15:00+01:00", 2, (3, 1)),
    ]
}
NINE, QUARTER = (one["interval"] for one in COUNTS["intervals"])


@pytest.mark.parametrize("separator", [",", ";"])
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
    ],
)
def test_a_wrong_tally_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(TallyError) as error:
        compare(read_tally(text), COUNTS)

    assert message in str(error.value)


def test_an_hour_that_repeats_needs_its_offset() -> None:
    labels = ("2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00")
    rows = read_tally("interval,section,count\n2026-10-25 02:00,door,1\n")

    with pytest.raises(TallyError, match=r"02:00 is there twice; write 2026-10-25T02:00:00\+02:00 or"):
        compare(rows, {"intervals": [interval(label) for label in labels]})


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
