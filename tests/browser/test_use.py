"""How people find their way in the report, and that the texts of others stay texts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DURATION_MS, OpenReport
from tests.browser.make_page import ZONES, make_page
from tests.browser.walkers import STEP_MS, crowd

pytestmark = pytest.mark.browser

MAX_STOPS = 300
HOSTILE = '"><img src=x onerror=alert(1)>'


def state(page: Page, member: str) -> Any:
    """Returns a member of the page's state."""
    return page.evaluate("(member) => reportPage.store.state[member]", member)


def test_a_click_into_a_lane_goes_there_and_selects_the_person(
    open_report: OpenReport, walkers_page: Path
) -> None:
    page = open_report(walkers_page)
    # Person 3 is seen from 2.4 s to 6.4 s.
    track = page.locator("#lane-3 .lane-track")
    box = track.bounding_box()
    assert box

    track.click(position={"x": box["width"] * 0.5, "y": box["height"] / 2})

    assert state(page, "selectedPerson") == 3
    assert abs(state(page, "timeMs") - DURATION_MS / 2) < STEP_MS


def test_every_part_of_the_page_can_be_reached_with_the_tab_key(
    open_report: OpenReport, walkers_page: Path
) -> None:
    page = open_report(walkers_page)
    reached: list[str | None] = []
    while len(reached) < MAX_STOPS and (not reached or reached[-1] is not None):
        page.keyboard.press("Tab")
        part = """() => {
            const element = document.activeElement;
            return element === document.body ? null : element.closest("#header, section")?.id ?? "";
        }"""
        reached.append(page.evaluate(part))

    assert reached[-1] is None, "the focus does not leave the page"
    assert {"header", "stage", "layers", "filters", "occupancy", "lanes", "people"} <= set(reached)


def test_a_link_leads_to_a_moment_and_a_person(open_report: OpenReport, walkers_page: Path) -> None:
    page = open_report(walkers_page, fragment="t=4.5&person=3&section=door")

    assert state(page, "timeMs") == 4500
    assert state(page, "selectedPerson") == 3
    assert state(page, "filters")["section"] == "door"
    page.evaluate("reportPage.store.set({ timeMs: 2000, selectedPerson: 1 })")
    expect(page).to_have_url(re.compile(r"#t=2&person=1&section=door$"))


def test_a_hostile_name_or_label_is_only_text(open_report: OpenReport, tmp_path: Path) -> None:
    zones = {
        **ZONES,
        "zones": [{**ZONES["zones"][0], "name": f"</script>{HOSTILE}"}],
        "lines": [{**ZONES["lines"][0], "name": HOSTILE}],
    }
    path = make_page(tmp_path, crowd(4, DURATION_MS), DURATION_MS, name=f"cam/{HOSTILE}", zones=zones)

    page = open_report(path)

    page.evaluate("reportPage.store.set({ selectedPerson: 1, timeMs: 3000 })")
    expect(page.locator("#header")).to_contain_text(HOSTILE)
    expect(page.locator("#sections")).to_contain_text(f"</script>{HOSTILE}")
    expect(page.locator("#flows")).to_contain_text(HOSTILE)
    assert page.locator("img").count() == 0
