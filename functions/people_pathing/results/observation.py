"""Observations: what GetPersonTracking reports about one person at one sampled time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Observation:
    """One person at one sampled time.

    Attributes:
        timestamp_ms: milliseconds from the start of the video.
        person_index: the person's number within this video.
        foot: the middle of the box's lower edge, where the person stands: x and y as ratios of the frame.
            None if the service reports the person without a box.
        line: the observation as the API reports it, as one line of JSON without a line break.
    """

    timestamp_ms: int
    person_index: int
    foot: tuple[float, float] | None
    line: str


def observations_in(persons: Iterable[Any]) -> Iterator[Observation]:
    """Converts the members of `Persons` in a reply of GetPersonTracking.

    Args:
        persons: mappings in the form of the API's PersonDetection structure.
    """
    for person in persons:
        detail = person["Person"]
        box = detail.get("BoundingBox")
        yield Observation(
            timestamp_ms=person["Timestamp"],
            person_index=detail["Index"],
            foot=(box["Left"] + box["Width"] / 2, box["Top"] + box["Height"]) if box else None,
            line=json.dumps({"Timestamp": person["Timestamp"], "Person": detail}, separators=(",", ":")),
        )
