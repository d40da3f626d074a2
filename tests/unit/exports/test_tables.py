"""CSV, supervision's JSON and Parquet, as pandas, supervision and DuckDB read them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import supervision as sv
from hypothesis import given, settings
from supervision.detection.tools.csv_sink import BASE_HEADER

from people_pathing.exports import (
    ExportError,
    ExportSource,
    csv,
    parquet,
    parquet_events,
    parquet_people,
    supervision,
)
from people_pathing.pipeline.video import Video
from people_pathing.results.files.job_summary import StoredVideo, VideoFile
from people_pathing.results.provenance import Provenance
from people_pathing.results.recording_time import RecordingSource, RecordingTime
from people_pathing.tables.columns import EVENTS, OBSERVATIONS, PEOPLE, ROW, Table
from people_pathing.tables.parquet import schema, write_table, write_tables
from people_pathing.tables.rows import Row, count_stored
from tests.unit.exports.stored import METADATA, ZONES, complete_source, seen, store
from tests.unit.exports.walkers import as_rows, from_pixels, results

RECORDED = RecordingTime(1_772_442_000_250, RecordingSource.NAME)
PERSONS = [
    seen(0, 0, (0.25, 0.125, 0.5, 0.25)),
    seen(0, 80, (0.5, 0.125, 0.25, 0.5)),
    seen(2, 2080, (0.125, 0.25, 0.25, 0.5)),
    seen(2, 4160),
]
WALK = [seen(4, 80 * step, (0.02 * step, 0.5, 0.1, 0.3)) for step in range(41)]
"""From left to right through the line."""


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def test_the_csv_has_the_columns_of_supervisions_sink_and_the_time(tmp_path: Path) -> None:
    csv.write(ExportSource(store(tmp_path, PERSONS, recording_time=RECORDED)), tmp_path / "rows.csv")

    assert (tmp_path / "rows.csv").read_text("utf-8").splitlines() == [
        "x_min,y_min,x_max,y_max,class_id,confidence,tracker_id,frame_index,timestamp_ms,at_utc",
        "160.0,60.0,480.0,180.0,0,,0,0,0,2026-03-02T09:00:00.250Z",
        "320.0,60.0,480.0,300.0,0,,0,2,80,2026-03-02T09:00:00.330Z",
        "80.0,120.0,240.0,360.0,0,,2,52,2080,2026-03-02T09:00:02.330Z",
        ",,,,0,,2,104,4160,2026-03-02T09:00:04.410Z",
    ]
    assert list(ROW.names[:7]) == BASE_HEADER


def test_pandas_reads_the_csv(tmp_path: Path) -> None:
    csv.write(ExportSource(store(tmp_path, PERSONS, recording_time=RECORDED)), tmp_path / "rows.csv")

    frame = pd.read_csv(tmp_path / "rows.csv", parse_dates=["at_utc"])

    assert frame["at_utc"][1] == pd.Timestamp("2026-03-02T09:00:00.330Z")
    assert frame.groupby("tracker_id")["x_min"].min().to_dict() == {0: 160.0, 2: 80.0}


def test_without_a_time_of_recording_the_times_in_utc_are_empty(tmp_path: Path) -> None:
    csv.write(ExportSource(store(tmp_path, PERSONS)), tmp_path / "rows.csv")

    assert pd.read_csv(tmp_path / "rows.csv")["at_utc"].isna().all()


@settings(max_examples=40, deadline=None)
@given(results())
def test_what_pandas_reads_from_the_csv_is_what_is_stored(persons: list[dict[str, Any]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        csv.write(ExportSource(store(Path(folder), persons)), path)
        frame = pd.read_csv(path)

    edges = frame[["x_min", "y_min", "x_max", "y_max"]].to_numpy(float).tolist()
    read = zip(frame["tracker_id"], frame["timestamp_ms"], (from_pixels(*box) for box in edges), strict=True)
    assert list(read) == as_rows(persons)


@pytest.mark.parametrize("export", [csv, supervision])
@pytest.mark.parametrize("missing", ["FrameRate", "FrameWidth"])
def test_pixels_and_frames_of_an_unknown_video_are_refused(tmp_path: Path, export: Any, missing: str) -> None:
    metadata = {name: value for name, value in METADATA.items() if name != missing}

    with pytest.raises(ExportError, match=r"the frame rate or the frame size of .* is unknown"):
        export.write(ExportSource(store(tmp_path, PERSONS, metadata=metadata)), tmp_path / "rows")


def test_the_json_is_what_supervisions_own_sink_writes(tmp_path: Path) -> None:
    supervision.write(ExportSource(store(tmp_path, PERSONS, recording_time=RECORDED)), tmp_path / "ours.json")
    with sv.JSONSink(str(tmp_path / "theirs.json")) as sink:
        for box, index, frame, at_ms, at_utc in (
            ([160, 60, 480, 180], 0, 0, 0, "2026-03-02T09:00:00.250Z"),
            ([320, 60, 480, 300], 0, 2, 80, "2026-03-02T09:00:00.330Z"),
            ([80, 120, 240, 360], 2, 52, 2080, "2026-03-02T09:00:02.330Z"),
        ):
            detections = sv.Detections(
                np.array([box], np.float32), class_id=np.array([0]), tracker_id=np.array([index])
            )
            sink.append(detections, {"frame_index": frame, "timestamp_ms": at_ms, "at_utc": at_utc})

    ours, theirs = (json.loads((tmp_path / name).read_text()) for name in ("ours.json", "theirs.json"))
    assert ours == theirs


def test_the_parquet_files_have_the_documented_types(tmp_path: Path) -> None:
    stored = store(tmp_path, WALK, recording_time=RECORDED)
    write_tables(stored, tmp_path / "tables", count_stored(stored, ZONES))

    for table in (PEOPLE, OBSERVATIONS, EVENTS):
        written = pq.read_schema(tmp_path / "tables" / f"{table.name}.parquet")
        assert written.equals(schema(table))
        assert written.names[:4] == ["video_id", "bucket", "key", "version"]
        assert written.field("at_utc").type == pa.timestamp("ms", "UTC")
        assert not written.field("video_id").nullable
        assert not written.field("key").nullable


def test_duckdb_joins_the_three_tables(tmp_path: Path, database: duckdb.DuckDBPyConnection) -> None:
    stored = store(tmp_path, WALK, recording_time=RECORDED)
    written = write_tables(stored, tmp_path / "tables", count_stored(stored, ZONES))

    assert [path.name for path in written] == ["people.parquet", "observations.parquet", "events.parquet"]
    [row] = database.execute(
        f"""
        SELECT people.key, people.version, people.observations, count(DISTINCT o.timestamp_ms),
            max(e.at_utc)::VARCHAR, any_value(e.direction), round(any_value(e.x_m), 1)
        FROM '{tmp_path}/tables/people.parquet' people
        JOIN '{tmp_path}/tables/observations.parquet' o USING (video_id, tracker_id)
        JOIN '{tmp_path}/tables/events.parquet' e USING (video_id, tracker_id)
        WHERE e.section = 'door' GROUP BY ALL
        """
    ).fetchall()
    assert row == ("lobby/ramp 1.mp4", "v1", 41, 41, "2026-03-02 09:00:02.05+00", "out", 5.0)


def test_duckdb_joins_the_exports_of_a_file_that_was_tracked(
    tmp_path: Path, database: duckdb.DuckDBPyConnection
) -> None:
    for number, tracked_at in enumerate(("2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z")):
        stored = store(
            tmp_path / f"{number}",
            WALK,
            video=VideoFile("street.mp4"),
            provenance=Provenance(tracked_at=tracked_at),
        )
        write_tables(stored, tmp_path / f"{number}" / "tables", count_stored(stored, ZONES))

    rows = database.execute(
        f"""
        SELECT people.observations, count(*)
        FROM '{tmp_path}/*/tables/people.parquet' people
        JOIN '{tmp_path}/*/tables/observations.parquet' USING (video_id, tracker_id)
        GROUP BY video_id, tracker_id, people.observations
        """
    ).fetchall()
    assert rows == [(41, 41), (41, 41)]


def test_the_id_of_a_video_with_a_version_is_the_one_in_its_job_record(tmp_path: Path) -> None:
    stored = store(tmp_path, PERSONS, video=StoredVideo("videos", "a/b.mp4", "v1"))

    assert stored.video_id == Video("videos", "a/b.mp4", "v1", "v1").video_id


def test_the_table_of_people_has_the_times_of_people_json(
    tmp_path: Path, database: duckdb.DuckDBPyConnection
) -> None:
    parquet_people.write(ExportSource(store(tmp_path, PERSONS)), tmp_path / "table.parquet")

    rows = database.execute(
        f"SELECT tracker_id, timestamp_ms, last_seen_ms, dwell_ms FROM '{tmp_path}/table.parquet'"
    ).fetchall()

    people = json.loads((tmp_path / "people.json").read_text())
    assert rows == [
        (one["index"], one["first_seen_ms"], one["last_seen_ms"], one["dwell_ms"]) for one in people
    ]


def test_the_events_are_those_of_the_counts(tmp_path: Path) -> None:
    stored = store(tmp_path, WALK)
    parquet_events.write(complete_source(stored), tmp_path / "events.parquet")

    rows = pq.read_table(tmp_path / "events.parquet").to_pylist()

    expected = count_stored(stored, ZONES).events
    assert [(row["event"], row["section"], row["timestamp_ms"]) for row in rows] == [
        (event.type, event.section, event.moment.at_ms) for event in expected
    ]
    assert [row["section_type"] for row in rows] == ["zone", "line", "zone"]


def test_of_a_tracked_file_the_bucket_is_null_and_without_metadata_pixels_are_null(
    tmp_path: Path, database: duckdb.DuckDBPyConnection
) -> None:
    stored = store(tmp_path, PERSONS, video=VideoFile("Straße.mp4"), metadata={})
    parquet.write(ExportSource(stored), tmp_path / "table.parquet")

    rows = database.execute(
        f"""
        SELECT DISTINCT bucket, "key", version, x_min, frame_index, at_utc
        FROM '{tmp_path}/table.parquet'
        """
    ).fetchall()

    assert rows == [(None, "Straße.mp4", None, None, None, None)]


@settings(max_examples=40, deadline=None)
@given(results())
def test_what_duckdb_reads_from_parquet_is_exactly_what_is_stored(persons: list[dict[str, Any]]) -> None:
    with TemporaryDirectory() as folder, duckdb.connect() as connection:
        parquet.write(ExportSource(store(Path(folder), persons)), Path(folder) / "table.parquet")
        rows = connection.execute(
            f"""SELECT tracker_id, timestamp_ms, "left", top, width, height FROM '{folder}/table.parquet'"""
        ).fetchall()

    assert [(index, at_ms, tuple(box)) for index, at_ms, *box in rows] == as_rows(persons)


def test_long_tables_are_written_in_row_groups(tmp_path: Path) -> None:
    table = Table("people", "one person", PEOPLE.columns)
    rows = [("id", None, "a.mp4", None, index, 0, None, 0, 0, 1) for index in range(120_000)]

    write_table(table, rows, tmp_path / "table.parquet")

    file = pq.ParquetFile(tmp_path / "table.parquet")
    sizes = [file.metadata.row_group(number).num_rows for number in range(file.metadata.num_row_groups)]
    assert sizes == [50_000, 50_000, 20_000]
    assert file.read(["tracker_id"])["tracker_id"].to_pylist() == list(range(120_000))


def test_writing_a_table_takes_no_more_memory_for_more_rows(tmp_path: Path) -> None:
    allocated = [pa.total_allocated_bytes()]

    def rows(count: int) -> Iterator[Row]:
        for number in range(count):
            if number % 1000 == 0:
                allocated.append(pa.total_allocated_bytes())
            yield ("id", None, "a.mp4", None, number, number, None, 0, 0, 1)

    peaks = []
    for count in (100_000, 300_000):
        write_table(PEOPLE, rows(count), tmp_path / "table.parquet")
        peaks.append(max(allocated) - allocated[0])
        del allocated[1:]

    assert 0 < peaks[1] < 1.2 * peaks[0]


def test_at_utc_is_the_time_of_recording_and_the_time_in_the_video(tmp_path: Path) -> None:
    parquet.write(ExportSource(store(tmp_path, PERSONS, recording_time=RECORDED)), tmp_path / "table.parquet")

    assert pq.read_table(tmp_path / "table.parquet")["at_utc"].to_pylist()[1] == datetime(
        2026, 3, 2, 9, 0, 0, 330_000, tzinfo=UTC
    )
