"""Parquet: the table of events at zones and lines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from people_pathing.analysis.counting.counter import PointOrderError
from people_pathing.analysis.path_points import ObservationsError
from people_pathing.exports import (
    PARQUET,
    ExportError,
    ExportSource,
    as_export_errors,
    require_frames,
    write_parquet,
)
from people_pathing.tables.columns import EVENTS
from people_pathing.tables.rows import count_stored, event_rows

SUMMARY = "the table of events at zones and lines as Parquet"
FILE_NAME = "events.parquet"
NEEDS = replace(PARQUET, zones=True)


def write(source: ExportSource, path: Path) -> None:
    """Counts the people of the video, and writes the table.

    Raises:
        ExportError: PyArrow is not installed, there is no zones.json, or the frame size is unknown.
    """
    PARQUET.require_library()
    if source.zones_file is None:
        raise ExportError("events happen at zones and lines; give a zones.json")
    require_frames(source.stored)
    with as_export_errors(source.stored.folder, ObservationsError, PointOrderError):
        counts = count_stored(source.stored, source.zones_file)
    write_parquet(EVENTS, event_rows(source.stored, counts), path)
