"""Observations: what GetPersonTracking reports about one person at one sampled time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

_to_json = json.JSONEncoder(separators=(",", ":")).encode


class BoundingBox(NamedTuple):
    """Where a person is in the frame: ratios of the frame's width (left, width) and height (top, height)."""

    left: float
    top: float
    width: float
    height: float


class Observation(NamedTuple):
    """One person at one sampled time.

    A named tuple, because a long result has millions of them.

    Attributes:
        timestamp_ms: milliseconds from the start of the video.
        person_index: the person's number within this video.
        box: where the person is. None if the service reports the person without a box.
        line: the observation as the API reports it, as one line of JSON without a line break.
    """

    timestamp_ms: int
    person_index: int
    box: BoundingBox | None
    line: str

    @property
    def foot(self) -> tuple[float, float] | None:
        """Returns the middle of the box's lower edge, where the person stands: x and y in ratios."""
        box = self.box
        return None if box is None else (box.left + box.width / 2, box.top + box.height)


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
            box=BoundingBox(box["Left"], box["Top"], box["Width"], box["Height"]) if box else None,
            line=_to_json({"Timestamp": person["Timestamp"], "Person": detail}),
        )
