"""Measures how long the report page takes to open and to draw a frame, in Chromium.

    python -m benchmarks.report_page

The videos have different lengths. The same number of people is in the picture at any time, so a frame should
take equally long in each.

Each frame is drawn in several rounds, and the quickest of them counts. What another program on the machine
delays is slow in one round. What the page itself does slowly is slow in all.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from benchmarks.engine.tables import machine, markdown
from tests.browser.make_page import make_page
from tests.browser.walkers import STEP_MS, Walker

FRAMES = 300
OPENINGS = 5
ROUNDS = 5
STAY_MS = 40_000
OBSERVATIONS_EACH = STAY_MS // STEP_MS
FRAME_TIMES = Path(__file__).with_name("frame_times.js")
VIEWPORT: ViewportSize = {"width": 1280, "height": 900}


@dataclass(frozen=True, slots=True)
class Measured:
    """What one video took, in milliseconds.

    Attributes:
        opened_ms: from the start of the navigation until the page has drawn a frame; the median.
        frames_ms: the work for each frame, in its quickest round.
    """

    opened_ms: float
    frames_ms: Sequence[float]


def main() -> None:
    """Prints the times for short and long videos."""
    rows = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        chromium = (
            os.environ.get("CHROMIUM") or shutil.which("chromium") or playwright.chromium.executable_path
        )
        if not Path(chromium).exists():
            print(
                f"skipped, because there is no browser {chromium}; install Chromium, or name it in CHROMIUM"
            )
            return
        browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=os.geteuid() != 0)
        for people, visible in ((10, 5), (100, 5), (500, 5), (500, 40)):
            walkers = queue(people, visible)
            duration_ms = walkers[-1].end_ms + STEP_MS
            page = make_page(Path(folder) / f"{people}-{visible}", walkers, duration_ms, has_video=False)
            rows.append(_row(people, visible, measure(browser, page, duration_ms)))
        browser.close()
    headings = (
        "observations",
        "people in the picture",
        "open (ms)",
        "frame (ms)",
        "95 % up to (ms)",
        "worst (ms)",
    )
    print(f"{machine()}\n\n{markdown(headings, rows)}")


def queue(people: int, visible: int) -> list[Walker]:
    """Returns people who cross the picture one after the other.

    Args:
        people: how many there are.
        visible: how many of them are in the picture at any time.
    """
    gap_ms = STAY_MS // visible // STEP_MS * STEP_MS
    return [
        Walker(
            number, number * gap_ms, number * gap_ms + STAY_MS - STEP_MS, 0.02, number * 0.618 % 0.7, 0.02, 0
        )
        for number in range(people)
    ]


def measure(browser: Browser, path: Path, duration_ms: int) -> Measured:
    """Opens a report several times, and shows frames all over the video in the last page."""
    opened_ms = []
    for _ in range(OPENINGS):
        page = browser.new_context(viewport=VIEWPORT).new_page()
        start = time.perf_counter()
        page.goto(path.as_uri())
        page.wait_for_function("() => globalThis.reportPage !== undefined")
        page.evaluate("new Promise(requestAnimationFrame)")
        opened_ms.append((time.perf_counter() - start) * 1000)
        if len(opened_ms) < OPENINGS:
            page.context.close()
    times_ms = [number * duration_ms // FRAMES for number in range(FRAMES)]
    rounds = [page.evaluate(FRAME_TIMES.read_text("utf-8"), times_ms) for _ in range(ROUNDS)]
    page.context.close()
    return Measured(median(opened_ms), [min(frame) for frame in zip(*rounds, strict=True)])


def _row(people: int, visible: int, measured: Measured) -> tuple[str, ...]:
    frames = measured.frames_ms
    figures = (median(frames), quantiles(frames, n=20)[-1], max(frames))
    return (
        f"{people * OBSERVATIONS_EACH:,}",
        str(visible),
        f"{measured.opened_ms:.0f}",
        *(f"{figure:.1f}" for figure in figures),
    )


if __name__ == "__main__":
    main()
