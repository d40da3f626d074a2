"""How far people walk on the floor."""

from __future__ import annotations

from people_pathing.analysis.counting.geometry import distance
from people_pathing.analysis.floor.homography import floor_position
from people_pathing.analysis.path_points import PathPoint
from people_pathing.analysis.zones_file.sections import Calibration, Point

MIN_STEP_MS = 500
"""A distance is measured between points at least this far apart in time. A person makes about one step in it.
Between successive observations, the small errors of the boxes would add up to a long way."""


class WalkedDistance:
    """Adds up how far one person walks.

    Args:
        calibration: gives the positions on the floor.
    """

    def __init__(self, calibration: Calibration) -> None:
        self._homography = calibration.homography
        self._total_m = 0.0
        self._anchor: Point | None = None
        self._anchor_ms = 0
        self._last: Point = (0.0, 0.0)

    def add(self, point: PathPoint) -> None:
        """Adds a point of the path."""
        position = floor_position(self._homography, (point.x, point.y))
        if self._anchor is None:
            self._anchor, self._anchor_ms = position, point.at_ms
        elif point.at_ms - self._anchor_ms >= MIN_STEP_MS:
            self._total_m += distance(position, self._anchor)
            self._anchor, self._anchor_ms = position, point.at_ms
        self._last = position

    def interrupt(self) -> None:
        """Ends a stretch of the path. The way over a gap is not known, so it does not count."""
        if self._anchor is not None:
            self._total_m += distance(self._last, self._anchor)
        self._anchor = None

    def take_total_m(self) -> float:
        """Returns the distance of the person's path in metres, and begins the next person."""
        total_m, self._total_m = self._total_m, 0.0
        return total_m
