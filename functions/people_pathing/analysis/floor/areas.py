"""The floor area of zones."""

from __future__ import annotations

from people_pathing.analysis.floor.homography import floor_position
from people_pathing.analysis.zones_file.sections import Matrix, Polygon


def floor_area_m2(homography: Matrix, polygon: Polygon) -> float:
    """Returns the area of a polygon of the picture on the floor, in square metres.

    Straight edges in the picture are straight on the floor, so the vertices are enough.
    """
    corners = [floor_position(homography, vertex) for vertex in polygon]
    twice = sum(
        corners[at - 1][0] * corners[at][1] - corners[at][0] * corners[at - 1][1]
        for at in range(len(corners))
    )
    return abs(twice) / 2
