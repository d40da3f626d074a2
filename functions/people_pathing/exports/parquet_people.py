"""Parquet: the table of people."""

from __future__ import annotations

from pathlib import Path

from people_pathing.exports import PARQUET, ExportSource, write_parquet
from people_pathing.tables.columns import PEOPLE
from people_pathing.tables.rows import people_rows

SUMMARY = "the table of people as Parquet"
FILE_NAME = "people.parquet"
NEEDS = PARQUET


def write(source: ExportSource, path: Path) -> None:
    """Writes the table.

    Raises:
        ExportError: PyArrow is not installed.
    """
    write_parquet(PEOPLE, people_rows(source.stored), path)
