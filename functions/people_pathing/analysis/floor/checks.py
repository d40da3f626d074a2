"""Checks that calibration points determine the floor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

from people_pathing.analysis.floor.homography import DegeneratePointsError, fit_homography
from people_pathing.analysis.zones_file.polygon_checks import segments_meet
from people_pathing.analysis.zones_file.sections import CalibrationPoint, Matrix, Point

MIN_ANGLE = 0.02
"""Smallest sine of an angle between three points, about one degree."""
MIN_SPACING = 1e-3
"""Smallest distance of two points, as a share of the largest."""
CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def calibration_problem(points: Sequence[CalibrationPoint]) -> str | None:
    """Returns why points do not determine the floor of the whole frame, or None. Points count from 1.

    Args:
        points: at least four. Three of the first four must not be on one straight line, in the picture and
            on the floor.
    """
    for where, places in (
        ("in the picture", [point.image for point in points]),
        ("on the floor", [point.floor_m for point in points]),
    ):
        if problem := _placement_problem(places, where):
            return problem
    try:
        homography = fit_homography(points)
    except DegeneratePointsError as error:
        return str(error)
    return _horizon_problem(homography, points)


def order_problem(corners: Sequence[Point]) -> str | None:
    """Returns why four corners are not in the order around their quadrilateral, or None."""
    first, second, third, fourth = corners
    if segments_meet(first, second, third, fourth) or segments_meet(second, third, fourth, first):
        return "the sides cross; give the corners in the order in which one walks around them"
    turns = [_turn(corners[at], corners[(at + 1) % 4], corners[(at + 2) % 4]) > 0 for at in range(4)]
    if len(set(turns)) > 1:
        return "one corner is inside the triangle of the others, as no rectangle can look; check the corners"
    return None


def _placement_problem(places: Sequence[Point], where: str) -> str | None:
    longest = max(math.dist(one, other) for one, other in combinations(places, 2))
    for (first, one), (second, other) in combinations(enumerate(places, 1), 2):
        if math.dist(one, other) <= longest * MIN_SPACING:
            return f"points {first} and {second} are at the same place {where}; choose another point"
    flat = {
        numbers
        for numbers in combinations(range(1, len(places) + 1), 3)
        if _is_flat(*(places[number - 1] for number in numbers))
    }
    # Four points are enough if no three of them are on a line, wherever the rest is.
    usable = (
        four
        for four in combinations(range(1, len(places) + 1), 4)
        if not flat.intersection(combinations(four, 3))
    )
    if next(usable, None) is None:
        first, second, third = min(flat)
        return (
            f"points {first}, {second} and {third} are on one straight line {where}; "
            "choose four points, no three of them on one line"
        )
    return None


def _horizon_problem(homography: Matrix, points: Sequence[CalibrationPoint]) -> str | None:
    """Returns where the horizon crosses the frame, if it does.

    On the horizon, a position on the floor is infinitely far away. It is where the last row of the matrix
    gives 0, so on one side of it the row is positive and on the other negative.
    """
    g, h, i = homography[6:]
    at_points = {g * x + h * y + i > 0 for x, y in (point.image for point in points)}
    at_corners = {g * x + h * y + i > 0 for x, y in CORNERS}
    if len(at_points) > 1:
        return "the horizon leads between the points, so they are not on one floor; check their order"
    if at_corners != at_points:
        heights = [f"{-(g * x + i) / h:.2f}" for x in (0, 1) if h]
        where = f" (at y = {heights[0]} on the left and {heights[1]} on the right)" if heights else ""
        return (
            f"the horizon of these points leads through the frame{where}; the floor ends there. "
            "Choose points that are farther apart, or measure them again"
        )
    return None


def _is_flat(first: Point, second: Point, third: Point) -> bool:
    """Tells whether three points are nearly on one straight line: the largest angle is nearly 180 degrees."""
    sides = sorted((math.dist(first, second), math.dist(second, third), math.dist(third, first)))
    return abs(_turn(first, second, third)) <= MIN_ANGLE * sides[0] * sides[1] or sides[0] == 0


def _turn(first: Point, second: Point, third: Point) -> float:
    """Returns twice the area of a triangle, positive or negative by the direction of its vertices."""
    (x1, y1), (x2, y2), (x3, y3) = first, second, third
    return (x2 - x1) * (y3 - y1) - (x3 - x1) * (y2 - y1)
