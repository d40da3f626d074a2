"""JSON as supervision's JSONSink writes it: an array with one object for each observation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from people_pathing.common.complete_file import complete_file
from people_pathing.exports import NOTHING, ExportSource, require_frames
from people_pathing.results.stored_result import StoredResult
from people_pathing.tables.rows import sink_rows, sink_values

SUMMARY = "observations as JSON, as supervision's JSONSink writes it"
FILE_NAME = "supervision.json"
NEEDS = NOTHING

UNKNOWN = ""
"""What the sink writes for detections that have no confidence."""


def write(source: ExportSource, path: Path) -> None:
    """Writes the array. Only observations that have a box are in it, because detections always have one.

    Raises:
        ExportError: the frame rate or the frame size of the video is unknown.
    """
    require_frames(source.stored)
    with complete_file(path) as written, written.open("w", encoding="utf-8") as file:
        file.write("[")
        for number, text in enumerate(_objects(source.stored)):
            file.write(f"{',' if number else ''}\n{text}")
        file.write("\n]\n")


def _objects(stored: StoredResult) -> Iterator[str]:
    for row in sink_rows(stored):
        values = sink_values(row)
        if values["x_min"] is not None:
            yield json.dumps({**values, "confidence": UNKNOWN})
