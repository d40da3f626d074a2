"""Opens reports in Chromium. A test fails if the page logs an error, or asks for anything on the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from tests.browser.chromium import chromium
from tests.browser.make_page import make_page
from tests.browser.walkers import crowd

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
DURATION_MS = 8000
OpenReport = Callable[..., Page]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, for all tests of the folder."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="package")
def walkers_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of eight people, with a zone, a line and the video beside its folder."""
    return make_page(tmp_path_factory.mktemp("walkers"), crowd(8, DURATION_MS), DURATION_MS)


@pytest.fixture
def open_report(browser: Browser) -> Iterator[OpenReport]:
    """Opens a report, and makes sure at the end that nothing went wrong in it.

    The fixture is a function. Its arguments are the path of the file; `fragment`, the part of the address
    after #; `is_video_missing`, which allows the error about it; and those of Playwright's `new_context`.
    The page is ready when the function returns it.
    """
    problems: list[str] = []

    def opened(path: Path, *, fragment: str = "", is_video_missing: bool = False, **context: Any) -> Page:
        page = browser.new_context(**{"viewport": DESKTOP, **context}).new_page()
        page.set_default_timeout(15_000)

        def on_console(message: ConsoleMessage) -> None:
            is_expected = is_video_missing and "ERR_FILE_NOT_FOUND" in message.text
            if message.type in {"error", "warning"} and not is_expected:
                problems.append(f"console {message.type}: {message.text}")

        def on_request(request: Request) -> None:
            if not request.url.startswith(("file:", "data:", "blob:")):
                problems.append(f"request: {request.url}")

        page.on("console", on_console)
        page.on("pageerror", lambda error: problems.append(f"exception: {error}"))
        page.on("request", on_request)
        page.goto(path.as_uri() + (f"#{fragment}" if fragment else ""))
        if context.get("java_script_enabled", True):
            page.wait_for_function("() => globalThis.reportPage !== undefined")
        return page

    yield opened
    for context in browser.contexts:
        context.close()
    assert problems == []
