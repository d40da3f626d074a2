"""Draws people: boxes with numbers, and trails."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from people_pathing.annotation.choices import Layers
from people_pathing.annotation.drawing.labels import Colour, Labels
from people_pathing.annotation.drawing.style import DARK, Sizes, number_look, palette
from people_pathing.annotation.interpolation import (
    TRAIL_MS,
    Box,
    box_at,
    longest_bridged_ms,
    trail_at,
)
from people_pathing.annotation.people_paths import PeoplePaths
from people_pathing.engine.opencv import cv2_module

FRACTION_BITS = 4
"""OpenCV takes coordinates in sixteenths of a pixel, so that boxes glide instead of jumping."""


class PeopleDrawing:
    """Draws the people of one video.

    Args:
        paths: the people.
        layers: what is drawn.
        labels: draws the numbers.
        sizes: of everything.
    """

    def __init__(self, paths: PeoplePaths, layers: Layers, labels: Labels, sizes: Sizes) -> None:
        self._paths = paths
        self._layers = layers
        self._labels = labels
        self._sizes = sizes
        self._palette = palette()
        self._cv2 = cv2_module()

    def draw(self, image: NDArray[np.uint8], at_ms: int) -> None:
        """Draws the people who are or were there recently into (H, W, 3) uint8 BGR."""
        bridged_ms = longest_bridged_ms(self._paths.interval_ms)
        kept_ms = self._paths.interval_ms // 2
        shown: list[tuple[int, Box]] = []
        for person in self._paths.around(at_ms, kept_ms, max(kept_ms, TRAIL_MS)):
            box = box_at(person.observed, at_ms, bridged_ms, kept_ms)
            if self._layers.trails:
                for points, freshness in trail_at(person.observed, at_ms, box, bridged_ms):
                    self._draw_trail(image, points, freshness, self._colour(person.index))
            if box is not None:
                shown.append((person.index, box))
        if self._layers.boxes:
            # People who are closer to the camera are drawn last, above the others.
            shown.sort(key=lambda one: one[1][3])
            for index, box in shown:
                self._draw_box(image, box, index)
            for index, box in shown:
                self._draw_number(image, box, index)

    def _colour(self, index: int) -> Colour:
        return self._palette[index % len(self._palette)]

    def _draw_box(self, image: NDArray[np.uint8], box: Box, index: int) -> None:
        left, top, right, bottom = self._visible(image, box)
        corners = _fixed((left, top)), _fixed((right, bottom))
        for colour, line_px in ((DARK, self._sizes.halo_px), (self._colour(index), self._sizes.line_px)):
            self._cv2.rectangle(image, *corners, colour, line_px, self._cv2.LINE_AA, FRACTION_BITS)

    def _draw_number(self, image: NDArray[np.uint8], box: Box, index: int) -> None:
        """Writes the number above a box, or into it at the upper edge of the frame."""
        left, top, _, _ = self._visible(image, box)
        text, look = str(index), number_look(self._colour(index))
        above = round(top) - self._labels.label(text, look).height_px
        y = above if above >= 0 else round(top)
        self._labels.put(image, text, look, round(left - self._sizes.line_px / 2), y)

    def _visible(self, image: NDArray[np.uint8], box: Box) -> Box:
        """Returns a box in pixels. One that reaches out of the frame ends at its edge, to be visible."""
        height_px, width_px = image.shape[:2]
        inset = self._sizes.line_px / 2
        left, right = (min(max(inset, edge * width_px), width_px - 1 - inset) for edge in (box[0], box[2]))
        top, bottom = (min(max(inset, edge * height_px), height_px - 1 - inset) for edge in (box[1], box[3]))
        return left, top, right, bottom

    def _draw_trail(
        self,
        image: NDArray[np.uint8],
        points: NDArray[np.float64],
        freshness: NDArray[np.float64],
        colour: Colour,
    ) -> None:
        """Draws a trail that fades with its age. Only the part of the image around it is touched."""
        cv2, sizes = self._cv2, self._sizes
        height_px, width_px = image.shape[:2]
        on_image = points * (width_px, height_px)
        margin = sizes.halo_px + sizes.dot_px
        low = np.clip(np.floor(on_image.min(axis=0)).astype(int) - margin, 0, (width_px, height_px))
        high = np.clip(np.ceil(on_image.max(axis=0)).astype(int) + margin, 0, (width_px, height_px))
        part = image[low[1] : high[1], low[0] : high[0]]
        if part.size == 0:
            return
        local = on_image - low
        for line_colour, line_px, strength in ((DARK, sizes.halo_px, 0.6), (colour, sizes.line_px, 1.0)):
            opacity = np.zeros(part.shape[:2], np.uint8)
            for start, end, fresh in zip(local[:-1], local[1:], freshness[1:], strict=True):
                value = round(255 * strength * fresh)
                cv2.line(opacity, _fixed(start), _fixed(end), value, line_px, cv2.LINE_AA, FRACTION_BITS)
            _blend(part, line_colour, opacity)
        if freshness[-1] == 1:
            place = _fixed(local[-1])
            for dot_colour, radius in ((DARK, sizes.dot_px + 1), (colour, sizes.dot_px)):
                cv2.circle(
                    part, place, radius << FRACTION_BITS, dot_colour, cv2.FILLED, cv2.LINE_AA, FRACTION_BITS
                )


def _fixed(point: tuple[float, float] | NDArray[np.float64]) -> tuple[int, int]:
    x, y = point
    return round(x * (1 << FRACTION_BITS)), round(y * (1 << FRACTION_BITS))


def _blend(part: NDArray[np.uint8], colour: Colour, opacity: NDArray[np.uint8]) -> None:
    rows, columns = np.nonzero(opacity)
    share = opacity[rows, columns, None].astype(np.float32) / 255
    part[rows, columns] = part[rows, columns] * (1 - share) + np.array(colour, np.float32) * share
