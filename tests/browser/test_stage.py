"""The video in the report: keys, pointer, links, a missing video, paper, and small screens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from people_pathing.report.page_file import write_report
from tests.browser.conftest import DURATION_MS, OpenReport
from tests.browser.make_page import make_page
from tests.browser.walkers import HEIGHT_PX, STEP_MS, WIDTH_PX, crowd, write_video

pytestmark = pytest.mark.browser

SMALL_PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "is_mobile": True,
    "has_touch": True,
}
PERSON_MS = 3000
"""At this time, no other box is over that of the person below."""
PERSON = 1


def test_space_plays_and_pauses(open_report: OpenReport, walkers_page: Path) -> None:
    page = with_video(open_report(walkers_page))

    page.keyboard.press("Space")
    page.wait_for_function("() => reportPage.store.state.timeMs > 500")
    page.keyboard.press("Space")

    assert page.evaluate("document.querySelector('video').paused")
    assert state(page, "isPlaying") is False


def test_arrows_step_by_one_sampled_frame(open_report: OpenReport, walkers_page: Path) -> None:
    page = open_report(walkers_page, fragment="t=2")

    page.keyboard.press("ArrowRight")
    assert state(page, "timeMs") == 2000 + STEP_MS
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert state(page, "timeMs") == 2000 - STEP_MS


def test_j_plays_backwards_and_the_video_follows(open_report: OpenReport, walkers_page: Path) -> None:
    page = with_video(open_report(walkers_page, fragment="t=4"))

    page.keyboard.press("j")
    page.wait_for_function("() => reportPage.store.state.timeMs < 3000")
    page.keyboard.press("k")

    page.wait_for_function(
        """() => {
            const video = document.querySelector("video");
            const distanceMs = Math.abs(video.currentTime * 1000 - reportPage.store.state.timeMs);
            return !video.seeking && distanceMs <= 100;
        }"""
    )


def test_the_play_button_plays_forwards_after_j_reached_the_start(
    open_report: OpenReport, walkers_page: Path
) -> None:
    page = with_video(open_report(walkers_page, fragment="t=0.2"))
    page.keyboard.press("j")
    page.wait_for_function("() => !reportPage.store.state.isPlaying && reportPage.store.state.timeMs === 0")

    page.get_by_role("button", name="Play", exact=True).click()

    page.wait_for_function("() => reportPage.store.state.timeMs > 500")


def test_pauses_do_not_add_work_for_each_frame(open_report: OpenReport, walkers_page: Path) -> None:
    page = with_video(open_report(walkers_page))
    page.evaluate(
        """() => {
            globalThis.requests = { waiting: 0, most: 0 };
            const video = document.querySelector("video");
            const request = video.requestVideoFrameCallback.bind(video);
            video.requestVideoFrameCallback = (react) => {
                requests.most = Math.max(requests.most, ++requests.waiting);
                request((...frame) => { requests.waiting--; react(...frame); });
            };
        }"""
    )

    for _ in range(4):
        page.evaluate("reportPage.store.set({ isPlaying: true })")
        page.evaluate("reportPage.store.set({ isPlaying: false })")
    page.evaluate("reportPage.store.set({ isPlaying: true })")
    page.wait_for_function("() => reportPage.store.state.timeMs > 500")

    assert page.evaluate("requests.most") == 1


def test_the_length_of_trails_is_named(open_report: OpenReport, walkers_page: Path) -> None:
    page = open_report(walkers_page)

    label = page.locator("#layers").get_by_text("Trails", exact=True)
    expect(label).to_have_attribute("title", "Where each person walked in the last 2 seconds")


def test_n_and_p_jump_to_events_and_announce_the_person(open_report: OpenReport, walkers_page: Path) -> None:
    page = open_report(walkers_page)
    events = page.evaluate("reportPage.store.state.counts.events.map((one) => [one.moment.atMs, one.person])")

    page.keyboard.press("n")
    assert [state(page, "timeMs"), state(page, "selectedPerson")] == events[0]
    expect(page.locator("#announcements")).to_contain_text(f"Person {events[0][1]} is selected")
    page.keyboard.press("n")
    page.keyboard.press("p")
    assert state(page, "timeMs") == events[0][0]
    page.keyboard.press("Escape")
    assert state(page, "selectedPerson") is None


def test_keys_that_are_typed_into_a_field_do_not_reach_the_video(
    open_report: OpenReport, walkers_page: Path
) -> None:
    page = open_report(walkers_page, fragment="t=2")

    page.locator("#filters input[type=text]").first.focus()
    page.keyboard.type("jkln p?")
    page.keyboard.press("ArrowLeft")

    assert state(page, "timeMs") == 2000
    assert state(page, "isPlaying") is False
    expect(page.locator("#help")).to_be_hidden()


def test_a_click_on_a_box_selects_the_person_in_all_parts(
    open_report: OpenReport, walkers_page: Path
) -> None:
    page = open_report(walkers_page, fragment=f"t={PERSON_MS / 1000}")

    page.locator("#picture").click(position=middle_of_person(page))

    assert state(page, "selectedPerson") == PERSON
    expect(page.locator("#people tr[aria-current=true]")).to_have_attribute("data-person", str(PERSON))


def test_the_controls_count_the_boxes_that_are_visible(open_report: OpenReport, walkers_page: Path) -> None:
    page = open_report(walkers_page)
    page.evaluate(f"reportPage.store.set({{ timeMs: {PERSON_MS} }})")

    visible = sum(walker.is_seen(PERSON_MS) for walker in crowd(8, DURATION_MS))
    assert visible > 1
    expect(page.locator(".stage-controls .time")).to_contain_text(f"{visible} people visible")


def test_a_link_leads_to_the_moment_that_was_shown(open_report: OpenReport, walkers_page: Path) -> None:
    page = open_report(walkers_page)
    page.evaluate("reportPage.store.set({ timeMs: 2500, selectedPerson: 3 })")
    page.wait_for_function("() => location.hash !== ''")

    linked = open_report(walkers_page, fragment=page.evaluate("location.hash").removeprefix("#"))

    assert state(linked, "timeMs") == 2500
    assert state(linked, "selectedPerson") == 3


@pytest.mark.parametrize(
    "fragment",
    [
        "t=NaN&person=99&section=<img src=x onerror=alert(1)>&layers=constructor",
        "%E0%A4%A&t=%&from=9e99&to=-1",
        "people",
        "t=1&" * 5000,
        "t=-1",
        "t=1e999",
    ],
)
def test_a_hostile_link_opens_the_page_as_usual(
    fragment: str, open_report: OpenReport, walkers_page: Path
) -> None:
    page = open_report(walkers_page, fragment=fragment)

    assert state(page, "timeMs") == 0
    assert state(page, "selectedPerson") is None
    assert page.locator("img").count() == 0


def test_the_layers_that_stay_the_same_are_not_drawn_again(
    open_report: OpenReport, walkers_page: Path
) -> None:
    page = open_report(walkers_page, fragment="layers=boxes+trails+paths+heat-map+zones")
    two_frames(page)
    page.evaluate(
        """() => {
            globalThis.drawn = new Set();
            const clear = CanvasRenderingContext2D.prototype.clearRect;
            CanvasRenderingContext2D.prototype.clearRect = function (...area) {
                if (this.canvas.closest("#picture")) drawn.add(this.canvas.className);
                clear.apply(this, area);
            };
        }"""
    )

    for at_ms in (1000, 2000, 3000):
        page.evaluate(f"reportPage.store.set({{ timeMs: {at_ms} }})")
        two_frames(page)
    assert page.evaluate("[...drawn]") == ["moving"]
    page.evaluate("reportPage.store.set({ visiblePeople: new Set([1]) })")
    two_frames(page)
    assert sorted(page.evaluate("[...drawn]")) == ["heat-map", "moving", "paths"]


def test_a_hidden_layer_is_drawn_when_it_is_shown_or_printed(
    open_report: OpenReport, walkers_page: Path
) -> None:
    page = open_report(walkers_page)
    two_frames(page)
    is_empty = """(canvas) => {
        const empty = Object.assign(document.createElement("canvas"), { width: canvas.width });
        return Object.assign(empty, { height: canvas.height }).toDataURL() === canvas.toDataURL();
    }"""
    assert page.locator(".heat-map").evaluate(is_empty)
    assert page.locator(".paths").evaluate(is_empty)

    page.get_by_label("Heat map").check()
    two_frames(page)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")

    assert not page.locator(".heat-map").evaluate(is_empty)
    assert not page.locator(".paths").evaluate(is_empty)


def test_without_a_video_the_page_plays_by_its_own_clock(open_report: OpenReport, tmp_path: Path) -> None:
    page = open_report(make_page(tmp_path, crowd(3, DURATION_MS), DURATION_MS, has_video=False))

    expect(page.locator(".stage-notice")).to_contain_text("does not know where “walkers.webm”")
    assert state(page, "layers")["paths"]
    page.keyboard.press("Space")
    page.wait_for_function("() => reportPage.store.state.timeMs > 300")


def test_a_video_that_cannot_be_played_is_replaced_by_the_annotated_one(
    open_report: OpenReport, tmp_path: Path
) -> None:
    path = make_page(tmp_path, crowd(3, DURATION_MS), DURATION_MS)
    (tmp_path / "street.avi").write_text("no browser plays this")
    write_report(path.parent, path, video_source="../street.avi", annotated_source="../walkers.webm")
    page = open_report(path)
    expect(page.locator(".stage-notice")).to_contain_text("cannot find or play “street.avi”")

    page.get_by_role("button", name="Show the annotated video").click()

    expect(page.locator("video")).to_be_visible()
    expect(page.locator(".stage-notice")).to_be_hidden()


def test_the_page_follows_the_video_in_browsers_without_callbacks_for_frames(
    open_report: OpenReport, walkers_page: Path
) -> None:
    page = with_video(open_report(walkers_page))
    page.evaluate("delete HTMLVideoElement.prototype.requestVideoFrameCallback")

    page.keyboard.press("Space")

    page.wait_for_function("() => reportPage.store.state.timeMs > 500")
    assert not page.evaluate("document.querySelector('video').paused")


def test_a_video_without_people_says_what_the_reasons_may_be(open_report: OpenReport, tmp_path: Path) -> None:
    page = open_report(make_page(tmp_path, [], DURATION_MS))

    expect(page.locator("#empty")).to_contain_text("No people were found in this video")
    expect(page.locator("#empty")).to_contain_text("10.0 frames per second")


def test_a_video_with_people_has_no_such_notice(open_report: OpenReport, walkers_page: Path) -> None:
    expect(open_report(walkers_page).locator("#empty")).to_be_hidden()


def test_a_missing_video_can_be_chosen_from_the_disk(open_report: OpenReport, tmp_path: Path) -> None:
    walkers = crowd(3, DURATION_MS)
    path = make_page(tmp_path, walkers, DURATION_MS)
    video = (tmp_path / "walkers.webm").rename(tmp_path / "moved.webm")
    page = open_report(path, is_video_missing=True)
    expect(page.locator(".stage-notice")).to_contain_text("cannot find or play “walkers.webm”")
    expect(page.locator(".stage-notice")).to_contain_text("people-pathing annotate writes a copy")

    page.locator(".stage-notice input[type=file]").set_input_files(video)

    expect(page.locator("video")).to_be_visible()
    expect(page.locator(".stage-notice")).to_be_hidden()


def test_the_page_says_when_the_chosen_video_is_another_one(open_report: OpenReport, tmp_path: Path) -> None:
    path = make_page(tmp_path, crowd(3, DURATION_MS), DURATION_MS, has_video=False)
    write_video(tmp_path / "short.webm", [], DURATION_MS // 4)
    page = open_report(path)

    page.locator(".stage-notice input[type=file]").set_input_files(tmp_path / "short.webm")

    expect(page.locator(".stage-notice")).to_contain_text("probably another video than")
    expect(page.locator(".stage-notice")).to_contain_text("2.0\u00a0s instead of 8.0\u00a0s")


def test_the_page_says_when_the_video_beside_it_is_another_one(
    open_report: OpenReport, tmp_path: Path
) -> None:
    path = make_page(tmp_path, crowd(3, DURATION_MS), DURATION_MS)
    write_video(tmp_path / "walkers.webm", [], DURATION_MS // 4)
    page = open_report(path)

    expect(page.locator(".stage-notice")).to_contain_text("probably another video than")


def test_a_file_that_is_no_video_is_reported(open_report: OpenReport, tmp_path: Path) -> None:
    path = make_page(tmp_path, crowd(3, DURATION_MS), DURATION_MS, has_video=False)
    (tmp_path / "notes.webm").write_text("no video")
    page = open_report(path)

    page.locator(".stage-notice input[type=file]").set_input_files(tmp_path / "notes.webm")

    expect(page.locator(".stage-notice")).to_contain_text("cannot find or play the chosen file")
    expect(page.locator("video")).to_be_hidden()


def test_a_phone_shows_everything_without_scrolling_sideways(
    open_report: OpenReport, walkers_page: Path
) -> None:
    page = open_report(walkers_page, fragment=f"t={PERSON_MS / 1000}", **SMALL_PHONE)

    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator("#picture").tap(position=middle_of_person(page))
    assert state(page, "selectedPerson") == PERSON


def test_on_paper_there_are_paths_instead_of_the_video_and_the_controls(
    open_report: OpenReport, walkers_page: Path
) -> None:
    page = with_video(open_report(walkers_page, color_scheme="dark"))

    page.emulate_media(media="print")

    for part in ("#figures", "#people", "#provenance", ".picture .paths", ".picture .zones"):
        expect(page.locator(part)).to_be_visible()
    for part in ("video", ".stage-controls", "#filters", "#layers", ".header-actions"):
        expect(page.locator(part)).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 28, 31)"


def test_the_button_for_the_theme_overrules_the_device(open_report: OpenReport, walkers_page: Path) -> None:
    page = open_report(walkers_page, color_scheme="light")
    page.get_by_role("button", name="Dark", exact=True).click()

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 21, 24)"

    page.get_by_role("button", name="Light", exact=True).click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(246, 246, 244)"


def test_tab_reaches_every_control_of_the_video_and_shows_where_it_is(
    open_report: OpenReport, walkers_page: Path
) -> None:
    page = open_report(walkers_page)
    controls = page.locator("#header button, #stage button:visible, #stage input:visible, #layers input")
    wanted = controls.count()
    assert wanted >= 3 + 5 + 5

    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => {
                const focused = document.activeElement;
                const all = [...document.querySelectorAll("#header button, #stage *, #layers input")];
                return [all.indexOf(focused), getComputedStyle(focused).outlineStyle];
            }"""
        )
        if found[0] >= 0:
            assert found[1] != "none"
            reached.add(found[0])

    assert len(reached) == wanted


def state(page: Page, name: str) -> Any:
    """Returns a member of the page's state."""
    return page.evaluate(f"reportPage.store.state.{name}")


def with_video(page: Page) -> Page:
    """Waits until the video can be shown."""
    page.wait_for_function("() => document.querySelector('video').readyState >= 2")
    return page


def two_frames(page: Page) -> None:
    """Waits until the page has drawn what has changed."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def middle_of_person(page: Page) -> Any:
    """Returns where the person is at `PERSON_MS`, in pixels of the picture on the page."""
    left, top, width, height = crowd(8, DURATION_MS)[PERSON].box(PERSON_MS)
    width_px = page.locator("#picture").evaluate("(picture) => picture.clientWidth")
    return {
        "x": (left + width / 2) * width_px,
        "y": (top + height / 2) * width_px * HEIGHT_PX / WIDTH_PX,
    }
