"""Reads what Python wrote into a page, as the page's own code does."""

from __future__ import annotations

import gzip
import json
import re
from array import array
from base64 import b64decode
from itertools import accumulate
from pathlib import Path
from typing import Any

BOX_COLUMNS = ("lefts", "tops", "widths", "heights")


def embedded(page: Path) -> dict[str, Any]:
    """Returns the embedded JSON of a file."""
    return embedded_in(page.read_text("utf-8"))


def embedded_in(text: str) -> dict[str, Any]:
    """Returns the embedded JSON of a page."""
    pattern = r'<script type="application/json" id="report-data">(.*?)</script>'
    [data] = re.findall(pattern, text, re.DOTALL)
    found: dict[str, Any] = json.loads(data)
    return found


def rows(page: Path) -> list[tuple[float, ...]]:
    """Returns person, time, left, top, width and height of each observation."""
    observations = embedded(page)["observations"]
    kind = {"float32": "f", "float64": "d"}[observations["boxType"]]
    steps_ms = list(_unpacked(observations["timesMs"], "I"))
    boxes = zip(*(_unpacked(observations[name], kind) for name in BOX_COLUMNS), strict=True)
    found = []
    start = 0
    for person, count in observations["people"]:
        for at_ms in accumulate(steps_ms[start : start + count]):
            found.append((person, at_ms, *next(boxes)))
        start += count
    return found


def _unpacked(column: str, kind: str) -> array[Any]:
    return array(kind, gzip.decompress(b64decode(column)))
