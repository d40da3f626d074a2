"""Covered areas show nothing, and nothing else changes."""

import numpy as np
import pytest

from people_pathing.annotation.pixelation import CELLS, PixelatedPolygons, pixelate
from tests.unit.annotation.material import stripes


def test_nothing_outside_an_area_changes() -> None:
    image = stripes(0, 100, 80)
    before = image.copy()

    pixelate(image, [(0.25, 0.25, 0.5, 0.75)])

    changed = (image != before).any(axis=2)
    assert changed[20:60, 25:50].all()
    changed[20:60, 25:50] = False
    assert not changed.any()


def test_details_of_an_area_are_gone() -> None:
    image = stripes(0, 100, 80)

    pixelate(image, [(0, 0, 1, 1)])

    assert image.std() < 5


def test_an_area_has_few_colours() -> None:
    image = np.random.default_rng(1).integers(0, 256, (90, 60, 3)).astype(np.uint8)
    one = image.copy()
    pixelate(one, [(0, 0, 1, 1)])
    # Noise has the same mean everywhere, so cells differ only by the rounding of their colours.
    assert np.ptp(one.reshape(-1, 3), axis=0).max() <= 24 * 2

    other = np.repeat(np.repeat(np.arange(CELLS, dtype=np.uint8), 20)[None, :, None] * 100, 60, axis=0)
    shown = np.repeat(other, 3, axis=2)
    pixelate(shown, [(0, 0, 1, 1)])
    assert np.ptp(shown) > 50


@pytest.mark.parametrize("area", [(-0.5, -0.5, 0.1, 0.1), (0.95, 0.95, 1.5, 1.5), (0.5, 0.5, 0.5, 0.5)])
def test_areas_at_the_edge_are_cut(area: tuple[float, float, float, float]) -> None:
    pixelate(stripes(0, 100, 80), [area])


@pytest.mark.parametrize("area", [(-2, -2, -1, -1), (1.5, 0, 2, 1)])
def test_areas_outside_change_nothing(area: tuple[float, float, float, float]) -> None:
    image = stripes(0, 100, 80)

    pixelate(image, [area])

    assert (image == stripes(0, 100, 80)).all()


def test_a_polygon_is_covered_up_to_its_border() -> None:
    image = stripes(0, 100, 80)
    before = image.copy()

    PixelatedPolygons([((0, 0), (1, 0), (0, 1))], 100, 80).apply(image)

    changed = (image != before).any(axis=2)
    assert changed[5:30, 5:30].mean() > 0.9
    assert not changed[50:, 60:].any()
