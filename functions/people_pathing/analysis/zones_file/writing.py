"""Writes zones.json: the whole content, or a calibration into what is there."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from people_pathing.analysis.zones_file.reading import VERSION
from people_pathing.analysis.zones_file.sections import Calibration, ZonesFile

MAX_COLUMNS = 90


def zones_document(zones_file: ZonesFile) -> dict[str, Any]:
    """Returns the members of zones.json. `read_zones` reads the same content from them again."""
    document: dict[str, Any] = {"version": VERSION}
    if zones_file.timezone is not None:
        document["timezone"] = zones_file.timezone
    document["rules"] = asdict(zones_file.rules)
    document["zones"] = [
        # Without the limit, a zone is no staff zone.
        {name: value for name, value in asdict(zone).items() if value is not None}
        for zone in zones_file.zones
    ]
    document["lines"] = [asdict(line) for line in zones_file.lines]
    document["masks"] = [asdict(mask) for mask in zones_file.masks]
    if zones_file.calibration is not None:
        document["calibration"] = asdict(zones_file.calibration)
    return document


def with_calibration(text: str | None, calibration: Calibration) -> str:
    """Returns the content of zones.json with another calibration.

    Args:
        text: the valid content of the file; None if there is none.
        calibration: the new one.
    """
    document = json.loads(text.removeprefix("\ufeff")) if text is not None else {"version": VERSION}
    document["calibration"] = asdict(calibration)
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
