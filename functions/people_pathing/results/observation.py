"""Observations: what GetPersonTracking reports about one person at one sampled time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from math import isfinite
from typing import Any, NamedTuple

_to_json = json.JSONEncoder(separators=(",", ":")).encode

_PERSON_MEMBERS = ["Index", "BoundingBox"]
_BOX_MEMBERS = ["Width", "Height", "Left", "Top"]
_LINE = '{"Timestamp":%d,"Person":{"Index":%d,"BoundingBox":{"Width":%s,"Height":%s,"Left":%s,"Top":%s}}}'


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
        timestamp_ms, detail = person["Timestamp"], person["Person"]
        values = detail.get("BoundingBox")
        box = (
            BoundingBox(values["Left"], values["Top"], values["Width"], values["Height"]) if values else None
        )
        yield Observation(timestamp_ms, detail["Index"], box, _line(timestamp_ms, detail, box))


def _line(timestamp_ms: int, detail: Mapping[str, Any], box: BoundingBox | None) -> str:
    """Returns an observation as a line of JSON, in half of json's time if it has a box and nothing else."""
    if box and [*detail] == _PERSON_MEMBERS and [*detail["BoundingBox"]] == _BOX_MEMBERS:
        index = detail["Index"]
        # The cache of numbers does not distinguish 0.0 and -0.0.
        if type(timestamp_ms) is type(index) is int and all(box):
            left, top, width, height = map(_number, box)
            return _LINE % (timestamp_ms, index, width, height, left, top)
    return _to_json({"Timestamp": timestamp_ms, "Person": detail})


@lru_cache(maxsize=2**12, typed=True)
def _number(value: float) -> str:
    """Returns a number as JSON. Boxes are whole pixels divided by the size of the frame, so many repeat."""
    # json writes finite numbers with repr, too.
    return repr(value) if type(value) is float and isfinite(value) else _to_json(value)
