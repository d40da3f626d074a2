"""Areas of the picture that are never analysed.

Every image that is made of a decoded picture is filled with grey there, before anything looks at it. Scaling
mixes the pixels next to a border, so a strip around each area is filled, too. Then no pixel of a masked area
changes anything.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.opencv import cv2_module

Masks = Sequence[Sequence[Sequence[float]]]
"""Polygons. Each vertex is (x, y) in ratios of the frame; the origin is the top left corner."""

GREY = 128
MIN_VERTICES = 3
STRIP_PX = 8
"""Width of the strip in pixels of a scaled image, by the reach of FFmpeg's bicubic scaler: two pixels of the
smaller image. Colours have half as many pixels, and are scaled twice."""
EDGE_PX = 8
"""How far from a filled area its edge can look like a still background: half of a window of the optical flow,
and some."""
_FRACTION_BITS = 8


class MaskedAreas:
    """The masked areas of one video. Only `contain` may be called in several threads at once.

    Attributes:
        polygons: of each area, (V, 2) float64 vertices in ratios of the frame.
    """

    def __init__(self, masks: Masks = ()) -> None:
        """Checks the areas.

        Raises:
            TypeError: the masks are not sequences of points.
            ValueError: a polygon has fewer than three vertices, or a point is outside the frame.
        """
        self.polygons = tuple(_checked(number, polygon) for number, polygon in enumerate(masks, 1))
        self._found: dict[tuple[int, int, int], NDArray[np.bool_]] = {}

    def fill(self, image: NDArray[np.uint8], source_px: tuple[int, int]) -> NDArray[np.uint8]:
        """Returns the image with grey in the masked areas.

        Args:
            image: (H, W) or (H, W, 3) uint8: the whole frame as displayed.
            source_px: width and height of the picture that was scaled.
        """
        if not self.polygons:
            return image
        height_px, width_px = image.shape[:2]
        enlargement = max(1.0, width_px / source_px[0], height_px / source_px[1])
        filled = self._pixels(width_px, height_px, math.ceil(STRIP_PX * enlargement))
        if not image.flags.writeable:
            image = image.copy()
        image[filled] = GREY
        return image

    def edges(self, width_px: int, height_px: int) -> NDArray[np.bool_] | None:
        """Returns the pixels of a filled image that are in an area, or so close that they show its edge.

        Args:
            width_px: width of the image, which is smaller than the frame.
            height_px: height of the image.

        Returns:
            (H, W) bool, or None if there are no areas.
        """
        return self._pixels(width_px, height_px, STRIP_PX + EDGE_PX) if self.polygons else None

    def contain(self, points: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
        """Returns which points are in an area, or on its border.

        Args:
            points: (N, 2) x and y in ratios of the frame. They are limited to the frame.
        """
        limited = np.clip(points, 0, 1)
        inside = np.zeros(len(points), np.bool_)
        cv2 = cv2_module()
        for polygon in self.polygons:
            contour = polygon.astype(np.float32)
            sides = [cv2.pointPolygonTest(contour, (x, y), False) for x, y in limited.tolist()]
            inside |= np.array(sides, np.float64) >= 0
        return inside

    def _pixels(self, width_px: int, height_px: int, strip_px: int) -> NDArray[np.bool_]:
        """Returns (H, W) bool: the pixels in an area or in the strip around it."""
        key = width_px, height_px, strip_px
        if key not in self._found:
            self._found[key] = self._drawn(*key)
        return self._found[key]

    def _drawn(self, width_px: int, height_px: int, strip_px: int) -> NDArray[np.bool_]:
        cv2 = cv2_module()
        filled = np.zeros((height_px, width_px), np.uint8)
        for polygon in self.polygons:
            # OpenCV counts from the middle of the first pixel, polygons from its corner.
            corners = (polygon * (width_px, height_px) - 0.5) * (1 << _FRACTION_BITS)
            cv2.fillPoly(filled, [np.round(corners).astype(np.int32)], 1, shift=_FRACTION_BITS)
        size = 2 * strip_px + 1
        return np.asarray(cv2.dilate(filled, np.ones((size, size), np.uint8)) > 0)


def _checked(number: int, polygon: object) -> NDArray[np.float64]:
    try:
        vertices = np.array(polygon, np.float64)
    except (TypeError, ValueError):
        vertices = np.zeros(0)
    if vertices.ndim != 2 or vertices.shape[1] != 2:
        raise TypeError(f"mask {number} must be a list of vertices, each as (x, y), not {polygon!r}")
    if len(vertices) < MIN_VERTICES:
        raise ValueError(f"mask {number} has {len(vertices)} vertices; give at least {MIN_VERTICES}")
    if not ((vertices >= 0) & (vertices <= 1)).all():
        raise ValueError(f"mask {number} has a vertex outside the frame; give ratios of the frame, 0..1")
    return vertices
