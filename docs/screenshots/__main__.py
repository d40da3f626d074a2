"""Takes the pictures in docs/pictures: `python -m docs.screenshots`, or `make screenshots`.

The scene is drawn, so no real person is shown. Everything else is real: `people-pathing track` finds the
drawn people, and the report and the index are those that the commands write.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from docs.screenshots.browser import (
    Screen,
    chromium,
    open_page,
    open_report,
    picture_of,
    save_loop,
    save_still,
    show_moment,
)
from docs.screenshots.commands import draw_terminal, run
from docs.screenshots.video import cut_video, write_video
from docs.screenshots.zones import zones_text

PICTURES = Path(__file__).parents[1] / "pictures"
MOMENT_MS = 10_700
"""Six people are in the picture, two of them at the till."""
REPORTS = {
    "report.webp": Screen(1280, 1960, pixel_ratio=1.25),
    "report-dark.webp": Screen(1280, 820, theme="dark"),
    "report-phone.webp": Screen(390, 780, pixel_ratio=2),
}
LOOP_SCREEN = Screen(1280, 820, pixel_ratio=1)
LOOP_FROM_MS, LOOP_TO_MS, LOOP_STEP_MS = 7000, 11_950, 150
LOOP_WIDTH_PX = 800
INDEX_SCREEN = Screen(1280, 500)

TRACK = "people-pathing track shop.webm --input-px 960 --zones zones.json --out out"
COUNT = "people-pathing count out/shop.webm.paths --zones zones.json"
PARTS = {"20260302_081500.webm": (0, 10), "20260302_083000.webm": (10, 20), "20260302_084500.webm": (20, 30)}
"""Parts of the video, in seconds, under names of a recorder that films ten seconds every fifteen minutes."""
RECORDED = "--recorded-at 2026-03-02T09:00+01:00"


def main() -> None:
    """Takes all pictures."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        folder = Path(name)
        write_video(folder / "shop.webm")
        (folder / "zones.json").write_text(zones_text(), encoding="utf-8")
        shown = [(TRACK, run(f"{TRACK} {RECORDED}", folder)), (COUNT, run(COUNT, folder))]
        draw_terminal(shown, "people-pathing", PICTURES / "terminal.svg")
        report = folder / "out/shop.webm.paths/report.html"
        _take_reports(browser, report)
        _take_loop(browser, report)
        _take_index(browser, folder)
    for path in sorted(PICTURES.iterdir()):
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


def _take_reports(browser: Browser, report: Path) -> None:
    for name, screen in REPORTS.items():
        page = open_report(browser, report, screen)
        show_moment(page, MOMENT_MS)
        save_still(picture_of(page), PICTURES / name)
        page.context.close()


def _take_loop(browser: Browser, report: Path) -> None:
    page = open_report(browser, report, LOOP_SCREEN)
    images = []
    for time_ms in range(LOOP_FROM_MS, LOOP_TO_MS, LOOP_STEP_MS):
        show_moment(page, time_ms)
        images.append(picture_of(page))
    page.context.close()
    save_loop(images, PICTURES / "report-loop.webp", width_px=LOOP_WIDTH_PX, frame_ms=LOOP_STEP_MS)


def _take_index(browser: Browser, folder: Path) -> None:
    for name, (from_s, to_s) in PARTS.items():
        cut_video(folder / "shop.webm", folder / name, from_s, to_s)
        run(f"people-pathing track {name} --input-px 960 --zones zones.json --out out", folder)
    run("people-pathing index out", folder)
    page = open_page(browser, folder / "out/index.html", INDEX_SCREEN)
    page.wait_for_timeout(500)
    save_still(picture_of(page), PICTURES / "index.webp")
    page.context.close()


if __name__ == "__main__":
    main()
