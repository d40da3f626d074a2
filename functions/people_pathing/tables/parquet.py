"""Writes tables as Parquet files. Needs PyArrow, which the extra `tables` installs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.common.complete_file import complete_file
from people_pathing.results.stored_result import StoredResult
from people_pathing.tables.columns import EVENTS, OBSERVATIONS, PEOPLE, Kind, Table
from people_pathing.tables.rows import Row, event_rows, observation_rows, people_rows

if TYPE_CHECKING:
    import pyarrow

    from people_pathing.analysis.video_counts import VideoCounts

ROW_GROUP_ROWS = 50_000
"""Rows of a row group. As Arrow arrays, they take about 8 MB."""

_BATCH_ROWS = 1000
"""Rows that are in memory as Python objects, which take ten times as much."""


def file_name(table: Table) -> str:
    """Returns the name of a table's file."""
    return f"{table.name}.parquet"


def schema(table: Table) -> pyarrow.Schema:
    """Returns the Arrow schema of a table. `at_utc` is a timestamp in UTC in milliseconds."""
    import pyarrow

    types = {
        Kind.TEXT: pyarrow.string(),
        Kind.INTEGER: pyarrow.int64(),
        Kind.NUMBER: pyarrow.float64(),
        Kind.UTC: pyarrow.timestamp("ms", "UTC"),
    }
    return pyarrow.schema(
        [pyarrow.field(one.name, types[one.kind], nullable=not one.is_known) for one in table.columns]
    )


def write_table(table: Table, rows: Iterable[Row], path: Path) -> None:
    """Writes one table, one row group after the other. The file is complete or it is not there.

    Args:
        table: its columns.
        rows: in the order of the columns.
        path: the file.

    Raises:
        OSError: the file cannot be written.
    """
    import pyarrow
    from pyarrow import parquet

    form = schema(table)
    with complete_file(path) as written, parquet.ParquetWriter(written, form, compression="zstd") as writer:
        batches = _batches(rows, form)
        while group := list(islice(batches, ROW_GROUP_ROWS // _BATCH_ROWS)):
            writer.write_table(pyarrow.Table.from_batches(group), row_group_size=ROW_GROUP_ROWS)


def _batches(rows: Iterable[Row], form: pyarrow.Schema) -> Iterator[pyarrow.RecordBatch]:
    import pyarrow

    remaining = iter(rows)
    while batch := list(islice(remaining, _BATCH_ROWS)):
        columns = [
            pyarrow.array(values, field.type)
            for values, field in zip(zip(*batch, strict=True), form, strict=True)
        ]
        yield pyarrow.record_batch(columns, schema=form)


def write_tables(stored: StoredResult, folder: Path, counts: VideoCounts | None = None) -> tuple[Path, ...]:
    """Writes the tables of one video: people, observations and, with counts, events.

    Args:
        stored: the result files of the video.
        folder: where the files go. It is created if necessary.
        counts: the counts of this video; None for no table of events.

    Returns:
        The files.

    Raises:
        StoredResultError: a result file is damaged.
        OSError: a file cannot be written.
    """
    tables = [(PEOPLE, people_rows(stored)), (OBSERVATIONS, observation_rows(stored))]
    if counts is not None:
        tables.append((EVENTS, event_rows(stored, counts)))
    for table, rows in tables:
        write_table(table, rows, folder / file_name(table))
    return tuple(folder / file_name(table) for table, _ in tables)
