"""CSV: one row for each observation, with the columns of supervision's CSVSink and the time."""

from __future__ import annotations

import csv
from pathlib import Path

from people_pathing.common.complete_file import complete_file
from people_pathing.exports import NOTHING, ExportSource, require_frames
from people_pathing.tables.columns import ROW
from people_pathing.tables.rows import sink_rows, sink_values

SUMMARY = "observations as CSV, with the columns of supervision's CSVSink"
FILE_NAME = "observations.csv"
NEEDS = NOTHING


def write(source: ExportSource, path: Path) -> None:
    """Writes the table. An empty cell is a value that is not known.

    Raises:
        ExportError: the frame rate or the frame size of the video is unknown.
    """
    require_frames(source.stored)
    with complete_file(path) as written, written.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ROW.names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(sink_values, sink_rows(source.stored)))
