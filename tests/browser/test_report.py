"""The report in Chromium: it follows the video, and is usable without a mouse, scripts or the video."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from people_pathing.engine import read_metadata
from people_pathing.report.page_file import write_report
from tests.browser.conftest import DURATION_MS, PHONE, OpenReport
from tests.browser.make_page import ZONES, make_page
from tests.browser.walkers import STEP_MS, UnusualVideo, crowd

pytestmark = pytest.mark.browser


def test_the_page_starts_without_an_error_or_a_request(open_report: OpenReport, walkers_page: Path) -> None:
    page = open_report(walkers_page)

    expect(page).to_have_title("walkers.webm – People Pathing")  # noqa: RUF001
    assert page.locator("#start-problem").is_hidden()


def test_while_the_video_plays_the_page_is_at_most_one_sampled_frame_behind(
    open_report: OpenReport, walkers_page: Path
) -> None:
    page = open_report(walkers_page)
    wait_for_video(page)

    page.evaluate(
        """() => {
            const video = document.querySelector("video");
            globalThis.deviationsMs = [];
            const check = (_, { mediaTime }) => {
                // The page reacts to the same frame, in a callback of its own.
                requestAnimationFrame(() =>
                    deviationsMs.push(Math.abs(reportPage.store.state.timeMs - video.currentTime * 1000)));
                video.requestVideoFrameCallback(check);
            };
            video.requestVideoFrameCallback(check);
            reportPage.store.set({ isPlaying: true });
        }"""
    )
    page.wait_for_function("() => deviationsMs.length >= 20")

    assert max(page.evaluate("deviationsMs")) <= STEP_MS


@pytest.mark.parametrize("at_ms", [1000, 3500, 6900])
def test_each_box_is_around_its_person(at_ms: int, open_report: OpenReport, walkers_page: Path) -> None:
    page = open_report(walkers_page)
    wait_for_video(page)

    show_boxes_at(page, at_ms)

    check_boxes(page, at_ms)


UNUSUAL_VIDEOS = [
    UnusualVideo("sound_first.mp4", "libx264", start_ms=200, sound="aac"),
    UnusualVideo("sound_first.webm", "libvpx", start_ms=2000, sound="libopus"),
    UnusualVideo("late.mp4", "libx264", start_ms=2000),
    UnusualVideo("late.webm", "libvpx", start_ms=2000),
    UnusualVideo("b_frames.mp4", "libx264", options=(("bf", "3"), ("g", "30"))),
    UnusualVideo("variable_rate.mp4", "libx264", start_ms=330, steps_ms=(20, 80), options=(("bf", "2"),)),
]


@pytest.mark.parametrize("video", UNUSUAL_VIDEOS, ids=lambda video: video.name)
def test_boxes_fit_the_frames_of_videos_with_unusual_times(
    video: UnusualVideo, open_report: OpenReport, tmp_path: Path
) -> None:
    walkers = crowd(8, DURATION_MS)
    start_ms = read_metadata(video.write(tmp_path, walkers, DURATION_MS)).start_ms
    path = make_page(tmp_path, walkers, DURATION_MS, has_video=False, picture_start_ms=start_ms)
    write_report(path.parent, path, video_source=f"../{video.name}")
    page = open_report(path)
    wait_for_video(page, start_ms)
    expect(page.locator(".stage-notice")).to_be_hidden()

    for at_ms in (1000, 3500):
        show_boxes_at(page, at_ms, start_ms)
        check_boxes(page, at_ms)
    page.evaluate("reportPage.store.set({ isPlaying: true })")
    page.wait_for_function("() => reportPage.store.state.timeMs > 4000")
    page.evaluate("reportPage.store.set({ isPlaying: false })")
    shown_ms, player_s = page.evaluate(
        """() => [reportPage.store.state.timeMs, document.querySelector("video").currentTime]"""
    )
    assert player_s * 1000 - start_ms == pytest.approx(shown_ms, abs=2 * STEP_MS)


def test_a_change_of_the_time_seeks_the_video(open_report: OpenReport, walkers_page: Path) -> None:
    page = open_report(walkers_page)
    wait_for_video(page)

    page.evaluate("reportPage.store.set({ timeMs: 4000 })")

    wait_for_video(page, 4000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [None, PHONE])
def test_axe_finds_nothing_serious(
    scheme: str, viewport: dict[str, int] | None, open_report: OpenReport, walkers_page: Path
) -> None:
    context: dict[str, Any] = {"color_scheme": scheme}
    if viewport:
        context |= {"viewport": viewport, "is_mobile": True, "has_touch": True}

    assert serious_problems(open_report(walkers_page, **context)) == []


def test_without_scripts_figures_people_and_provenance_are_shown(
    open_report: OpenReport, walkers_page: Path
) -> None:
    page = open_report(walkers_page, java_script_enabled=False)

    expect(page.locator("#figures")).to_contain_text("People seen")
    expect(page.locator("#people tbody tr")).to_have_count(8)
    expect(page.locator("#provenance")).to_contain_text("generated")
    expect(page.locator("#stage")).to_be_hidden()


@pytest.mark.parametrize("is_known", [True, False])
def test_without_the_video_everything_but_the_picture_works(
    is_known: bool, open_report: OpenReport, tmp_path: Path
) -> None:
    path = make_page(tmp_path, crowd(3, DURATION_MS), DURATION_MS, has_video=False)
    if is_known:
        write_report(path.parent, path, video_source="../walkers.webm")

    page = open_report(path, is_video_missing=True)

    page.evaluate("reportPage.store.set({ timeMs: 3000 })")
    expect(page.locator("#figures")).to_contain_text("3")
    expect(page.locator("#people tbody tr:not([hidden])").first).to_be_visible()


def test_a_video_without_people_is_shown(open_report: OpenReport, tmp_path: Path) -> None:
    page = open_report(make_page(tmp_path, [], DURATION_MS, has_video=False))

    expect(page.locator("#lanes")).to_contain_text("No people were found in this video.")
    assert page.locator("#start-problem").is_hidden()


def test_the_page_starts_in_a_folder_whose_name_is_not_utf_8(open_report: OpenReport, tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"stra\xdfe")
    page = open_report(make_page(folder, crowd(3, DURATION_MS), DURATION_MS, has_video=False))

    expect(page.locator("#start-problem")).to_be_hidden()


def test_a_time_zone_that_the_browser_does_not_know_is_named_and_utc_is_used(
    open_report: OpenReport, tmp_path: Path
) -> None:
    zones = {**ZONES, "timezone": "localtime"}
    page = open_report(make_page(tmp_path, crowd(3, DURATION_MS), DURATION_MS, has_video=False, zones=zones))

    expect(page.locator("#start-problem")).to_contain_text("does not know the time zone “localtime”")
    expect(page.locator("#header")).to_contain_text("UTC")


def show_boxes_at(page: Page, at_ms: int, start_ms: float = 0) -> None:
    """Shows a time with only boxes over the picture. `start_ms` is when the player shows its first frame."""
    layers = "{ boxes: true, trails: false, paths: false, heatMap: false, zones: false }"
    page.evaluate(f"reportPage.store.set({{ timeMs: {at_ms}, layers: {layers} }})")
    wait_for_video(page, start_ms + at_ms)


def check_boxes(page: Page, at_ms: int) -> None:
    """Makes sure that each of the eight people is in the picture, with a box around."""
    picture = screenshot(page.locator("video"), page)
    height_px, width_px, _ = picture.shape
    people = [walker for walker in crowd(8, DURATION_MS) if walker.is_seen(at_ms)]
    assert people
    for walker in people:
        left, top, width, height = walker.box(at_ms)
        # The middle of each side, half inside: the grey person. Outside: the background.
        y, x = round((top + height / 2) * height_px), round((left + width / 2) * width_px)
        coloured = is_coloured(picture[y])
        grey = 90 + 25 * (walker.index % 4)
        assert abs(int(picture[y, x].mean()) - grey) < 12, f"person {walker.index} is not in the picture"
        for side in (left, left + width):
            edge = round(side * width_px)
            assert coloured[max(0, edge - 4) : edge + 5].any(), f"person {walker.index} has no box at {edge}"


def wait_for_video(page: Page, at_ms: float = 0) -> None:
    """Waits until the video shows the frame of a time, which is the player's."""
    page.wait_for_function(
        """(atMs) => {
            const video = document.querySelector("video");
            const isThere = Math.abs(video.currentTime * 1000 - atMs) <= 5;
            return video.readyState >= 2 && !video.seeking && isThere;
        }""",
        arg=at_ms,
    )
    # The canvas is drawn in the frame after the change.
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def screenshot(part: Locator, page: Page) -> npt.NDArray[np.uint8]:
    """Returns what the page shows in the place of an element: height, width, and blue, green, red."""
    area = part.bounding_box()
    assert area
    png = np.frombuffer(page.screenshot(clip=area), np.uint8)
    picture = cv2.imdecode(png, cv2.IMREAD_COLOR)
    assert picture is not None
    return picture.astype(np.uint8)


def is_coloured(row: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Tells of each pixel whether it has a colour. The people and their background are grey."""
    coloured: npt.NDArray[np.bool_] = np.ptp(row, axis=1) > 40
    return coloured


def serious_problems(page: Page) -> list[str]:
    """Returns what axe-core finds that is serious or critical: the rule and the element."""
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {violation['nodes'][0]['html'][:120]}"
        for violation in found
        if violation["impact"] in {"serious", "critical"}
    ]
