"""The columns of all observations, as the page embeds them: gzip files in Base64."""

from __future__ import annotations

import gzip
import math
import sys
from array import array
from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any

from people_pathing.analysis.path_points import PathPoint, foot_point
from people_pathing.results.observation import Observation
from people_pathing.results.stored_result import MAX_VIDEO_MS

COMPRESSION_LEVEL = 9
MAX_INDEX = 2**32 - 1


class ObservationColumns:
    """Collects the boxes of observations. One observation needs 36 bytes."""

    def __init__(self) -> None:
        self._people: list[tuple[int, int]] = []
        self._steps_ms = array("I")
        self._boxes = tuple(array("d") for _ in range(4))
        self._last_ms = 0

    def collected(self, observations: Iterable[Observation]) -> Iterator[PathPoint]:
        """Collects observations, and yields the point of each. Those without a box are left out.

        Args:
            observations: sorted by person and then by time.

        Raises:
            ValueError: they are not sorted, or a box has no finite numbers.
        """
        for observation in observations:
            box, person, at_ms = observation.box, observation.person_index, observation.timestamp_ms
            if box is None:
                continue
            numbers = box.left, box.top, box.width, box.height
            if not math.isfinite(sum(numbers)):
                raise ValueError(f"the box of person {person} at {at_ms} ms has no finite numbers")
            self._add_time(person, at_ms)
            for column, number in zip(self._boxes, numbers, strict=True):
                column.append(number)
            yield foot_point(person, at_ms, *numbers)

    def embedded(self) -> dict[str, Any]:
        """Returns the member `observations` of the embedded JSON; see page/data/report_data.js."""
        singles = [array("f", column) for column in self._boxes]
        is_exact = all(
            number == single
            for column, rounded in zip(self._boxes, singles, strict=True)
            for number, single in zip(column, rounded, strict=True)
        )
        names = ("lefts", "tops", "widths", "heights")
        boxes = zip(names, singles if is_exact else self._boxes, strict=True)
        return {
            "people": self._people,
            "boxType": "float32" if is_exact else "float64",
            "timesMs": _packed(self._steps_ms),
            **{name: _packed(column) for name, column in boxes},
        }

    def _add_time(self, person: int, at_ms: int) -> None:
        last_person, count = self._people[-1] if self._people else (-1, 0)
        # The page has indexes in 32 bits.
        if not isinstance(person, int) or person > MAX_INDEX:
            raise ValueError(f"the person {person} has no index from 0 to {MAX_INDEX}")
        before_ms = self._last_ms if person == last_person else 0
        if person < max(last_person, 0) or not before_ms <= at_ms <= MAX_VIDEO_MS:
            raise ValueError(f"the observation of person {person} at {at_ms} ms is not in order")
        if person == last_person:
            self._people[-1] = person, count + 1
        else:
            self._people.append((person, 1))
        self._steps_ms.append(at_ms - before_ms)
        self._last_ms = at_ms


def _packed(column: array[Any]) -> str:
    if sys.byteorder == "big":
        column = array(column.typecode, column)
        column.byteswap()
    # Without a time, the same numbers are the same bytes.
    return b64encode(gzip.compress(column.tobytes(), COMPRESSION_LEVEL, mtime=0)).decode()
