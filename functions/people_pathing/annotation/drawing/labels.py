"""Texts as small images, with a font that has the letters of most European languages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

Colour = tuple[int, int, int]
"""Blue, green and red, 0..255, as OpenCV orders them."""

FONT = "mpl-data/fonts/ttf/DejaVuSans-Bold.ttf"
"""Comes with matplotlib. OpenCV itself draws only ASCII."""
MOST_KEPT = 128
"""How many images of texts are kept. A text such as the clock is never needed again."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a text looks.

    Attributes:
        ink: colour of the letters.
        paper: colour behind them.
        opacity: of the paper, 0..1.
    """

    ink: Colour
    paper: Colour
    opacity: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Label:
    """A text as an image.

    Attributes:
        pixels: (H, W, 3) uint8, the colours times their opacity.
        shine_through: (H, W, 1) uint8, how much of the image below stays visible, of 255.
    """

    pixels: NDArray[np.uint8]
    shine_through: NDArray[np.uint8]

    @property
    def width_px(self) -> int:
        """The width."""
        return int(self.pixels.shape[1])

    @property
    def height_px(self) -> int:
        """The height."""
        return int(self.pixels.shape[0])


class Labels:
    """Draws texts of one size.

    Args:
        font_px: size of the font.
        longest_px: longer texts are cut and end with an ellipsis.
    """

    def __init__(self, font_px: int, longest_px: int) -> None:
        self._font_px = font_px
        self._longest_px = longest_px
        self._kept: dict[tuple[str, Look], Label] = {}

    def put(self, image: NDArray[np.uint8], text: str, look: Look, x: int, y: int) -> None:
        """Draws a text into an image.

        Args:
            image: (H, W, 3) uint8 BGR, which is changed.
            text: one or more lines.
            look: how it looks.
            x: left edge. The text is moved into the image where it would reach out.
            y: top edge.
        """
        label = self.label(text, look)
        height_px, width_px = image.shape[:2]
        x = max(0, min(x, width_px - label.width_px))
        y = max(0, min(y, height_px - label.height_px))
        part = image[y : y + label.height_px, x : x + label.width_px]
        shown = slice(part.shape[0]), slice(part.shape[1])
        below = part.astype(np.uint16) * label.shine_through[shown] // 255
        part[:] = below + label.pixels[shown]

    def label(self, text: str, look: Look) -> Label:
        """Returns a text as an image."""
        key = (text, look)
        label = self._kept.pop(key, None) or self._drawn(text, look)
        # The last is the one that was used last.
        self._kept[key] = label
        if len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        return label

    def _drawn(self, text: str, look: Look) -> Label:
        from PIL import Image, ImageDraw

        lines = [self._cut(line) for line in text.splitlines()]
        padding = max(1, round(0.3 * self._font_px))
        line_px = round(1.25 * self._font_px)
        width_px = max(round(self._font.getlength(line)) for line in lines) + 2 * padding
        height_px = line_px * len(lines) + padding
        canvas = Image.new("L", (width_px, height_px), 0)
        drawing = ImageDraw.Draw(canvas)
        for number, line in enumerate(lines):
            middle = padding // 2 + line_px * number + line_px / 2
            drawing.text((padding, middle), line, fill=255, font=self._font, anchor="lm")
        ink = np.asarray(canvas, np.float32)[:, :, None] / 255
        paper = (1 - ink) * look.opacity
        pixels = ink * np.array(look.ink, np.float32) + paper * np.array(look.paper, np.float32)
        # Rounded down, so that both together are at most 255.
        return Label(pixels.astype(np.uint8), (255 * (1 - ink - paper)).clip(0, 255).astype(np.uint8))

    def _cut(self, line: str) -> str:
        """Returns a line that is not too long, and has no characters that change the direction or lines."""
        line = "".join(character if character.isprintable() else "�" for character in line)
        if self._font.getlength(line) <= self._longest_px:
            return line
        while line and self._font.getlength(line + "…") > self._longest_px:
            line = line[:-1]
        return line + "…"

    @cached_property
    def _font(self) -> FreeTypeFont:
        from PIL import ImageFont

        spec = find_spec("matplotlib")
        assert spec is not None
        assert spec.submodule_search_locations
        return ImageFont.truetype(Path(spec.submodule_search_locations[0]) / FONT, self._font_px)
