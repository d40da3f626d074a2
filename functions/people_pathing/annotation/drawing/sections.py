"""Draws the zones, lines and masks of zones.json, with their running counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from people_pathing.analysis.zones_file.sections import Line, Point, Polygon, Zone, ZonesFile
from people_pathing.annotation.drawing.labels import Colour, Labels
from people_pathing.annotation.drawing.running_counts import LineCount, RunningCounts, ZoneCount
from people_pathing.annotation.drawing.style import DARK, LIGHT, SHADE, Sizes
from people_pathing.engine.opencv import cv2_module

LINE_COLOUR: Colour = (70, 225, 255)
"""Yellow, which is no colour of a person."""
MASK_SHADE = 0.45
"""Brightness of the stripes in masks."""
ARROW_LENGTH = 0.07
"""Length of an arrow as a share of the shorter side of the frame."""


class SectionsDrawing:
    """Draws the sections of one zones file.

    Args:
        zones_file: what is drawn.
        counts: the running counts.
        labels: draws the texts.
        sizes: of everything.
        frame_px: width and height of the frame.
    """

    def __init__(
        self,
        zones_file: ZonesFile,
        counts: RunningCounts,
        labels: Labels,
        sizes: Sizes,
        frame_px: tuple[int, int],
    ) -> None:
        self._zones_file = zones_file
        self._counts = counts
        self._labels = labels
        self._sizes = sizes
        self._frame_px = frame_px
        self._cv2 = cv2_module()
        self._stripes = [self._striped(mask.polygon) for mask in zones_file.masks]

    def draw_outlines(self, image: NDArray[np.uint8]) -> None:
        """Draws what people walk over into (H, W, 3) uint8 BGR."""
        for place, stripes in self._stripes:
            part = image[place]
            part[stripes] = (part[stripes] * MASK_SHADE).astype(np.uint8)
        for mask in self._zones_file.masks:
            self._draw_polygon(image, mask.polygon, DARK)
        for zone in self._zones_file.zones:
            self._draw_polygon(image, zone.polygon, LIGHT)
        for line in self._zones_file.lines:
            self._draw_line(image, line)

    def draw_counts(self, image: NDArray[np.uint8], at_ms: int) -> None:
        """Writes names and counts. Draw people before, so that they do not hide them."""
        zones, lines = self._counts.zones(at_ms), self._counts.lines(at_ms)
        for zone in self._zones_file.zones:
            self._label_zone(image, zone, zones[zone.name])
        for line in self._zones_file.lines:
            self._label_line(image, line, lines[line.name])

    def _label_zone(self, image: NDArray[np.uint8], zone: Zone, count: ZoneCount) -> None:
        visits = "1 visit" if count.visits == 1 else f"{count.visits} visits"
        text = f"{zone.name}\n{visits}, {count.inside} inside"
        x, y = self._on_frame(min(zone.polygon, key=lambda vertex: (vertex[1], vertex[0])))
        label = self._labels.label(text, SHADE)
        # Above the zone, so that the people in it stay visible, if there is room.
        above = y - label.height_px - self._sizes.halo_px
        self._labels.put(
            image, text, SHADE, round(x), round(above if above >= 0 else y + self._sizes.halo_px)
        )

    def _label_line(self, image: NDArray[np.uint8], line: Line, count: LineCount) -> None:
        text = f"{line.name}\nin {count.inward}, out {count.outward}"
        label = self._labels.label(text, SHADE)
        x, y = self._on_frame(line.start)
        self._labels.put(image, text, SHADE, round(x - label.width_px / 2), round(y - label.height_px / 2))

    def _draw_polygon(self, image: NDArray[np.uint8], polygon: Polygon, colour: Colour) -> None:
        vertices = np.array([self._on_frame(vertex) for vertex in polygon]).round().astype(np.int32)
        edge = LIGHT if colour == DARK else DARK
        for line_colour, line_px in ((edge, self._sizes.halo_px), (colour, self._sizes.line_px)):
            self._cv2.polylines(image, [vertices], True, line_colour, line_px, self._cv2.LINE_AA)

    def _draw_line(self, image: NDArray[np.uint8], line: Line) -> None:
        """Draws a line, and an arrow in its middle that shows the direction `in`."""
        cv2 = self._cv2
        start, end = np.array(self._on_frame(line.start)), np.array(self._on_frame(line.end))
        along = end - start
        length = float(np.hypot(*along))
        # `in` is from the right of the line to its left, and y grows downwards.
        left = np.array([along[1], -along[0]]) / max(length, 1)
        middle = (start + end) / 2
        arrow_px = min(ARROW_LENGTH * min(self._frame_px), length)
        ends = [middle - left * arrow_px / 2, middle + left * arrow_px / 2]
        for colour, line_px in ((DARK, self._sizes.halo_px), (LINE_COLOUR, self._sizes.line_px)):
            cv2.line(image, _pixel(start), _pixel(end), colour, line_px, cv2.LINE_AA)
            cv2.arrowedLine(image, _pixel(ends[0]), _pixel(ends[1]), colour, line_px, cv2.LINE_AA, 0, 0.4)

    def _striped(self, polygon: Polygon) -> tuple[tuple[slice, slice], NDArray[np.bool_]]:
        """Returns the part of the frame around an area, and (H, W) bool: the stripes in this part."""
        vertices = np.array([self._on_frame(vertex) for vertex in polygon]).astype(np.int32)
        left, top = vertices.min(axis=0).tolist()
        # At least a pixel, and not beyond the frame.
        right, bottom = np.minimum(vertices.max(axis=0) + 1, self._frame_px).tolist()
        inside = np.zeros((bottom - top, right - left), np.uint8)
        self._cv2.fillPoly(inside, [vertices - (left, top)], 1)
        stripe_px = 2 * self._sizes.halo_px
        diagonal = np.add.outer(np.arange(bottom - top), np.arange(right - left))
        stripes = (inside > 0) & (diagonal // stripe_px % 2 == 0)
        return (slice(top, bottom), slice(left, right)), np.asarray(stripes)

    def _on_frame(self, point: Point) -> Point:
        return point[0] * self._frame_px[0], point[1] * self._frame_px[1]


def _pixel(point: NDArray[np.float64]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))
