"""Plane geometry of foot points, lines and polygons, in frame heights.

x is multiplied by the frame's aspect ratio first, so that distances are the same in both directions. All
functions use only sums, products, quotients, square roots and comparisons, so other programs get the same
results.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from people_pathing.analysis.zones_file.sections import Point, Polygon

Box = tuple[float, float, float, float]
"""Smallest x and y, largest x and y."""


@dataclass(frozen=True, slots=True)
class Step:
    """The straight path of a person between two observations.

    Attributes:
        start_ms: time of the first.
        end_ms: time of the second.
        start: foot point at the first.
        end: foot point at the second.
    """

    start_ms: int
    end_ms: int
    start: Point
    end: Point

    def point_at(self, share: float) -> Point:
        """Returns the point after a share of the step, from 0 to 1."""
        (x1, y1), (x2, y2) = self.start, self.end
        return x1 + share * (x2 - x1), y1 + share * (y2 - y1)

    def ms_at(self, share: float) -> int:
        """Returns the time after a share of the step, rounded to a millisecond."""
        return rounded(self.start_ms + share * (self.end_ms - self.start_ms))


def rounded(value: float) -> int:
    """Returns the nearest whole number; halves are rounded up, as JavaScript's Math.round does."""
    return math.floor(value + 0.5)


def scaled(point: Point, aspect_ratio: float) -> Point:
    """Returns a point in ratios of the frame as a point in frame heights."""
    return point[0] * aspect_ratio, point[1]


def cross(start: Point, end: Point, point: Point) -> float:
    """Returns the cross product of a line and a point.

    It is negative on the left side of the line, seen from its start to its end, because y grows downwards.
    """
    return (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])


def share_at_segment(step: Step, start: Point, end: Point) -> float | None:
    """Returns after which share of a step it meets a segment; None if it does not.

    The step meets the segment if its ends are on different sides of the segment's straight line, where a
    point on that line counts as on its right side, and if it meets the line between the ends of the segment.
    """
    before, after = cross(start, end, step.start), cross(start, end, step.end)
    if (before < 0) == (after < 0):
        return None
    share = before / (before - after)
    x, y = step.point_at(share)
    length_x, length_y = end[0] - start[0], end[1] - start[1]
    along = (x - start[0]) * length_x + (y - start[1]) * length_y
    return share if 0 <= along <= length_x * length_x + length_y * length_y else None


def distance_to_segment(start: Point, end: Point, point: Point) -> float:
    """Returns the distance of a point from the nearest point of a segment."""
    length_x, length_y = end[0] - start[0], end[1] - start[1]
    along = (point[0] - start[0]) * length_x + (point[1] - start[1]) * length_y
    share = min(max(along / (length_x * length_x + length_y * length_y), 0.0), 1.0)
    x, y = start[0] + share * length_x - point[0], start[1] + share * length_y - point[1]
    return math.sqrt(x * x + y * y)


def distance(start: Point, end: Point) -> float:
    """Returns the distance of two points, which may be on the floor."""
    # Not math.dist, which rounds in a way of its own.
    x, y = end[0] - start[0], end[1] - start[1]
    return math.sqrt(x * x + y * y)


def bounding_box(polygon: Polygon) -> Box:
    """Returns the smallest rectangle around a polygon."""
    xs, ys = zip(*polygon, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def contains(polygon: Polygon, point: Point) -> bool:
    """Tells whether a point is inside a polygon or on its boundary.

    A ray from the point to the right meets the boundary an odd number of times if the point is inside.
    """
    x, y = point
    inside = False
    x1, y1 = polygon[-1]
    for x2, y2 in polygon:
        turn = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
        if turn == 0 and min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2):
            return True
        if (y1 > y) != (y2 > y) and (turn > 0) == (y2 > y1):
            inside = not inside
        x1, y1 = x2, y2
    return inside


def distance_to_boundary(polygon: Polygon, point: Point) -> float:
    """Returns the distance of a point from the nearest point of a polygon's boundary."""
    return min(distance_to_segment(polygon[at - 1], polygon[at], point) for at in range(len(polygon)))


def shares_at_boundary(polygon: Polygon, step: Step) -> list[float]:
    """Returns after which shares of a step it meets the boundary of a polygon, in ascending order."""
    shares = (share_at_segment(step, polygon[at - 1], polygon[at]) for at in range(len(polygon)))
    return sorted(share for share in shares if share is not None)
