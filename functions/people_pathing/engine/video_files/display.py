"""How the pictures of a video are turned, mirrored and stretched before they are shown."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from fractions import Fraction
from math import hypot
from typing import Any

import numpy as np
from av.filter import Graph
from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame
from numpy.typing import NDArray

logger = logging.getLogger(__name__)

STRAIGHT = 0.996
"""Cosine of the largest angle to a quarter turn that counts as one: five degrees."""
PERSPECTIVE = (2, 5, 8)
"""Entries of a display matrix that are 0, 0 and 1 unless it has a perspective."""
PERSPECTIVE_ONE = 1 << 30
"""1 as a fixed-point number of the last column; see ISO/IEC 14496-12, 8.3.2."""
WIDEST = 8
"""Largest stretch of pixels that is believed. Wide-screen and anamorphic formats have at most 2.35."""
SIDE_DATA_KINDS = 64
"""More than FFmpeg has: 32 in version 8."""


@dataclass(frozen=True, slots=True)
class Display:
    """How stored pictures are shown.

    Attributes:
        is_transposed: whether columns become rows, before any mirroring.
        mirrors_x: whether left and right are then exchanged.
        mirrors_y: whether top and bottom are then exchanged.
        width_px: width of the picture as shown.
        height_px: height of the picture as shown.
    """

    is_transposed: bool
    mirrors_x: bool
    mirrors_y: bool
    width_px: int
    height_px: int

    def shown(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Turns and mirrors a stored picture of (height, width, 3)."""
        if self.is_transposed:
            picture = picture.swapaxes(0, 1)
        picture = picture[:: -1 if self.mirrors_y else 1, :: -1 if self.mirrors_x else 1]
        return np.ascontiguousarray(picture)


def display_matrix(picture: VideoFrame) -> bytes | None:
    """Returns FFmpeg's display matrix of a frame, nine int32; None for none.

    PyAV 18 raises ValueError for a frame with side data of a kind that it does not know, such as the EXIF of
    Motion JPEG.
    """
    try:
        matrix: Any = picture.side_data.get("DISPLAYMATRIX")
    except ValueError:
        matrix = _without_unknown_side_data(picture).side_data.get("DISPLAYMATRIX")
    return None if matrix is None else bytes(matrix)


def display(
    name: str,
    size_px: tuple[int, int],
    matrix: bytes | None,
    pixel_ratio: Fraction | None,
    max_pixels: int,
) -> Display:
    """Returns how the pictures of a video are shown.

    Args:
        name: name of the video for warnings.
        size_px: width and height of the stored pictures.
        matrix: FFmpeg's display matrix, nine int32; None for none.
        pixel_ratio: width of a stored pixel divided by its height; None for 1.
        max_pixels: most pixels of a picture as shown.
    """
    across, down = _axes(name, matrix)
    width_px, height_px = size_px
    ratio = pixel_ratio or Fraction(1)
    stretched_px = max(1, round(width_px * ratio))
    if not 1 / WIDEST <= ratio <= WIDEST or stretched_px * height_px > max_pixels:
        logger.warning("%s: pixels of the shape %s are taken for squares", name, ratio)
        stretched_px = width_px
    is_transposed = across[0] == 0
    size = (height_px, stretched_px) if is_transposed else (stretched_px, height_px)
    return Display(is_transposed, min(across) < 0, min(down) < 0, *size)


def _without_unknown_side_data(picture: VideoFrame) -> VideoFrame:
    graph = Graph()
    filters = [
        graph.add_buffer(
            width=picture.width, height=picture.height, format=picture.format, time_base=Fraction(1, 25)
        )
    ]
    for kind in sorted(set(range(SIDE_DATA_KINDS)) - {known.value for known in Type}):
        filters.append(graph.add("sidedata", f"mode=delete:type={kind}"))
    filters.append(graph.add("buffersink"))
    graph.link_nodes(*filters).configure()
    graph.push(picture)
    cleaned = graph.pull()
    assert isinstance(cleaned, VideoFrame)
    return cleaned


def _axes(name: str, matrix: bytes | None) -> tuple[tuple[int, int], tuple[int, int]]:
    """Returns how the axes of the shown picture depend on x and y of the stored one: 1, 0 or -1 each."""
    unchanged = (1, 0), (0, 1)
    if matrix is None:
        return unchanged
    entries = np.frombuffer(matrix, np.int32).astype(float)
    across, down = entries[[0, 3]], entries[[1, 4]]
    lengths = hypot(*across), hypot(*down)
    if entries[list(PERSPECTIVE)].tolist() != [0, 0, PERSPECTIVE_ONE] or 0 in lengths:
        logger.warning("%s: its display matrix makes no sense or has a perspective, and is ignored", name)
        return unchanged
    across, down = across / lengths[0], down / lengths[1]
    turned = abs(across[1]) > abs(across[0])
    chosen = (across[1], down[0]) if turned else (across[0], down[1])
    if min(abs(chosen[0]), abs(chosen[1])) < STRAIGHT:
        logger.warning("%s: is shown turned or slanted by an angle; the nearest quarter turn is used", name)
    signs = [1 if one >= 0 else -1 for one in chosen]
    return ((0, signs[0]), (signs[1], 0)) if turned else ((signs[0], 0), (0, signs[1]))
