"""Makes parts of an image unrecognisable: few cells, whose colours are rounded and blended."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from people_pathing.annotation.interpolation import Box
from people_pathing.engine.opencv import cv2_module
from people_pathing.engine.scene.masks import Masks

CELLS = 3
"""How many cells the shorter side of an area has. A face fills at most two by two of them."""
SMALLEST_CELL_PX = 4
BLEND_CELLS = 0.7
"""Standard deviation of the Gaussian that blends the cells."""
COLOUR_STEP = 24
"""Colours of cells are rounded to multiples of this. Without that, someone could compare many frames of a
person to regain details."""


def pixelate(image: NDArray[np.uint8], areas: Iterable[Box]) -> None:
    """Replaces areas of an image.

    Args:
        image: (H, W, 3) uint8, which is changed.
        areas: boxes in ratios of the image. They may reach out of it.
    """
    height_px, width_px = image.shape[:2]
    for left, top, right, bottom in areas:
        x1, y1 = max(0, math.floor(left * width_px)), max(0, math.floor(top * height_px))
        x2, y2 = min(width_px, math.ceil(right * width_px)), min(height_px, math.ceil(bottom * height_px))
        if x1 < x2 and y1 < y2:
            image[y1:y2, x1:x2] = _cells(image[y1:y2, x1:x2])


class PixelatedPolygons:
    """Areas that are pixelated in every frame: those in which people are not searched."""

    def __init__(self, polygons: Masks, width_px: int, height_px: int) -> None:
        """Prepares the areas.

        Args:
            polygons: their vertices are (x, y) in ratios of the frame.
            width_px: width of the frame.
            height_px: height of the frame.
        """
        cv2 = cv2_module()
        self._areas = []
        for polygon in polygons:
            vertices = np.array(polygon) * (width_px, height_px)
            x1, y1 = np.floor(vertices.min(axis=0)).astype(int).clip(0)
            x2, y2 = np.ceil(vertices.max(axis=0)).astype(int) + 1
            inside = np.zeros((min(y2, height_px) - y1, min(x2, width_px) - x1), np.uint8)
            cv2.fillPoly(inside, [np.round(vertices - (x1, y1)).astype(np.int32)], 1)
            self._areas.append((int(x1), int(y1), inside.astype(np.bool_)))

    def apply(self, image: NDArray[np.uint8]) -> None:
        """Replaces the areas of an image of (H, W, 3) uint8."""
        for x, y, inside in self._areas:
            part = image[y : y + inside.shape[0], x : x + inside.shape[1]]
            part[inside] = _cells(part)[inside]


def _cells(part: NDArray[np.uint8]) -> NDArray[np.uint8]:
    cv2 = cv2_module()
    height_px, width_px = part.shape[:2]
    cell_px = max(SMALLEST_CELL_PX, min(height_px, width_px) / CELLS)
    columns, rows = (max(1, round(side_px / cell_px)) for side_px in (width_px, height_px))
    cells = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)
    rounded = np.round(cells.astype(np.float32) / COLOUR_STEP) * COLOUR_STEP
    blended = cv2.GaussianBlur(np.clip(rounded, 0, 255).astype(np.uint8), (0, 0), BLEND_CELLS)
    enlarged: NDArray[np.uint8] = cv2.resize(blended, (width_px, height_px), interpolation=cv2.INTER_LINEAR)
    return enlarged
