"""The table of people that the command line prints."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from pathlib import Path
from typing import Any

from people_pathing.cli.messages import show
from people_pathing.cli.tables import print_table

_DECIMALS = 4
HEADINGS = ("person", "first seen", "last seen", "visible", "walked")


@dataclass(frozen=True, slots=True)
class PersonSummary:
    """What the table shows of one person.

    Attributes:
        index: the person's number in the results.
        first_seen_ms: milliseconds after the video's first frame.
        last_seen_ms: milliseconds after the video's first frame.
        visible_s: how long the person was visible, without longer absences.
        walked_diagonals: length of the person's path ÷ length of the frame's diagonal.
    """

    index: int
    first_seen_ms: int
    last_seen_ms: int
    visible_s: float
    walked_diagonals: float


def read_people(folder: Path) -> list[PersonSummary]:
    """Reads the people from result files.

    Args:
        folder: has people.json, and job.json for the size of the frame.
    """
    metadata = json.loads((folder / "job.json").read_text("utf-8"))["VideoMetadata"]
    people = json.loads((folder / "people.json").read_text("utf-8"))
    return [_summarize(person, metadata["FrameWidth"], metadata["FrameHeight"]) for person in people]


def print_people(people: Iterable[PersonSummary]) -> None:
    """Prints one line for each person, or says that there are none.

    Times are m:ss.s after the video's first frame.
    """
    rows = [
        (
            str(person.index),
            _clock(person.first_seen_ms),
            _clock(person.last_seen_ms),
            f"{person.visible_s:.1f} s",
            f"{person.walked_diagonals:.0%} of the diagonal",
        )
        for person in people
    ]
    print_table(HEADINGS, rows, right_aligned=HEADINGS)
    if not rows:
        show("no people found")


def json_members(people: Iterable[PersonSummary]) -> list[dict[str, object]]:
    """Returns the people as objects for JSON."""
    return [
        {
            "person": person.index,
            "first_seen_ms": person.first_seen_ms,
            "last_seen_ms": person.last_seen_ms,
            "dwell_ms": round(1000 * person.visible_s),
            "walked_diagonals": round(person.walked_diagonals, _DECIMALS),
        }
        for person in people
    ]


def people_count(count: int) -> str:
    """Returns a number of people in words."""
    return "1 person" if count == 1 else f"{count:,} people"


def _summarize(person: dict[str, Any], width_px: int, height_px: int) -> PersonSummary:
    walked_px = sum(
        hypot((x2 - x1) * width_px, (y2 - y1) * height_px)
        for (_, x1, y1), (_, x2, y2) in pairwise(person["path"])
    )
    return PersonSummary(
        index=person["index"],
        first_seen_ms=person["first_seen_ms"],
        last_seen_ms=person["last_seen_ms"],
        visible_s=person["dwell_ms"] / 1000,
        walked_diagonals=walked_px / hypot(width_px, height_px),
    )


def _clock(timestamp_ms: int) -> str:
    minutes, rest_ms = divmod(timestamp_ms, 60_000)
    return f"{minutes}:{rest_ms / 1000:04.1f}"
