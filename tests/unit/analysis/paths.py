"""Paths of made-up people, and rules to count them by."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from hypothesis import HealthCheck, settings

from people_pathing.analysis.counting.counter import Counter
from people_pathing.analysis.counting.events import Counted
from people_pathing.analysis.path_points import PathPoint
from people_pathing.analysis.zones_file.sections import Line, Point, Polygon, Rules, Zone, ZonesFile

RANDOM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""How properties are tested: a busy machine must not make them fail."""

AT_ONCE = Rules(margin=0, confirm_ms=0, max_gap_ms=3_600_000)
"""Rules without hysteresis: every observation confirms."""

BOX_HEIGHT = 0.2
STEP_MS = 100
SQUARE: Polygon = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
UPWARDS = Line("door", (0.5, 1.0), (0.5, 0.0))
"""A line over the whole picture. From right to left is `in`."""


def walk(
    places: Iterable[Point], *, person: int = 0, start_ms: int = 0, step_ms: int = STEP_MS
) -> Iterator[PathPoint]:
    """Yields the points of a person who is at one place after the other."""
    for number, (x, y) in enumerate(places):
        yield PathPoint(person, start_ms + number * step_ms, x, y, BOX_HEIGHT)


def along(xs: Sequence[float], y: float = 0.5) -> list[Point]:
    """Returns places at one height."""
    return [(x, y) for x in xs]


def count(
    points: Iterable[PathPoint],
    *,
    zones: Sequence[Zone] = (),
    lines: Sequence[Line] = (),
    rules: Rules = AT_ONCE,
    aspect_ratio: float = 1.0,
) -> Counted:
    """Counts the people at zones and lines."""
    counter = Counter(ZonesFile(tuple(zones), tuple(lines), rules=rules), aspect_ratio)
    counter.add_all(points)
    return counter.end()


def star(centre: Point, radii: Sequence[float]) -> Polygon:
    """Returns a polygon whose vertices have these distances from its centre, at equal angles."""
    turns = [2 * math.pi * number / len(radii) for number in range(len(radii))]
    return tuple(
        (
            min(max(centre[0] + radius * math.cos(turn), 0.0), 1.0),
            min(max(centre[1] + radius * math.sin(turn), 0.0), 1.0),
        )
        for radius, turn in zip(radii, turns, strict=True)
    )
