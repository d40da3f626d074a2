"""Counts as the command line shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from people_pathing.analysis.consecutive_files import AddedCounts
from people_pathing.analysis.summaries.summary import LineSummary, ZoneSummary
from people_pathing.analysis.video_counts import VideoCounts
from people_pathing.cli.listings.people import people_count
from people_pathing.cli.messages import show
from people_pathing.cli.progress import format_duration
from people_pathing.cli.tables import print_table

ZONE_HEADINGS = ("zone", "people", "visits", "median stay", "90 % stay up to", "mean inside", "max inside")
LINE_HEADINGS = ("line", "people", "in", "out")
FLOW_HEADINGS = ("from", "to", "people")
MAX_FLOWS = 10
"""How many flows are shown at most. The largest are."""


def print_counts(counts: VideoCounts, document: Mapping[str, Any]) -> None:
    """Prints the figures of one whole video.

    Args:
        counts: of the video.
        document: the content of its counts.json.
    """
    picture, excluded = counts.whole.picture, counts.counted.excluded
    show(f"{document['video']}: {people_count(picture.people)}, at most {picture.occupancy.maximum} at once")
    if excluded.staff or excluded.seen_too_short:
        show(f"not counted: {excluded.staff} staff, {excluded.seen_too_short} seen too short")
    if "reprojection_error_m" in document:
        _print_walking(counts, document)
    if counts.whole.zones:
        print_table(ZONE_HEADINGS, map(_zone_row, counts.whole.zones), right_aligned=ZONE_HEADINGS[1:])
    if counts.whole.lines:
        print_table(LINE_HEADINGS, map(_line_row, counts.whole.lines), right_aligned=LINE_HEADINGS[1:])
    if flows := sorted(document["flows"], key=lambda flow: -flow["people"]):
        rows = [(flow["origin"], flow["destination"], str(flow["people"])) for flow in flows[:MAX_FLOWS]]
        print_table(FLOW_HEADINGS, rows, right_aligned=("people",))
        if len(flows) > MAX_FLOWS:
            show(f"and {len(flows) - MAX_FLOWS} smaller flows; --out writes all of them")


def print_files(added: AddedCounts, videos: Sequence[str]) -> None:
    """Prints what is missing or there twice between files, and how many people were cut.

    Args:
        added: the counts of all files.
        videos: the names of the files, in the order in which they were given.
    """
    for what, places in (("gap", added.gaps), ("overlap", added.overlaps)):
        for one in places:
            show(f"{what} of {format_duration(abs(one.gap_ms))} after {videos[added.order[one.at]]}")
    before = sum(one.cut_before for one in added.between)
    after = sum(one.cut_after for one in added.between)
    show(
        f"cut between files: {people_count(before)} at an end and {after} at a start; "
        f"at most {sum(min(one.cut_before, one.cut_after) for one in added.between)} count twice"
    )


def _print_walking(counts: VideoCounts, document: Mapping[str, Any]) -> None:
    """Prints what is known in metres."""
    distance_m = sum(person.distance_m or 0.0 for person in counts.counted.people)
    seen_s = sum(person.seen_ms for person in counts.counted.people) / 1000
    speed = f", {distance_m / seen_s:.2f} m/s on average" if seen_s else ""
    error_m = document["reprojection_error_m"]["max"]
    show(f"walked: {distance_m:.1f} m{speed}; error of the calibration: at most {error_m:.2f} m")
    for zone in document["zones"]:
        show(f"{zone['name']}: {zone['area_m2']:.1f} m², {zone['density_per_m2']:.3f} people per m²")


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
