"""Floor positions of four corners that were measured with a tape."""

from __future__ import annotations

import math
from collections.abc import Sequence

from people_pathing.analysis.zones_file.sections import Point

SIDES = ((1, 2), (2, 3), (3, 4), (4, 1), (1, 3), (2, 4))
"""The pairs of corners whose distances are measured: around, and then the diagonals."""
TOLERANCE = 0.05
"""How much the sixth distance can differ from what the other five give, as a share of it."""


class MeasurementError(ValueError):
    """Distances do not fit each other. The message names them."""


def rectangle(corners: Sequence[Point], width_m: float, depth_m: float) -> list[Point]:
    """Returns the floor positions of the corners of a rectangle.

    Args:
        corners: in the picture, in the order around the rectangle.
        width_m: from the first corner to the second.
        depth_m: from the second corner to the third.
    """
    away = depth_m * _turn(corners)
    return [(0.0, 0.0), (width_m, 0.0), (width_m, away), (0.0, away)]


def quadrilateral(corners: Sequence[Point], distances_m: Sequence[float]) -> list[Point]:
    """Returns the floor positions of four corners whose distances are known.

    Five distances determine the positions. The sixth, between the corners 3 and 4, is a check.

    Args:
        corners: in the picture, in the order around the quadrilateral.
        distances_m: in the order of SIDES.

    Raises:
        MeasurementError: the distances do not fit each other.
    """
    known = dict(zip(SIDES, distances_m, strict=True))
    turn = _turn(corners)
    base_m = known[1, 2]
    third = _apex(base_m, known[1, 3], known[2, 3], (1, 2, 3), turn)
    fourth = _apex(base_m, known[4, 1], known[2, 4], (1, 2, 4), turn)
    fitted_m, measured_m = math.dist(third, fourth), known[3, 4]
    if abs(fitted_m - measured_m) > TOLERANCE * measured_m:
        raise MeasurementError(
            f"the distance of the corners 3 and 4 is {measured_m:g} m, but the other distances make it "
            f"{fitted_m:.2f} m; measure again"
        )
    return [(0.0, 0.0), (base_m, 0.0), third, fourth]


def _apex(base_m: float, first_m: float, second_m: float, corners: tuple[int, int, int], turn: int) -> Point:
    """Returns the third corner of a triangle over a base on the x axis."""
    x = (first_m**2 - second_m**2 + base_m**2) / (2 * base_m)
    square = first_m**2 - x**2
    if square <= 0:
        one, two, three = corners
        raise MeasurementError(
            f"the distances of the corners {one}, {two} and {three} make no triangle: {base_m:g}, "
            f"{first_m:g} and {second_m:g} m; measure again"
        )
    return x, turn * math.sqrt(square)


def _turn(corners: Sequence[Point]) -> int:
    """Returns 1 if corners are counterclockwise on the screen, -1 if they are clockwise.

    The plan of the floor is then as seen from above, with y upwards, and not mirrored.
    """
    twice = sum(
        corners[at - 1][0] * corners[at][1] - corners[at][0] * corners[at - 1][1]
        for at in range(len(corners))
    )
    # On the screen, y grows downwards.
    return 1 if twice < 0 else -1
