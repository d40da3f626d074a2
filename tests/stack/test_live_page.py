"""Drops a video on the page of `people-pathing up`, follows its job and plays it in its report."""

from base64 import b64encode
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from devstack.page_server import PageServer
from devstack.stack import LocalStack
from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.cli.overview.live_stack import LiveStack
from tests.browser.chromium import chromium
from tests.stack.walkers import Walker, write_clip
from tests.unit.cli.programs import people_pathing
from tests.unit.report.test_overview import embedded

pytestmark = [pytest.mark.stack, pytest.mark.local_only("tests the page of the local stack")]

NAME = "dropped on the page.mp4"
FRAME_COUNT = 20


def test_a_dropped_video_is_tracked_and_its_report_plays_it(
    stack: LocalStack, pipeline: DeployedStack, tmp_path: Path
) -> None:
    clip = tmp_path / "clip.mp4"
    write_clip(clip, [Walker(140, 9, 380, 200, coat=(60, 30, 30), legs=(40, 40, 45))], FRAME_COUNT)
    problems: list[str] = []
    with PageServer(LiveStack(pipeline)) as server, chromium() as browser:
        page = browser.new_page()
        page.on("console", lambda message: problems.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: problems.append(f"exception: {error}"))
        page.goto(server.address)

        drop(page, NAME, clip.read_bytes())

        row = page.locator("#videos tr", has_text=NAME)
        expect(row).to_contain_text("Succeeded", timeout=60_000)
        expect(row.locator(".people-cell")).to_have_text("1")
        row.get_by_role("link").click()
        page.wait_for_function("() => globalThis.reportPage !== undefined")
        page.evaluate("reportPage.store.set({ timeMs: 1500 })")
        page.wait_for_function(
            """() => {
                const video = document.querySelector("video");
                return video.readyState >= 2 && !video.seeking && Math.abs(video.currentTime - 1.5) < 0.1;
            }"""
        )

    assert problems == []
    written = people_pathing(
        *("index", "--stack-name", "people-pathing", "--prefix", NAME, "--out", tmp_path / "all.html"),
        environment=stack.environment(),
    )
    assert written.returncode == 0, written.stderr
    [entry] = embedded((tmp_path / "all.html").read_text("utf-8"))["entries"]
    assert (entry["state"], entry["people"]) == ("SUCCEEDED", 1)
    assert entry["command"] == f"people-pathing open --stack-name people-pathing -- '{NAME}'"


def drop(page: Page, name: str, content: bytes) -> None:
    """Drops a file on the page, as a browser does with one from the desktop."""
    page.evaluate(
        """([name, content]) => {
            const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([bytes], name));
            for (const type of ["dragover", "drop"]) {
                const options = { dataTransfer, bubbles: true, cancelable: true };
                document.querySelector("main").dispatchEvent(new DragEvent(type, options));
            }
        }""",
        [name, b64encode(content).decode()],
    )
