"""The tables of a video in the results bucket, as DuckDB reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from people_pathing.pipeline.counting import table_files
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.settings import RecountSetting
from people_pathing.pipeline.video import TABLES_PREFIX
from people_pathing.results import person_removal
from people_pathing.tables.columns import TABLES
from tests.fakes.pipeline import RESULTS, VIDEOS, FakePipeline
from tests.faults.injection import hooked, once
from tests.unit.cli.test_count import PLACES, ZONES, persons
from tests.unit.pipeline.test_counting import (
    erase,
    job_stored,
    put_zones,
    tracked,
    versions_left,
    zones_stored,
)

KEY = "cam7/street.mp4"
DAY_MS = 24 * 3600 * 1000


@pytest.fixture
def record(pipeline: FakePipeline) -> JobRecord:
    """Tracks a video with two people who walk through the door to the till."""
    return tracked(pipeline, KEY)


def _tables(pipeline: FakePipeline) -> dict[str, bytes]:
    return pipeline.stored(TABLES_PREFIX)


def _query(pipeline: FakePipeline, folder: Path, sql: str) -> list[tuple[Any, ...]]:
    """Runs a query in a folder with a copy of the bucket's tables."""
    for key, body in _tables(pipeline).items():
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    with duckdb.connect() as connection:
        return connection.execute(sql.replace("tables/", f"{folder}/tables/")).fetchall()


def test_each_video_has_tables_of_its_people_and_observations_without_any_zones(
    pipeline: FakePipeline, record: JobRecord, tmp_path: Path
) -> None:
    pipeline.on_results(job_stored(record))

    assert _tables(pipeline).keys() == {
        f"tables/people/dt=2026-01-31/{record.video_id}.parquet",
        f"tables/observations/dt=2026-01-31/{record.video_id}.parquet",
    }
    rows = _query(
        pipeline,
        tmp_path,
        """
        SELECT people.bucket, people."key", people.version, dt::VARCHAR, tracker_id, people.observations,
            count(*)
        FROM 'tables/people/*/*.parquet' people
        JOIN 'tables/observations/*/*.parquet' USING (video_id, tracker_id, dt)
        GROUP BY ALL ORDER BY tracker_id
        """,
    )
    video = (VIDEOS, KEY, record.version, "2026-01-31")
    assert rows == [(*video, index, len(PLACES), len(PLACES)) for index in (0, 1)]


def test_with_zones_there_is_a_table_of_events(
    pipeline: FakePipeline, record: JobRecord, tmp_path: Path
) -> None:
    put_zones(pipeline)
    pipeline.on_results(job_stored(record))

    events = _query(
        pipeline,
        tmp_path,
        "SELECT event, section, count(*) FROM 'tables/events/*/*.parquet' GROUP BY ALL ORDER BY ALL",
    )
    assert events == [("cross", "door", 2), ("enter", "till", 2), ("exit", "till", 2)]


def test_the_partition_is_the_date_of_the_upload_in_utc(pipeline: FakePipeline) -> None:
    pipeline.now_ms = 1_769_903_999_998
    upload = pipeline.upload("late.mp4")
    pipeline.now_ms += 2 * DAY_MS
    pipeline.on_upload(upload)
    pipeline.on_notice(pipeline.service.succeed("job-1", persons(1)))
    pipeline.on_results(job_stored(pipeline.record()))

    assert json.loads(pipeline.results(pipeline.record())["job.json"])["uploaded_at"] == (
        "2026-01-31T23:59:59.999Z"
    )
    assert {key.split("/")[2] for key in _tables(pipeline)} == {"dt=2026-01-31"}


@pytest.mark.parametrize("key", ["a/../b ' \" %2F=?*.mp4", "k" * 1024, "tables/people/dt=2026-01-31/a.mp4"])
def test_the_name_of_a_table_is_safe_whatever_is_in_the_key(
    pipeline: FakePipeline, tmp_path: Path, key: str
) -> None:
    record = tracked(pipeline, key)
    pipeline.on_results(job_stored(record))

    for name in _tables(pipeline):
        assert re.fullmatch(r"tables/(people|observations)/dt=2026-01-31/[0-9a-f]{64}\.parquet", name)
    assert _query(pipeline, tmp_path, "SELECT DISTINCT \"key\" FROM 'tables/people/*/*.parquet'") == [(key,)]


def test_two_versions_of_a_video_have_tables_of_their_own(
    pipeline: FakePipeline, record: JobRecord, tmp_path: Path
) -> None:
    newer = tracked(pipeline, KEY)
    for one in (record, newer):
        pipeline.on_results(job_stored(one))

    found = _query(pipeline, tmp_path, "SELECT DISTINCT version FROM 'tables/people/*/*.parquet'")
    assert {version for (version,) in found} == {record.version, newer.version}


def test_tables_have_a_media_type(pipeline: FakePipeline, record: JobRecord) -> None:
    pipeline.on_results(job_stored(record))

    for key in _tables(pipeline):
        head = pipeline.s3.head_object(Bucket=RESULTS, Key=key)
        assert head["ContentType"] == "application/vnd.apache.parquet"


def test_counting_again_replaces_the_events_and_leaves_the_other_tables(
    pipeline: FakePipeline, record: JobRecord, tmp_path: Path
) -> None:
    pipeline.recount = RecountSetting(2, is_dry_run=False)
    put_zones(pipeline)
    pipeline.on_results(job_stored(record))
    line = {**ZONES["lines"][0], "name": "entrance"}
    put_zones(pipeline, {**ZONES, "lines": [line]})
    pipeline.on_results(zones_stored())

    sections = _query(pipeline, tmp_path, "SELECT DISTINCT section FROM 'tables/events/*/*.parquet'")
    assert {section for (section,) in sections} == {"entrance", "till"}
    versions = [key.split("/")[1] for key in versions_left(pipeline) if key.startswith(TABLES_PREFIX)]
    assert sorted(versions) == ["events", "events", "observations", "people"]


def test_a_wrong_zones_file_does_not_keep_the_other_tables_from_being_written(
    pipeline: FakePipeline, record: JobRecord
) -> None:
    put_zones(pipeline, b"{")
    pipeline.on_results(job_stored(record))

    assert {key.split("/")[1] for key in _tables(pipeline)} == {"people", "observations"}


def test_results_of_an_earlier_version_are_counted_and_get_no_tables(
    pipeline: FakePipeline, record: JobRecord, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    put_zones(pipeline)
    document = json.loads(pipeline.results(record)["job.json"])
    del document["uploaded_at"]
    key = record.results_prefix + "job.json"
    pipeline.s3.put_object(Bucket=RESULTS, Key=key, Body=json.dumps(document))
    pipeline.on_results(job_stored(record))

    assert _tables(pipeline) == {}
    assert "counts.json" in pipeline.results(record)
    assert [line["reason"] for line in log_lines() if line["message"] == "no tables"] == [
        "job.json is of an earlier version and has no uploaded_at"
    ]


def test_erasing_a_video_erases_its_tables_with_their_old_versions(
    pipeline: FakePipeline, record: JobRecord
) -> None:
    other = tracked(pipeline, "cam7/other.mp4")
    put_zones(pipeline)
    for one in (record, record, other):
        pipeline.on_results(job_stored(one))
    [key, *_] = _tables(pipeline)
    pipeline.s3.create_multipart_upload(Bucket=RESULTS, Key=key.replace(other.video_id, record.video_id))
    erase(pipeline, KEY)

    left = versions_left(pipeline)
    assert sorted(key for key in left if key.startswith(TABLES_PREFIX)) == sorted(
        f"tables/{table.name}/dt=2026-01-31/{other.video_id}.parquet" for table in TABLES
    )
    assert not any(record.video_id in key or key.startswith(record.results_prefix) for key in left)
    assert pipeline.s3.list_multipart_uploads(Bucket=RESULTS).get("Uploads", []) == []


@pytest.mark.parametrize("key", [KEY, "tables/reserved.mp4"])
@pytest.mark.parametrize("last_upload", ["people", "observations", "events", "counts.json"])
def test_a_function_that_dies_after_an_erasure_leaves_nothing_once_it_is_retried(
    pipeline: FakePipeline, key: str, last_upload: str
) -> None:
    record = tracked(pipeline, key)
    put_zones(pipeline, key="zones/.json")
    event = job_stored(record)

    def erase_and_store_the_file_all_the_same(params: dict[str, Any], **_: object) -> None:
        if last_upload in params["Key"]:
            erase_once()

    def die(**_: object) -> None:
        if pipeline.records() == []:
            raise RuntimeError("the function is out of time")

    erase_once = once(lambda: erase(pipeline, key))
    with (
        hooked(pipeline.s3, "provide-client-params", "PutObject", erase_and_store_the_file_all_the_same),
        hooked(pipeline.s3, "after-call", "PutObject", die),
        pytest.raises(ExceptionGroup, match="1 of 1 items failed"),
    ):
        pipeline.on_results(event)
    assert versions_left(pipeline) != []

    pipeline.on_results(event)
    assert versions_left(pipeline) == []


@contextmanager
def _listings(pipeline: FakePipeline) -> Iterator[list[str]]:
    """Yields the prefixes of all listings of versions inside the block."""
    prefixes: list[str] = []

    def note(params: dict[str, Any], **_: object) -> None:
        prefixes.append(params["Prefix"])

    with hooked(pipeline.s3, "provide-client-params", "ListObjectVersions", note):
        yield prefixes


def test_tables_of_an_unknown_date_are_found_in_one_listing_of_each_table(pipeline: FakePipeline) -> None:
    for day in ("2026-01-30", "2026-01-31", "2026-02-01"):
        for number in range(4):
            key = f"tables/people/dt={day}/{number}.parquet"
            pipeline.s3.put_object(Bucket=RESULTS, Key=key, Body=b"")
    with _listings(pipeline) as prefixes:
        assert table_files.erase_tables_of_any_date(pipeline.s3, RESULTS, ["1", "2"]) == 6

    assert prefixes == ["tables/people/", "tables/observations/", "tables/events/"]
    assert {key[-9:] for key in _tables(pipeline)} == {"0.parquet", "3.parquet"}


def test_the_tables_of_a_known_video_are_erased_without_a_listing_of_other_videos(
    pipeline: FakePipeline, record: JobRecord
) -> None:
    document = json.loads(pipeline.results(record)["job.json"])
    document["provenance"][person_removal.ERASED] = {"people": 1, "at": "2026-01-31T13:00:00Z"}
    key = record.results_prefix + "job.json"
    pipeline.s3.put_object(Bucket=RESULTS, Key=key, Body=json.dumps(document))
    put_zones(pipeline)
    pipeline.on_results(job_stored(record))
    with _listings(pipeline) as prefixes:
        pipeline.on_results(job_stored(record))

    own = {f"tables/{table.name}/dt=2026-01-31/{record.video_id}.parquet" for table in TABLES}
    assert set(prefixes) == {record.results_prefix, *own}
    assert sorted(key for key in versions_left(pipeline) if key.startswith(TABLES_PREFIX)) == sorted(own)


def test_a_succeeded_job_needs_no_tables(pipeline: FakePipeline, record: JobRecord) -> None:
    def deny(**_: object) -> None:
        raise OSError("no space left on device")

    with (
        hooked(pipeline.s3, "before-call", "PutObject", deny),
        pytest.raises(ExceptionGroup, match="1 of 1 items failed"),
    ):
        pipeline.on_results(job_stored(record))
    assert pipeline.record().state is JobState.SUCCEEDED

    pipeline.on_results(job_stored(record))
    assert len(_tables(pipeline)) == 2
