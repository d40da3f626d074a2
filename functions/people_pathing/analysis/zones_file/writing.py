"""Writes a calibration into zones.json. Everything else in the file stays."""

from __future__ import annotations

import json
from typing import Any

from people_pathing.analysis.zones_file.reading import VERSION
from people_pathing.analysis.zones_file.sections import Calibration

MAX_COLUMNS = 90


def with_calibration(text: str | None, calibration: Calibration) -> str:
    """Returns the content of zones.json with another calibration.

    Args:
        text: the valid content of the file; None if there is none.
        calibration: the new one.
    """
    document = json.loads(text.removeprefix("\ufeff")) if text is not None else {"version": VERSION}
    document["calibration"] = {
        "points": [{"image": point.image, "floor_m": point.floor_m} for point in calibration.points],
        "homography": calibration.homography,
    }
    return _text(document, 0) + "\n"


def _text(value: Any, depth: int) -> str:
    """Returns JSON with a short value in one line, and a longer one with a line for each member."""
    line = json.dumps(value, ensure_ascii=False)
    if depth > 0 and len(line) <= MAX_COLUMNS:
        return line
    inner, end = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict):
        members = (f"{inner}{json.dumps(name)}: {_text(one, depth + 1)}" for name, one in value.items())
        return "{\n" + ",\n".join(members) + f"\n{end}}}"
    if isinstance(value, list | tuple):
        return "[\n" + ",\n".join(inner + _text(one, depth + 1) for one in value) + f"\n{end}]"
    return line
