"""Parquet: the table of people."""

from __future__ import annotations

from pathlib import Path

from people_pathing.exports import ExportSource, Needs

SUMMARY = "the table of people as Parquet"
FILE_NAME = "people.parquet"
NEEDS = Needs(library="pyarrow", extra="tables")


def write(source: ExportSource, path: Path) -> None:
    """Writes the table.

    Raises:
        ExportError: PyArrow is not installed.
    """
    from people_pathing.tables.columns import PEOPLE
    from people_pathing.tables.parquet import write_table
    from people_pathing.tables.rows import people_rows

    NEEDS.require_library()
    write_table(PEOPLE, people_rows(source.stored), path)
