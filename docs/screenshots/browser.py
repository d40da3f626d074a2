"""Takes pictures of pages in Chromium."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_STILL_QUALITY = 82
_LOOP_QUALITY = 38
# A change of a colour that is smaller, from 0 to 255, is noise of the video.
_NOISE = 10
# Shows a moment, and waits until the browser has drawn its frame of the video.
_SHOW = """
async (timeMs) => {
  const video = document.querySelector("#picture video");
  globalThis.reportPage.store.set({ timeMs });
  const frames = (count) => new Promise((done) => {
    const next = () => (count-- > 0 ? requestAnimationFrame(next) : done());
    next();
  });
  await frames(3);
  while (video.seeking || video.readyState < 2) await frames(1);
  await frames(3);
}
"""


@dataclass(frozen=True, slots=True)
class Screen:
    """A browser's window.

    Attributes:
        width_px: in CSS pixels.
        height_px: in CSS pixels.
        pixel_ratio: pixels of the picture for each CSS pixel, in each direction.
        theme: what the reader's device prefers.
    """

    width_px: int
    height_px: int
    pixel_ratio: float = 1.5
    theme: Literal["light", "dark"] = "light"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Runs Chromium. CHROMIUM may name its program.

    Raises:
        FileNotFoundError: there is no Chromium.
    """
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        raise FileNotFoundError(
            "Chromium is missing: apt-get install chromium, or name its program in CHROMIUM"
        )
    with sync_playwright() as playwright:
        # Chromium refuses to run its sandbox as root.
        is_root = os.name == "posix" and os.geteuid() == 0
        browser = playwright.chromium.launch(executable_path=program, chromium_sandbox=not is_root)
        yield browser
        browser.close()


def open_page(browser: Browser, path: Path, screen: Screen) -> Page:
    """Opens a file in a new window."""
    context = browser.new_context(
        viewport={"width": screen.width_px, "height": screen.height_px},
        device_scale_factor=screen.pixel_ratio,
        color_scheme=screen.theme,
        locale="en-GB",
        timezone_id="Europe/Berlin",
    )
    page = context.new_page()
    page.goto(path.as_uri())
    return page


def open_report(browser: Browser, path: Path, screen: Screen) -> Page:
    """Opens a report, and waits until its video can be drawn."""
    page = open_page(browser, path, screen)
    page.wait_for_function("() => document.querySelector('#picture video')?.readyState >= 2")
    return page


def show_moment(page: Page, time_ms: int) -> None:
    """Lets a report show a moment of its video."""
    page.evaluate(_SHOW, time_ms)


def picture_of(page: Page) -> Image.Image:
    """Returns what the window shows."""
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def save_still(image: Image.Image, path: Path) -> None:
    """Writes a picture as WebP."""
    image.save(path, quality=_STILL_QUALITY, method=6)


def save_loop(images: list[Image.Image], path: Path, *, width_px: int, frame_ms: int) -> None:
    """Writes moving pictures as WebP, which repeats forever.

    Args:
        images: all of the same size.
        path: of the file.
        width_px: of the result. Its height follows.
        frame_ms: how long each picture is shown.
    """
    height_px = round(images[0].height * width_px / images[0].width)
    small = _without_noise(
        [image.resize((width_px, height_px), Image.Resampling.LANCZOS) for image in images]
    )
    small[0].save(
        path,
        save_all=True,
        append_images=small[1:],
        duration=frame_ms,
        loop=0,
        quality=_LOOP_QUALITY,
        method=6,
        minimize_size=False,
    )


def _without_noise(images: list[Image.Image]) -> list[Image.Image]:
    """Keeps the pixels of the picture before where nothing moves. The file is then much smaller."""
    calm = [np.asarray(images[0])]
    for image in images[1:]:
        new = np.asarray(image)
        changes = np.abs(new.astype(np.int16) - calm[-1]).max(axis=2, keepdims=True)
        calm.append(np.where(changes > _NOISE, new, calm[-1]))
    return [Image.fromarray(one) for one in calm]
