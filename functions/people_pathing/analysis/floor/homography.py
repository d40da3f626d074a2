"""Homographies: from a point of the picture to a position on the floor.

A homography is exact for a flat floor and a lens without distortion. It is fitted as in Hartley and
Zisserman, Multiple View Geometry, algorithm 4.2, with the last number of the matrix fixed to 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from people_pathing.analysis.zones_file.sections import CalibrationPoint, Matrix, Point

_SIZE = 8
"""Unknowns of a homography."""


class DegeneratePointsError(ValueError):
    """The points do not determine a homography."""


def floor_position(homography: Matrix, point: Point) -> Point:
    """Returns the position on the floor of a point of the picture, in metres.

    Raises:
        DegeneratePointsError: the point is on the horizon.
    """
    a, b, c, d, e, f, g, h, i = homography
    x, y = point
    scale = g * x + h * y + i
    if scale == 0:
        raise DegeneratePointsError(
            f"the point {x}, {y} is on the horizon, so it has no position on the floor"
        )
    return (a * x + b * y + c) / scale, (d * x + e * y + f) / scale


def fit_homography(points: Sequence[CalibrationPoint]) -> Matrix:
    """Returns the homography with the smallest squared algebraic error; exact for four points.

    Raises:
        DegeneratePointsError: the points do not determine one.
    """
    image, to_image = _normalized([point.image for point in points])
    floor, to_floor = _normalized([point.floor_m for point in points])
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(image, floor, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    fitted = (*_least_squares(rows), 1.0)
    # Back to ratios and metres: inverse(to_floor) · fitted · to_image.
    scale, shift_x, shift_y = to_floor
    inverse = (1 / scale, 0.0, shift_x, 0.0, 1 / scale, shift_y, 0.0, 0.0, 1.0)
    scale, shift_x, shift_y = to_image
    forward = (scale, 0.0, -shift_x * scale, 0.0, scale, -shift_y * scale, 0.0, 0.0, 1.0)
    matrix = _product(_product(inverse, fitted), forward)
    if matrix[8] == 0:
        raise DegeneratePointsError("the top left corner of the frame is on the horizon of the points")
    return tuple(value / matrix[8] for value in matrix)


def reprojection_errors_m(points: Sequence[CalibrationPoint], homography: Matrix) -> list[float]:
    """Returns for each point the distance in metres between its fitted and its known position."""
    return [math.dist(floor_position(homography, point.image), point.floor_m) for point in points]


def _normalized(points: Sequence[Point]) -> tuple[list[Point], tuple[float, float, float]]:
    """Moves points around the origin, at a mean distance of √2 from it.

    Returns:
        The points; and the scale and the centre, x and y, that were used.
    """
    count = len(points)
    centre = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    spread = sum(math.dist(point, centre) for point in points) / count
    if spread == 0:
        raise DegeneratePointsError("all points are at the same place")
    scale = math.sqrt(2) / spread
    return [((x - centre[0]) * scale, (y - centre[1]) * scale) for x, y in points], (scale, *centre)


def _least_squares(rows: Sequence[Sequence[float]]) -> list[float]:
    """Solves overdetermined linear equations by their normal equations.

    Args:
        rows: coefficients, then the right side.
    """
    table = [[sum(row[at] * row[other] for row in rows) for other in range(_SIZE + 1)] for at in range(_SIZE)]
    for column in range(_SIZE):
        pivot = max(range(column, _SIZE), key=lambda row: abs(table[row][column]))
        if abs(table[pivot][column]) < 1e-12:
            raise DegeneratePointsError(
                "the points do not determine the floor; check their order, and choose points far apart"
            )
        table[column], table[pivot] = table[pivot], table[column]
        for row in range(_SIZE):
            if row != column:
                factor = table[row][column] / table[column][column]
                table[row] = [
                    value - factor * base for value, base in zip(table[row], table[column], strict=True)
                ]
    return [table[at][_SIZE] / table[at][at] for at in range(_SIZE)]


def _product(first: Sequence[float], second: Sequence[float]) -> Matrix:
    return tuple(
        sum(first[3 * row + at] * second[3 * at + column] for at in range(3))
        for row in range(3)
        for column in range(3)
    )
