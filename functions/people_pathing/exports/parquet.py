"""Parquet: the table of observations."""

from __future__ import annotations

from pathlib import Path

from people_pathing.exports import ExportSource, Needs

SUMMARY = "the table of observations as Parquet"
FILE_NAME = "observations.parquet"
NEEDS = Needs(library="pyarrow", extra="tables")


def write(source: ExportSource, path: Path) -> None:
    """Writes the table. Pixels and frame numbers are null if the video's metadata is unknown.

    Raises:
        ExportError: PyArrow is not installed.
    """
    from people_pathing.tables.columns import OBSERVATIONS
    from people_pathing.tables.parquet import write_table
    from people_pathing.tables.rows import observation_rows

    NEEDS.require_library()
    write_table(OBSERVATIONS, observation_rows(source.stored), path)
