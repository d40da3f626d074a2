"""Starts Debian's Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Runs Chromium. CHROMIUM may name its program. Without one, the test is skipped, or fails in CI."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        reason = "Chromium is missing: apt-get install chromium, or name its program in CHROMIUM"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with sync_playwright() as playwright:
        # Chromium refuses to run its sandbox as root.
        is_root = os.name == "posix" and os.geteuid() == 0
        browser = playwright.chromium.launch(executable_path=program, chromium_sandbox=not is_root)
        yield browser
        browser.close()
