"""Counts as the command line shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from people_pathing.analysis.summaries.summary import LineSummary, ZoneSummary
from people_pathing.analysis.video_counts import VideoCounts
from people_pathing.cli.messages import show
from people_pathing.cli.tables import print_table

ZONE_HEADINGS = ("zone", "people", "visits", "median stay", "90 % stay up to", "mean inside", "max inside")
LINE_HEADINGS = ("line", "people", "in", "out")
FLOW_HEADINGS = ("from", "to", "people")


def print_counts(counts: VideoCounts, video: str, flows: Sequence[dict[str, Any]]) -> None:
    """Prints the figures of one whole video.

    Args:
        counts: of the video.
        video: its name.
        flows: the totals in counts.json.
    """
    picture, excluded = counts.whole.picture, counts.counted.excluded
    show(f"{video}: {picture.people} people, at most {picture.occupancy.maximum} at once")
    if excluded.staff or excluded.seen_too_short:
        show(f"not counted: {excluded.staff} staff, {excluded.seen_too_short} seen too short")
    if counts.whole.zones:
        print_table(ZONE_HEADINGS, map(_zone_row, counts.whole.zones), right_aligned=ZONE_HEADINGS[1:])
    if counts.whole.lines:
        print_table(LINE_HEADINGS, map(_line_row, counts.whole.lines), right_aligned=LINE_HEADINGS[1:])
    if flows:
        most_first = sorted(flows, key=lambda flow: -flow["people"])
        rows = [(flow["origin"], flow["destination"], str(flow["people"])) for flow in most_first]
        print_table(FLOW_HEADINGS, rows, right_aligned=("people",))


def _zone_row(zone: ZoneSummary) -> tuple[str, ...]:
    return (
        zone.name,
        str(zone.people),
        str(zone.visits),
        _seconds(zone.dwell_median_ms),
        _seconds(zone.dwell_p90_ms),
        f"{zone.occupancy.mean:.2f}",
        str(zone.occupancy.maximum),
    )


def _line_row(line: LineSummary) -> tuple[str, ...]:
    return line.name, str(line.people), str(line.crossings_in), str(line.crossings_out)


def _seconds(duration_ms: int | None) -> str:
    return "-" if duration_ms is None else f"{duration_ms / 1000:.1f} s"
