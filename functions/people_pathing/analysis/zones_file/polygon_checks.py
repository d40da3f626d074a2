"""Checks that a polygon has no repeated vertex and that its edges do not cross or touch each other.

The checks are exact: every number is a fraction, so nothing is lost by rounding.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

from people_pathing.analysis.zones_file.sections import Point, Polygon

_Exact = tuple[Fraction, Fraction]


def polygon_problem(polygon: Polygon) -> str | None:
    """Returns what is wrong with a polygon, or None. Vertices and edges count from 1.

    Edge N leads from vertex N to the next one.
    """
    count = len(polygon)
    for first, second in combinations(range(count), 2):
        if polygon[first] == polygon[second]:
            is_closing = (first, second) == (0, count - 1)
            hint = (
                "the polygon closes by itself, so leave the last vertex out" if is_closing else "remove one"
            )
            return f"vertex {second + 1} repeats vertex {first + 1}; {hint}"
    exact = [(Fraction(x), Fraction(y)) for x, y in polygon]
    for first, second in combinations(range(count), 2):
        ends = [exact[at % count] for at in (first, first + 1, second, second + 1)]
        if second - first in (1, count - 1):
            if second - first != 1:
                ends = ends[2:] + ends[:2]
            # Both edges have one vertex in common. They must not lead back over each other.
            if _turn(ends[0], ends[1], ends[3]) == 0 and _reaches_back(ends[0], ends[1], ends[3]):
                return f"edges {first + 1} and {second + 1} overlap; move or remove a vertex"
        elif _boxes_meet(polygon, first, second) and _meet(*ends):
            return f"edges {first + 1} and {second + 1} cross or touch; order the vertices around the zone"
    return None


def segments_meet(start: Point, end: Point, other_start: Point, other_end: Point) -> bool:
    """Tells whether two segments have a point in common."""
    return _meet(*((Fraction(x), Fraction(y)) for x, y in (start, end, other_start, other_end)))


def _meet(start: _Exact, end: _Exact, other_start: _Exact, other_end: _Exact) -> bool:
    turns = [
        _turn(start, end, other_start),
        _turn(start, end, other_end),
        _turn(other_start, other_end, start),
        _turn(other_start, other_end, end),
    ]
    if turns[0] != turns[1] and turns[2] != turns[3]:
        return True
    return (
        (turns[0] == 0 and _is_between(start, end, other_start))
        or (turns[1] == 0 and _is_between(start, end, other_end))
        or (turns[2] == 0 and _is_between(other_start, other_end, start))
        or (turns[3] == 0 and _is_between(other_start, other_end, end))
    )


def _turn(start: _Exact, end: _Exact, point: _Exact) -> int:
    """Returns 1 or -1 for the side of a segment on which a point is, 0 on its straight line."""
    (x1, y1), (x2, y2), (x, y) = start, end, point
    cross = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
    return (cross > 0) - (cross < 0)


def _is_between(start: _Exact, end: _Exact, point: _Exact) -> bool:
    """Tells whether a point on the straight line of a segment is on the segment."""
    return all(min(a, b) <= value <= max(a, b) for a, b, value in zip(start, end, point, strict=True))


def _reaches_back(start: _Exact, corner: _Exact, end: _Exact) -> bool:
    """Tells whether two edges on one straight line lead in opposite directions from their corner."""
    (x1, y1), (x2, y2), (x3, y3) = start, corner, end
    return (x1 - x2) * (x3 - x2) + (y1 - y2) * (y3 - y2) > 0


def _boxes_meet(polygon: Polygon, first: int, second: int) -> bool:
    """Tells whether the bounding boxes of two edges meet. Fractions take long, so most pairs end here."""
    count = len(polygon)
    one, other = ((polygon[at], polygon[(at + 1) % count]) for at in (first, second))
    return all(
        min(one[0][axis], one[1][axis]) <= max(other[0][axis], other[1][axis])
        and min(other[0][axis], other[1][axis]) <= max(one[0][axis], one[1][axis])
        for axis in (0, 1)
    )
