"""The memory of collecting does not depend on the length of the result."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws
from moto.s3 import models as moto_s3

from people_pathing.common.read_ahead import READS_AHEAD
from people_pathing.pipeline import results_bucket
from people_pathing.pipeline.job_record import JobRecord
from people_pathing.pipeline.results_bucket import PART_BYTES, ResultsBucket
from people_pathing.results.chunks import Chunk
from people_pathing.results.files.job_summary import JobSummary, StoredVideo
from people_pathing.results.provenance import Provenance
from tests.fakes.endless_result import VIDEO, DiskBucket, EndlessPages, collect
from tests.fakes.pipeline import FakePipeline
from tests.fakes.same_thread import SameThread

FILES = ("observations.jsonl.gz", "people.json")
PAGE_SIZE = 25
SMALL_PART_BYTES = 16 * 1024
FEW, MANY = 4_000, 16_000
MARGIN_BYTES = 40_000
"""Python keeps freed tuples for reuse, and S3 wants a list of all parts. One observation takes 435 bytes."""


@pytest.fixture
def small_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes a short result fill the largest requests, as a long result does with the real limits of S3."""
    monkeypatch.setattr(results_bucket, "PART_BYTES", SMALL_PART_BYTES)
    monkeypatch.setattr(results_bucket, "MAX_KEYS_PER_DELETE", 20)
    monkeypatch.setattr(moto_s3, "S3_UPLOAD_PART_MIN_SIZE", SMALL_PART_BYTES)


def _peak_bytes(action: Callable[[], object]) -> int:
    """Returns how much memory Python has allocated at most since the action began."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.usefixtures("small_requests")
@pytest.mark.parametrize("observations_per_person", [2500, 5])
def test_memory_depends_neither_on_the_length_of_a_result_nor_on_the_number_of_people(
    tmp_path: Path, observations_per_person: int
) -> None:
    def peak_bytes(observation_count: int) -> int:
        pages = EndlessPages(observation_count, observation_count // observations_per_person, PAGE_SIZE)
        return _peak_bytes(lambda: collect(pages, DiskBucket(tmp_path), SameThread()))

    peak_bytes(FEW)  # The first run fills caches.
    few, many = peak_bytes(FEW), peak_bytes(MANY)

    assert many - few < MARGIN_BYTES


def test_a_file_of_several_parts_is_put_together_with_one_part_in_memory(tmp_path: Path) -> None:
    piece = bytes(PART_BYTES // 20)
    s3: Any = DiskBucket(tmp_path)
    results = ResultsBucket(s3, "results", SameThread())
    record = JobRecord.of(VIDEO, 0, 0)
    summary = JobSummary(StoredVideo("videos", "a.mp4", "v1"), {}, {}, Provenance())
    chunk = Chunk(dict.fromkeys(FILES, piece))
    for number in range(50):
        results.put_chunk(record.video_id, number, chunk)

    peak = _peak_bytes(lambda: results.publish(record, 50, chunk, summary, before_write=lambda: None))

    assert peak < 1.25 * PART_BYTES + (READS_AHEAD + 1) * len(piece)
    assert s3.content(f"{record.results_prefix}people.json") == piece * 51


@pytest.mark.usefixtures("small_requests")
def test_the_endless_result_is_stored_as_with_the_real_clients(tmp_path: Path) -> None:
    pages = EndlessPages(FEW, 7, PAGE_SIZE)
    bucket = DiskBucket(tmp_path)
    prefix = collect(pages, bucket, SameThread()).results_prefix
    with mock_aws():
        pipeline = FakePipeline()
        pipeline.service.page_size = PAGE_SIZE
        pipeline.on_upload(pipeline.upload("a.mp4"))
        persons = [pages.person(number) for number in range(FEW)]
        pipeline.on_notice(pipeline.service.succeed(str(pipeline.record().job_id), persons))
        real = pipeline.results(pipeline.record())

    assert [bucket.content(prefix + name) for name in FILES] == [real[name] for name in FILES]
