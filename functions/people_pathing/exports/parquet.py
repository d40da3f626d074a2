"""Parquet: the table of observations."""

from __future__ import annotations

from pathlib import Path

from people_pathing.exports import PARQUET, ExportSource, write_parquet
from people_pathing.tables.columns import OBSERVATIONS
from people_pathing.tables.rows import observation_rows

SUMMARY = "the table of observations as Parquet"
FILE_NAME = "observations.parquet"
NEEDS = PARQUET


def write(source: ExportSource, path: Path) -> None:
    """Writes the table. Pixels and frame numbers are null if the video's metadata is unknown.

    Raises:
        ExportError: PyArrow is not installed.
    """
    write_parquet(OBSERVATIONS, observation_rows(source.stored), path)
