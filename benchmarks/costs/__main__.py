"""Calculates what AWS bills, item by item, from measured times, counted calls and list prices.

    python -m benchmarks.costs [--write docs/costs.md]

The times are those of benchmarks/scaling/measured.json.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.costs import prices
from benchmarks.costs.usage import STARTS, month_usage, smoke_test_usage, video_usage, worker_gb_s
from benchmarks.engine.tables import markdown, write_table
from benchmarks.scaling.aws import default_setup
from benchmarks.scaling.measuring import HALF_FPS, Measured, load
from benchmarks.scaling.tables import SPEEDS
from benchmarks.scaling.turnaround import turnaround

VARIANTS = (
    ("720p", "default", "720p"),
    ("1080p", "default", "1080p"),
    ("1080p", f"{HALF_FPS:g}", f"1080p, `SampleFps={HALF_FPS:g}`"),
    ("4K", "default", "4K"),
)
LENGTHS_MIN = (1, 10, 60)
MEMORIES_MB = (1769, 3008, 5307)
ITEMISED_MIN = 10
SMOKE_TESTS = (("30 runs", 30), ("120 runs", 120))
MINUTES = 1000
OTHERS = "others"
PARTS = {
    "DetectSegment": "detection",
    "LinkTracks": "linking",
    "AnalyzeResults": "the tables and the report (`AnalyzeResults`)",
    "PlanJob": "planning",
    "AssociateWindow": "tracking windows",
    STARTS: "starts of the worker's image",
    OTHERS: "everything else",
}
"""What money is spent on, by the function."""


def quantity(units: float, price: prices.Price) -> str:
    """Returns a number of units as text, for example "2,500 requests"."""
    number = f"{units:,.0f}" if units >= 100 or units == int(units) else f"{units:.2g}"
    return f"{number} {price.unit}{'' if units == 1 else 's'}"


def total(usage: Mapping[prices.Price, float]) -> float:
    """Returns what it costs in dollars."""
    return sum(price.of(units) for price, units in usage.items())


def minute(measured: Measured, size: str, sampling: str, minutes: int, slowness: float) -> float:
    """Returns the dollars for a minute of a video of this kind and length."""
    video = measured.video(size, sampling)
    return total(video_usage(measured, video, minutes, default_setup(slowness))) / minutes


def minutes_table(measured: Measured) -> str:
    """The price of a minute, by the kind of video and its length."""
    rows = []
    for size, sampling, name in VARIANTS:
        cells = []
        for length in LENGTHS_MIN:
            low, high = (minute(measured, size, sampling, length, slowness) for slowness, _ in SPEEDS)
            cells.append(f"${low:.4f} to ${high:.4f}")
        rows.append([name, *cells])
    header = ["a minute of", *(f"a video of {length} min" for length in LENGTHS_MIN)]
    return markdown(header, rows)


def items_table(measured: Measured) -> str:
    """What a thousand minutes in videos of ten minutes use and cost, in 1080p on the slower processor."""
    [_, (slowness, _)] = SPEEDS
    usage = video_usage(measured, measured.video("1080p"), ITEMISED_MIN, default_setup(slowness))
    videos = MINUTES / ITEMISED_MIN
    rows = [
        [
            price.name,
            quantity(units * videos, price),
            f"${price.of(units * videos):.3f}",
        ]
        for price, units in usage.items()
    ]
    return markdown(
        [f"{MINUTES:,} minutes in {videos:g} videos", "used", "dollars"],
        [*rows, ["**sum**", "", f"**${total(usage) * videos:.2f}**"]],
    )


def expensive_table(measured: Measured) -> str:
    """What a thousand minutes in videos of ten minutes cost in 1080p by what they are spent on."""
    video, videos = measured.video("1080p"), MINUTES / ITEMISED_MIN
    spent: dict[str, list[float]] = {}
    for slowness, _ in SPEEDS:
        setup = default_setup(slowness)
        worker = worker_gb_s(measured, video, ITEMISED_MIN, setup)
        dollars = {name: prices.LAMBDA_X86.of(gb_s) * videos for name, gb_s in worker.items()}
        dollars[OTHERS] = total(video_usage(measured, video, ITEMISED_MIN, setup)) * videos - sum(
            dollars.values()
        )
        for name, one in dollars.items():
            spent.setdefault(name, []).append(one)
    high_sum = sum(high for _, high in spent.values())
    rows = [
        [PARTS[name], f"${low:.2f} to ${high:.2f}", f"{high / high_sum:.0%}"]
        for name, (low, high) in sorted(spent.items(), key=lambda part: -part[1][1])
        if high > 0
    ]
    return markdown([f"{MINUTES:,} minutes in {videos:g} videos", "dollars", "share, half as fast"], rows)


def memory_table(measured: Measured) -> str:
    """Detection by memory and architecture: its price, and the time of an hour."""
    rows = []
    concurrency = default_setup(1.0).concurrency
    for memory in MEMORIES_MB:
        cells, times = [], []
        for slowness, _ in SPEEDS:
            setup = replace(default_setup(slowness), memory_mb=memory)
            hour = turnaround(measured, measured.video("1080p"), 60, setup)
            cells.append(prices.LAMBDA_X86.of(hour.detect_gb_s) / 60)
            times.append(f"{hour.detect_s:.0f} s")
        arm = [cell * prices.LAMBDA_ARM.dollars / prices.LAMBDA_X86.dollars for cell in cells]
        rows.append(
            [
                f"{memory:,} MB",
                f"{setup.vcpus:.1f}",
                f"${cells[0]:.5f} to ${cells[1]:.5f}",
                f"${arm[0]:.5f} to ${arm[1]:.5f}",
                " to ".join(times),
            ]
        )
    return markdown(
        [
            "DetectSegment",
            "processors",
            "a minute, x86_64",
            "arm64, by its price only",
            f"an hour's detection, {concurrency} segments at once",
        ],
        rows,
    )


def month_table() -> str:
    """What the stack costs in a month besides its videos."""
    idle, busy = month_usage(with_uploads=False), month_usage(with_uploads=True)
    rows: Iterable[list[str]] = (
        [
            price.name,
            quantity(units, price),
            f"${price.of(units):.2f}",
            f"${price.of(busy[price]):.2f}",
        ]
        for price, units in idle.items()
    )
    return markdown(
        ["a month", "used without uploads", "without uploads", "with uploads in every hour"],
        [
            *rows,
            ["**sum**", "", f"**${total(idle):.2f}**", f"**${total(busy):.2f}**"],
            [
                "**sum, if no other stack uses what is free**",
                "",
                f"**${total(beyond_free(idle)):.2f}**",
                f"**${total(beyond_free(busy)):.2f}**",
            ],
        ],
    )


def beyond_free(usage: Mapping[prices.Price, float]) -> dict[prices.Price, float]:
    """Returns what is left to pay for of a month's usage, if no other stack uses what is free."""
    return {price: max(0.0, units - prices.FREE_A_MONTH.get(price, 0)) for price, units in usage.items()}


def smoke_test_table(measured: Measured) -> str:
    """What the scheduled smoke test costs, if it is on."""
    low, high = (total(smoke_test_usage(measured, default_setup(slowness))) for slowness, _ in SPEEDS)
    rows = [[f"{name} a month", f"${low * runs:.2f} to ${high * runs:.2f}"] for name, runs in SMOKE_TESTS]
    return markdown(["scheduled smoke test", "dollars"], [["a run", f"${low:.4f} to ${high:.4f}"], *rows])


def prices_table() -> str:
    """The list prices."""
    return markdown(
        [f"us-east-1, compared on {prices.TAKEN}", "price", "AWS's page", "seen on"],
        (
            [
                price.name,
                f"${price.dollars:.10f}".rstrip("0").rstrip(".") + f" for {quantity(price.per, price)}",
                f"<{price.page}>",
                price.seen,
            ]
            for price in prices.PRICES
        ),
    )


def others_table(measured: Measured) -> str:
    """This stack beside other services."""
    low, high = (minute(measured, "1080p", "default", ITEMISED_MIN, slowness) for slowness, _ in SPEEDS)
    ours = [f"people-pathing, 1080p, videos of {ITEMISED_MIN} minutes", f"${low:.4f} to ${high:.4f}", "", ""]
    others = [
        [name, f"${dollars:.2f}", f"{dollars / high:.0f} to {dollars / low:.0f} times as much", seen]
        for name, dollars, seen in prices.OTHER_SERVICES
    ]
    return markdown(["a minute", "dollars", "", "price seen on"], [ours, *others])


def tables() -> dict[str, str]:
    """Returns all tables by name."""
    measured = load()
    return {
        "minutes": minutes_table(measured),
        "items": items_table(measured),
        "memory": memory_table(measured),
        "month": month_table(),
        "smoke-test": smoke_test_table(measured),
        "others": others_table(measured),
        "expensive": expensive_table(measured),
        "prices": prices_table(),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Calculates and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", type=Path, help="document whose tables are replaced")
    options = parser.parse_args(arguments)
    for name, table in tables().items():
        print(table)
        if options.write:
            write_table(options.write, name, table)


if __name__ == "__main__":
    main()
