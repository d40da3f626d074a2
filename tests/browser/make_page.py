"""Writes a report of generated walkers, to look at: `python -m tests.browser.make_page FOLDER`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from people_pathing.report.page_file import write_report
from tests.browser.walkers import Walker, crowd, store_walkers, write_video

ZONES: dict[str, Any] = {
    "version": 1,
    "timezone": "Europe/Berlin",
    "zones": [{"name": "hall", "polygon": [[0.3, 0.3], [0.7, 0.3], [0.7, 0.95], [0.3, 0.95]]}],
    "lines": [{"name": "door", "start": [0.5, 1.0], "end": [0.5, 0.0]}],
}
HOUR_MS = 3_600_000
HOUR_PEOPLE = 500
HOUR_STAY_MS = 40_000


def hour() -> list[Walker]:
    """Returns people who are observed 200,000 times in an hour."""
    gap_ms = (HOUR_MS - HOUR_STAY_MS) // HOUR_PEOPLE // 100 * 100
    return [
        Walker(number, start_ms, start_ms + HOUR_STAY_MS - 100, 0.02, number * 0.618 % 0.7, 0.02, 0.0)
        for number, start_ms in ((number, number * gap_ms) for number in range(HOUR_PEOPLE))
    ]


def make_page(
    folder: Path,
    walkers: list[Walker],
    duration_ms: int,
    *,
    has_video: bool = True,
    name: str = "walkers.webm",
    zones: Mapping[str, Any] = ZONES,
    picture_start_ms: float = 0,
) -> Path:
    """Writes walkers.webm, the folder walkers.webm.paths and the report in it. Returns the report's path.

    Args:
        folder: where they go.
        walkers: sorted by index.
        duration_ms: length of the video.
        has_video: whether the video is written.
        name: what job.json says is the video's path.
        zones: the content of zones.json.
        picture_start_ms: time of the first frame in the player's time.
    """
    results = folder / "walkers.webm.paths"
    store_walkers(results, walkers, duration_ms, video=name, picture_start_ms=picture_start_ms)
    if has_video:
        write_video(folder / "walkers.webm", walkers, duration_ms)
    page = results / "report.html"
    source = "../walkers.webm" if has_video else None
    write_report(results, page, video_source=source, zones_text=json.dumps(zones))
    return page


def main() -> None:
    """Writes the page and prints its path."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=int, default=8)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--hour", action="store_true", help="200,000 observations, without video")
    options = parser.parse_args()
    if options.hour:
        page = make_page(options.folder, hour(), HOUR_MS, has_video=False)
    else:
        duration_ms = options.seconds * 1000
        page = make_page(options.folder, crowd(options.people, duration_ms), duration_ms)
    print(page)


if __name__ == "__main__":
    main()
