"""The masks that a video was tracked with, as results keep them."""

from __future__ import annotations

Masks = tuple[tuple[tuple[float, ...], ...], ...]
"""Polygons of at least three vertices. Each vertex is (x, y) in ratios of the frame."""

MIN_VERTICES = 3


def masks_in(value: object) -> Masks | None:
    """Reads masks from JSON of any origin.

    Returns:
        The masks, or None if the value is anything else.
    """
    if not isinstance(value, list) or not all(map(_is_polygon, value)):
        return None
    return tuple(tuple((float(x), float(y)) for x, y in polygon) for polygon in value)


def _is_polygon(value: object) -> bool:
    return isinstance(value, list) and len(value) >= MIN_VERTICES and all(map(_is_vertex, value))


def _is_vertex(value: object) -> bool:
    return isinstance(value, list) and len(value) == len(("x", "y")) and all(map(_is_ratio, value))


def _is_ratio(value: object) -> bool:
    # Comparing excludes NaN.
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
