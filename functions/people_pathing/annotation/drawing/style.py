"""Colours and sizes. All sizes follow the frame, so that small and large frames are equally legible."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files

from people_pathing import report
from people_pathing.annotation.drawing.labels import Colour, Look

PALETTE = "palette.json"
"""The colours of people, which the report uses, too. The person's number chooses one."""
LIGHT: Colour = (255, 255, 255)
DARK: Colour = (24, 20, 16)
SHADE = Look(ink=LIGHT, paper=DARK, opacity=0.72)
"""Texts about the whole picture and about zones."""
LARGEST_LUMINANCE_OF_DARK = 0.179
"""White letters have more contrast on darker colours, black ones on lighter colours (WCAG 2.2)."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes in pixels.

    Attributes:
        font_px: height of letters.
        line_px: width of lines.
        halo_px: width of lines with the dark edge that sets them off from any background.
        dot_px: radius of the dot at a person's feet.
    """

    font_px: int
    line_px: int
    halo_px: int
    dot_px: int

    @classmethod
    def of(cls, width_px: int, height_px: int) -> Sizes:
        """Returns the sizes for a frame: letters of 10 pixels at 320x240, of 29 at 1080p and of 53 at 4K."""
        shorter_px = min(width_px, height_px)
        line_px = max(1, round(shorter_px / 300))
        return cls(
            font_px=max(10, round(0.022 * shorter_px + 5)),
            line_px=line_px,
            halo_px=line_px + 2 * max(1, round(shorter_px / 720)),
            dot_px=max(2, round(shorter_px / 180)),
        )


def palette() -> tuple[Colour, ...]:
    """Returns the colours of people."""
    texts = json.loads(files(report).joinpath(PALETTE).read_text("utf-8"))
    return tuple(_bgr(text) for text in texts)


def number_look(colour: Colour) -> Look:
    """Returns the look of a person's number: on the person's colour, with the ink of more contrast."""
    linear = [_linear(value / 255) for value in colour]
    luminance = 0.0722 * linear[0] + 0.7152 * linear[1] + 0.2126 * linear[2]
    return Look(ink=LIGHT if luminance < LARGEST_LUMINANCE_OF_DARK else DARK, paper=colour)


def _bgr(text: str) -> Colour:
    red, green, blue = bytes.fromhex(text.removeprefix("#"))
    return blue, green, red


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
