"""How many calls of AWS the pipeline makes for each record, page and chunk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from people_pathing.pipeline.job_record import JobState
from people_pathing.results import chunked_files
from tests.fakes.person_tracking import person
from tests.fakes.pipeline import FakePipeline

CHUNK_PAGES = 10


@contextmanager
def counted(pipeline: FakePipeline) -> Iterator[Counter[str]]:
    """Counts the calls of all clients."""
    calls: Counter[str] = Counter()

    def count(model: Any, **_: object) -> None:
        calls[model.name] += 1

    clients: tuple[Any, ...] = (pipeline.s3, pipeline.dynamodb, pipeline.rekognition)
    for client in clients:
        client.meta.events.register("before-call", count)
    yield calls
    for client in clients:
        client.meta.events.unregister("before-call", count)


@pytest.mark.parametrize("video_count", [1, 3])
def test_a_record_of_an_upload_costs_three_writes_a_check_and_a_start(
    pipeline: FakePipeline, video_count: int
) -> None:
    uploads = [pipeline.upload(f"{number}.mp4") for number in range(video_count)]
    event = {"Records": [record for upload in uploads for record in upload["Records"]]}

    with counted(pipeline) as calls:
        pipeline.on_upload(event)

    assert calls == {
        # The record, its lease and its end.
        "PutItem": 3 * video_count,
        "HeadObject": video_count,
        "StartPersonTracking": video_count,
        # The waiting jobs are listed once.
        "Query": 1,
    }


def test_a_repeated_record_costs_one_call(pipeline: FakePipeline) -> None:
    upload = pipeline.upload("a.mp4")
    pipeline.on_upload(upload)

    with counted(pipeline) as calls:
        pipeline.on_upload(upload)

    assert calls == {"PutItem": 1}


@pytest.mark.parametrize("page_count", [1, 10, 11, 25])
def test_a_result_costs_one_call_a_page_and_three_a_chunk(pipeline: FakePipeline, page_count: int) -> None:
    pipeline.service.page_size = 1
    pipeline.on_upload(pipeline.upload("a.mp4"))
    notice = pipeline.service.succeed("job-1", [person(0, 66 * at, 0, 0) for at in range(page_count)])

    with counted(pipeline) as calls:
        pipeline.on_notice(notice)

    assert pipeline.record().state is JobState.SUCCEEDED
    file_count = len(chunked_files())
    chunk_count = (page_count - 1) // CHUNK_PAGES
    lease_and_end, job_summary = 2, 1
    expected = {
        "GetPersonTracking": page_count,
        # A chunk stores a piece of each file and the progress. Each file renews the lease first.
        "PutItem": lease_and_end + chunk_count + file_count + job_summary,
        "PutObject": (chunk_count + 1) * file_count + job_summary,
        "GetObject": chunk_count * file_count,
        "DeleteObjects": min(chunk_count, 1),
        # The time of recording.
        "HeadObject": 1,
        "GetItem": 1,
        # A slot is free, so waiting jobs are listed.
        "Query": 1,
    }
    assert calls == {operation: count for operation, count in expected.items() if count}


def test_a_repeated_notice_costs_two_reads(pipeline: FakePipeline) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    notice = pipeline.service.succeed("job-1", [person(0, 0, 0, 0)])
    pipeline.on_notice(notice)

    with counted(pipeline) as calls:
        pipeline.on_notice(notice)

    assert calls == {"Query": 1, "GetItem": 1}
