"""The page of all videos in Chromium: searched, sorted, without a mouse, without scripts, with thousands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from people_pathing.report.overview.entry import VideoEntry, VideoSummary, newest_first
from people_pathing.report.overview.html_file import Overview, write_overview
from people_pathing.report.overview.sparkline import sparkline_path
from tests.browser.conftest import PHONE, OpenReport
from tests.browser.test_report import serious_problems

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="globalThis.isHacked=1">\'</script><script>globalThis.isHacked=1</script>'
HOUR_MS = 3_600_000
START_MS = 1_772_442_000_000
MANY = 5000


def entry(number: int, **changes: Any) -> VideoEntry:
    """Returns a video of a camera, each an hour later than the one before."""
    peaks = [(number * 7 + column) % 5 for column in range(60)]
    values: dict[str, Any] = {
        "id": str(number),
        "name": f"cam{number % 7}/{number}.mp4",
        "state": "SUCCEEDED",
        "at_ms": START_MS + number * HOUR_MS,
        "at_meaning": "recorded",
        "summary": VideoSummary(HOUR_MS, number, most_at_once=4, sparkline=sparkline_path(peaks)),
        "report_address": f"./cam/{number}.html",
    }
    return VideoEntry(**(values | changes))


def no_results(number: int, **changes: Any) -> VideoEntry:
    return entry(number, **{"summary": None, "report_address": None, **changes})


SOME = [
    *(entry(number) for number in range(1, 13)),
    entry(13, report_address=None, command="people-pathing open --stack-name shop -- cam6/13.mp4"),
    no_results(14, state="FAILED", reason="FFmpeg cannot read this as a video; use MP4 or MOV"),
    no_results(15, state="IN_PROGRESS", progress=0.4),
    no_results(16, state="WAITING", reason="the job limit is reached", at_meaning="uploaded"),
    no_results(17, state="FAILED", name=HOSTILE, reason=HOSTILE, version=HOSTILE),
]


@pytest.fixture
def overview(tmp_path: Path) -> Path:
    return written(tmp_path, SOME)


def written(folder: Path, entries: list[VideoEntry]) -> Path:
    path = folder / "index.html"
    write_overview(path, Overview("Videos in out", newest_first(entries), note="The newest videos."))
    return path


def names(page: Page) -> list[str]:
    return page.locator("#videos tbody .video-cell > :first-child").all_inner_texts()


def test_every_video_has_a_row_the_newest_first(open_report: OpenReport, overview: Path) -> None:
    page = open_report(overview)

    assert names(page)[-3:] == ["cam3/3.mp4", "cam2/2.mp4", "cam1/1.mp4"]
    expect(page.locator("#figures")).to_contain_text("13 h 00 min")
    row = page.locator("tr", has_text="cam5/12.mp4")
    expect(row.locator("a")).to_have_attribute("href", "./cam/12.html")
    expect(row).to_contain_text("1 h 00 min")
    assert row.locator("svg").bounding_box()
    expect(page.locator("tr", has_text="cam1/15.mp4")).to_contain_text("In progress 40 %")
    expect(page.locator("tr", has_text="cam2/16.mp4")).to_contain_text("the job limit is reached")


def test_hostile_names_are_text(open_report: OpenReport, overview: Path) -> None:
    page = open_report(overview)

    assert names(page)[0] == HOSTILE
    assert page.locator("#videos img").count() == 0
    assert page.evaluate("globalThis.isHacked") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [None, PHONE])
def test_axe_finds_nothing_serious(
    scheme: str, viewport: dict[str, int] | None, open_report: OpenReport, overview: Path
) -> None:
    context: dict[str, Any] = {"color_scheme": scheme}
    if viewport:
        context |= {"viewport": viewport, "is_mobile": True, "has_touch": True}

    assert serious_problems(open_report(overview, **context)) == []


def test_on_a_phone_nothing_is_cut_off(open_report: OpenReport, overview: Path) -> None:
    page = open_report(overview, viewport=PHONE, is_mobile=True, has_touch=True)

    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.evaluate("document.querySelector('#videos').scrollWidth") <= PHONE["width"]


def test_a_text_and_a_state_choose_videos(open_report: OpenReport, overview: Path) -> None:
    page = open_report(overview)

    page.get_by_role("searchbox").fill("ffmpeg mp4")
    assert names(page) == ["cam0/14.mp4"]
    expect(page.locator("#choice output")).to_have_text("1 video")
    page.get_by_role("searchbox").fill("nothing has this name")
    expect(page.locator("#videos")).to_contain_text("No video fits.")
    page.get_by_role("searchbox").fill("")
    page.get_by_role("button", name="Failed 2").click()
    assert names(page) == [HOSTILE, "cam0/14.mp4"]
    page.get_by_role("button", name="All 17").click()
    assert len(names(page)) == 17


def test_headings_sort_with_the_keyboard(open_report: OpenReport, overview: Path) -> None:
    page = open_report(overview)
    heading = page.get_by_role("columnheader", name="People", exact=True)

    heading.get_by_role("button").press("Enter")
    assert names(page)[:2] == ["cam6/13.mp4", "cam5/12.mp4"]
    expect(heading).to_have_attribute("aria-sort", "descending")
    heading.get_by_role("button").press("Enter")

    assert names(page)[:2] == ["cam1/1.mp4", "cam2/2.mp4"]
    expect(heading).to_have_attribute("aria-sort", "ascending")
    assert page.evaluate("document.activeElement.textContent") == "People"


def test_a_command_is_copied_or_shown(open_report: OpenReport, overview: Path) -> None:
    page = open_report(overview)

    page.get_by_role("button", name="Copy command").click()

    expect(page.locator("tr", has_text="cam6/13.mp4")).to_contain_text("Copied")


def test_without_scripts_the_videos_are_in_a_table(open_report: OpenReport, overview: Path) -> None:
    page = open_report(overview, java_script_enabled=False)

    expect(page.locator("#videos tbody tr")).to_have_count(17)
    expect(page.locator("#videos")).to_contain_text("the job limit is reached")
    expect(page.locator("#videos svg").first).to_be_visible()
    expect(page.locator("#choice")).to_be_hidden()


def test_a_page_without_videos_says_so(open_report: OpenReport, tmp_path: Path) -> None:
    expect(open_report(written(tmp_path, [])).locator("#videos")).to_contain_text("There are no videos.")


def test_thousands_of_videos_are_searched_at_once_and_shown_as_far_as_one_scrolls(
    open_report: OpenReport, tmp_path: Path
) -> None:
    page = open_report(written(tmp_path, [entry(number) for number in range(MANY)]))
    expect(page.locator("#videos")).to_contain_text("Show more")
    assert page.locator("#videos tbody tr").count() < MANY / 5

    took_ms = page.evaluate(
        """() => {
            const start = performance.now();
            reportPage.store.set({ text: "cam3/ 4" });
            document.body.getBoundingClientRect();
            return performance.now() - start;
        }"""
    )
    # It takes about 20 ms. The limit allows for a machine that is busy.
    assert took_ms < 500
    page.evaluate("reportPage.store.set({ text: '' })")
    before = page.locator("#videos tbody tr").count()
    page.get_by_role("button", name="Show more").scroll_into_view_if_needed()

    page.wait_for_function(f"() => document.querySelectorAll('#videos tbody tr').length > {before}")
