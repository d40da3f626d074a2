"""The live page of all videos in Chromium: new videos appear, files are uploaded, problems are named."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from devstack.page_server import PageServer, VideoPart
from people_pathing.report.overview.entry import VideoEntry
from people_pathing.report.overview.html_file import (
    LiveAddresses,
    Overview,
    embedded_entries,
    overview_text,
)
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_overview import SOME, entry, names, no_results
from tests.browser.test_report import serious_problems

pytestmark = pytest.mark.browser

VIDEO = b"0123456789" * 100_000


@dataclass
class FakeStack:
    """Shows the entries that a test chooses. An upload is a new entry, once the test lets it end."""

    entries: list[VideoEntry]
    may_end: threading.Event = field(default_factory=threading.Event)
    sizes: dict[str, int] = field(default_factory=dict)

    def page(self) -> str:
        return overview_text(Overview("Videos", self.entries, live=LiveAddresses("videos.json", "uploads/")))

    def videos(self) -> bytes:
        return json.dumps(embedded_entries(self.entries)).encode()

    def report(self, video_id: str) -> bytes | None:
        return None

    def video(self, video_id: str, byte_range: str | None) -> VideoPart | None:
        return None

    def upload_refusal(self, name: str, byte_count: int) -> str | None:
        return f"{name} is not a video" if name.endswith(".txt") else None

    def upload(self, name: str, content: Any) -> None:
        self.sizes[name] = len(content.read())
        self.may_end.wait(10)
        self.entries = [no_results(100, name=name, state="WAITING"), *self.entries]


@dataclass(frozen=True)
class Shown:
    stack: FakeStack
    page: Page
    problems: list[str]


@contextmanager
def shown(browser: Browser, entries: list[VideoEntry], **context: Any) -> Iterator[Shown]:
    stack, problems = FakeStack(entries), list[str]()

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            problems.append(message.text)

    with PageServer(stack) as server:
        page = browser.new_context(**{"viewport": DESKTOP, **context}).new_page()
        page.on("console", on_console)
        page.on("pageerror", lambda error: problems.append(f"exception: {error}"))
        page.goto(server.address)
        try:
            yield Shown(stack, page, problems)
        finally:
            stack.may_end.set()
            page.context.close()


def test_new_videos_and_states_appear_while_other_rows_stay(browser: Browser) -> None:
    running = no_results(2, state="IN_PROGRESS", progress=0.5)
    with shown(browser, [running, entry(1)]) as live:
        live.page.get_by_role("link", name="cam1/1.mp4").focus()

        live.stack.entries = [no_results(3, state="WAITING"), entry(2), entry(1)]

        expect(live.page.locator("tr", has_text="cam2/2.mp4")).to_contain_text("Succeeded", timeout=10_000)
        assert names(live.page) == ["cam3/3.mp4", "cam2/2.mp4", "cam1/1.mp4"]
        expect(live.page.locator("#announcements")).to_have_text("cam2/2.mp4: succeeded.")
        assert live.page.evaluate("document.activeElement.textContent") == "cam1/1.mp4"
        assert live.problems == []


def test_chosen_files_are_uploaded_one_after_the_other(browser: Browser) -> None:
    with shown(browser, []) as live:
        expect(live.page.locator("#videos")).to_contain_text("There are no videos yet. Drop some here.")
        files = [{"name": name, "mimeType": "", "buffer": VIDEO} for name in ("café 1#?.mp4", "b.mp4")]

        live.page.locator("input[type=file]").set_input_files(files)  # type: ignore[arg-type]

        expect(live.page.locator(".upload-list li")).to_have_count(2)
        expect(live.page.get_by_role("progressbar").first).to_have_attribute("value", "1")
        live.stack.may_end.set()
        expect(live.page.locator(".upload-list li")).to_have_count(0)
        assert live.stack.sizes == {"café 1#?.mp4": len(VIDEO), "b.mp4": len(VIDEO)}
        assert names(live.page) == ["b.mp4", "café 1#?.mp4"]
        assert live.problems == []


def test_a_refused_file_is_named_with_the_reason_and_the_next_is_uploaded(browser: Browser) -> None:
    with shown(browser, [entry(1)]) as live:
        live.stack.may_end.set()
        files = [{"name": name, "mimeType": "", "buffer": VIDEO} for name in ("notes.txt", "b.mp4")]

        live.page.locator("input[type=file]").set_input_files(files)  # type: ignore[arg-type]

        expect(live.page.get_by_role("alert")).to_have_text("notes.txt is not a video")
        expect(live.page.locator("#videos")).to_contain_text("b.mp4")
        live.page.get_by_role("button", name="Close").click()
        expect(live.page.locator(".upload-list li")).to_have_count(0)


def test_the_page_says_that_the_stack_has_stopped(browser: Browser) -> None:
    with shown(browser, [entry(1)]) as live:
        live.page.route("**/videos.json", lambda route: route.abort())
        expect(live.page.locator("#start-problem")).to_contain_text(
            "The stack does not answer", timeout=10_000
        )
        live.page.unroute("**/videos.json")
        expect(live.page.locator("#start-problem")).to_be_hidden(timeout=10_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [None, PHONE])
def test_axe_finds_nothing_serious(scheme: str, viewport: dict[str, int] | None, browser: Browser) -> None:
    context: dict[str, Any] = {"color_scheme": scheme} | ({"viewport": viewport} if viewport else {})
    with shown(browser, SOME, **context) as live:
        files = [{"name": name, "mimeType": "", "buffer": VIDEO} for name in ("notes.txt", "b.mp4", "c.mp4")]
        live.page.locator("input[type=file]").set_input_files(files)  # type: ignore[arg-type]
        expect(live.page.get_by_role("alert")).to_be_visible()

        # Axe is not a script of the page.
        assert serious_problems(live.page) == []
