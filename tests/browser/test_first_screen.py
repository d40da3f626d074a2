"""What a reader sees of a report before scrolling."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, DURATION_MS, PHONE, OpenReport
from tests.browser.make_page import make_page
from tests.browser.walkers import crowd

pytestmark = pytest.mark.browser

ZONES = {
    "version": 1,
    "zones": [
        {"name": "till", "polygon": [[0.1, 0.1], [0.5, 0.1], [0.5, 0.95], [0.1, 0.95]]},
        {"name": "table", "polygon": [[0.5, 0.1], [0.9, 0.1], [0.9, 0.95], [0.5, 0.95]]},
    ],
    "lines": [{"name": "entrance", "start": [0.5, 1.0], "end": [0.5, 0.0]}],
}
"""With the figures of the whole picture and a flow, these are seven."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_page(tmp_path_factory.mktemp("shop"), crowd(8, DURATION_MS), DURATION_MS, zones=ZONES)


def bottoms(page: Page, selector: str) -> list[float]:
    script = "(all) => all.map((one) => Math.round(one.getBoundingClientRect().bottom))"
    found: list[float] = page.eval_on_selector_all(selector, script)
    return found


def test_seven_figures_are_in_one_row_and_their_values_on_one_line(
    open_report: OpenReport, shop: Path
) -> None:
    page = open_report(shop)

    values = bottoms(page, ".figure-value")

    assert len(values) == 7
    assert len(set(values)) == 1


def test_the_whole_picture_and_its_controls_are_on_the_first_screen(
    open_report: OpenReport, shop: Path
) -> None:
    page = open_report(shop)

    assert bottoms(page, ".stage-controls") <= [DESKTOP["height"]]


def test_the_whole_picture_is_on_the_first_screen_of_a_phone(open_report: OpenReport, shop: Path) -> None:
    page = open_report(shop, viewport=PHONE)

    assert len(bottoms(page, ".figure-value")) == 7
    assert bottoms(page, ".picture") <= [PHONE["height"]]


def test_a_button_says_on_a_phone_what_the_figures_mean(open_report: OpenReport, shop: Path) -> None:
    page = open_report(shop, viewport=PHONE)
    button = page.get_by_role("button", name="What these numbers mean")
    meaning = page.get_by_text("Different people in the video.")
    assert not meaning.is_visible()

    button.click()

    assert meaning.is_visible()
    assert button.get_attribute("aria-expanded") == "true"


def test_the_figures_are_explained_on_paper(open_report: OpenReport, shop: Path) -> None:
    page = open_report(shop, viewport=PHONE)

    page.emulate_media(media="print")

    assert page.get_by_text("Different people in the video.").is_visible()
    assert not page.get_by_role("button", name="What these numbers mean").is_visible()
