"""The colours of people differ, also for colour-blind people, and are visible on light and dark pages."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from people_pathing import report
from people_pathing.annotation.interpolation import TRAIL_MS

Colours = npt.NDArray[np.float64]
"""(N, 3), from 0 to 1."""

HEX = json.loads(Path(report.__file__).with_name("palette.json").read_text("utf-8"))
PAGES = {"light": "#f6f6f4", "dark": "#141518"}
SMALLEST_DISTANCE = 0.07
"""In OKLab, where black and white are 1 apart. Two colours differ visibly from about 0.02 on."""
SMALLEST_CONTRAST = 1.7
"""Lines are at least two pixels wide, and each person also has a number."""

VISION = {
    "typical": np.eye(3),
    # For linear RGB. Machado, Oliveira and Fernandes: A Physiologically-based Model for Simulation of Color
    # Vision Deficiency, 2009; severity 1.0.
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


@pytest.mark.parametrize("vision", VISION)
def test_every_two_colours_differ(vision: str) -> None:
    seen = oklab(np.clip(linear(HEX) @ VISION[vision].T, 0, 1))

    distances = {
        (HEX[one], HEX[other]): float(np.linalg.norm(seen[one] - seen[other]))
        for one, other in combinations(range(len(HEX)), 2)
    }

    assert len(HEX) == 12
    closest = min(distances, key=lambda pair: distances[pair])
    assert distances[closest] >= SMALLEST_DISTANCE, closest


@pytest.mark.parametrize("page", PAGES)
def test_every_colour_is_visible_on_the_page(page: str) -> None:
    luminances = linear(HEX) @ np.array([0.2126, 0.7152, 0.0722])
    background = float(linear([PAGES[page]])[0] @ np.array([0.2126, 0.7152, 0.0722]))

    brighter, darker = np.maximum(luminances, background), np.minimum(luminances, background)

    assert ((brighter + 0.05) / (darker + 0.05)).min() >= SMALLEST_CONTRAST


def linear(colours: list[str]) -> Colours:
    """Returns the linear RGB of colours such as "#5160ff"."""
    shares = np.array([[int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)] for colour in colours])
    found: Colours = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return found


def oklab(colours: Colours) -> Colours:
    """Returns linear RGB in OKLab. Source: https://bottosson.github.io/posts/oklab/."""
    cones: Colours = np.cbrt(
        colours
        @ np.array(
            [
                [0.4122214708, 0.5363325363, 0.0514459929],
                [0.2119034982, 0.6806995451, 0.1073969566],
                [0.0883024619, 0.2817188376, 0.6299787005],
            ]
        ).T
    )
    found: Colours = (
        cones
        @ np.array(
            [
                [0.2104542553, 0.7936177850, -0.0040720468],
                [1.9779984951, -2.4285922050, 0.4505937099],
                [0.0259040371, 0.7827717662, -0.8086757660],
            ]
        ).T
    )
    return found


def test_the_page_uses_all_colours_and_all_patterns() -> None:
    page = Path(report.__file__).with_name("page")
    elements, swatches = (page / "display" / name for name in ("elements.js", "section_swatch.js"))
    patterns = set(re.findall(r"\.zone-pattern-(\d+)", (page / "styles" / "panels.css").read_text("utf-8")))

    assert _constant(elements, "PERSON_COLOURS") == len(HEX)
    assert _constant(swatches, "PATTERNS") == len(patterns)


def test_trails_are_as_long_as_in_the_annotated_video() -> None:
    moment_drawing = Path(report.__file__).with_name("page") / "stage" / "moment_drawing.js"

    assert _constant(moment_drawing, "TRAIL_MS") == TRAIL_MS


def _constant(module: Path, name: str) -> int:
    [value] = re.findall(rf"^(?:export )?const {name} = (\d+);", module.read_text("utf-8"), re.MULTILINE)
    return int(value)
