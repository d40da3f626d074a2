"""How large the report of an hour is, and how long it takes to write it.

    python -m benchmarks.report_page.writing

The people walk on ellipses. Their boxes are either exact, or whole pixels with a deviation, in single
precision, as the service reports them.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.counting.recount import HOUR_MS, OBSERVATIONS, observation_lines
from benchmarks.engine.tables import machine, markdown
from benchmarks.timing import timed
from people_pathing.report.page_file import write_report
from tests.unit.exports.stored import store

WIDTH_PX, HEIGHT_PX = 1920, 1080
DEVIATION_PX = 1
METADATA = {
    "DurationMillis": HOUR_MS,
    "FrameRate": 30.0,
    "FrameHeight": HEIGHT_PX,
    "FrameWidth": WIDTH_PX,
}


def main() -> None:
    """Prints sizes and times for both kinds of boxes."""
    kinds: dict[str, Callable[[], Iterator[dict[str, Any]]]] = {
        "exact": lambda: map(json.loads, observation_lines()),
        "pixels": pixels,
    }
    rows = [_row("none", lambda: iter(()))]
    rows += [_row(f"{OBSERVATIONS:,}, {name}", persons) for name, persons in kinds.items()]
    print(f"{machine()}\n\n{markdown(['observations', 'size (MB)', 'processor time (s)'], rows)}")


def pixels() -> Iterator[dict[str, Any]]:
    """Yields the same observations with boxes of whole pixels that deviate a little."""
    chance = random.Random(1)  # noqa: S311
    sides = {"Left": WIDTH_PX, "Width": WIDTH_PX, "Top": HEIGHT_PX, "Height": HEIGHT_PX}
    for line in observation_lines():
        person = json.loads(line)
        box = person["Person"]["BoundingBox"]
        for name, length_px in sides.items():
            pixel = round(box[name] * length_px + chance.gauss(0, DEVIATION_PX))
            box[name] = float(np.float32(pixel / length_px))
        yield person


def _row(name: str, persons: Callable[[], Iterator[dict[str, Any]]]) -> list[str]:
    with tempfile.TemporaryDirectory() as scratch:
        folder, page = Path(scratch, "results"), Path(scratch, "report.html")
        store(folder, persons(), metadata=METADATA)
        taken = timed(lambda: write_report(folder, page))
        return [name, f"{page.stat().st_size / 1e6:.2f}", f"{taken.processor:.1f}"]


if __name__ == "__main__":
    main()
