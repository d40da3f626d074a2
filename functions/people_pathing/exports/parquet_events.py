"""Parquet: the table of events at zones and lines."""

from __future__ import annotations

from pathlib import Path

from people_pathing.exports import ExportError, ExportSource, Needs, require_frames

SUMMARY = "the table of events at zones and lines as Parquet"
FILE_NAME = "events.parquet"
NEEDS = Needs(zones=True, library="pyarrow", extra="tables")


def write(source: ExportSource, path: Path) -> None:
    """Counts the people of the video, and writes the table.

    Raises:
        ExportError: PyArrow is not installed, there is no zones.json, or the frame size is unknown.
    """
    from people_pathing.analysis.counting.counter import PointOrderError
    from people_pathing.analysis.path_points import ObservationsError
    from people_pathing.tables.columns import EVENTS
    from people_pathing.tables.parquet import write_table
    from people_pathing.tables.rows import count_stored, event_rows

    NEEDS.require_library()
    if source.zones_file is None:
        raise ExportError("events happen at zones and lines; give a zones.json")
    require_frames(source.stored)
    try:
        counts = count_stored(source.stored, source.zones_file)
    except (ObservationsError, PointOrderError) as error:
        raise ExportError(f"{source.stored.folder}: {error}") from error
    write_table(EVENTS, event_rows(source.stored, counts), path)
