"""Storing result files: chunks, multipart uploads and the order of the files."""

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from people_pathing.pipeline.job_record import JobRecord
from people_pathing.pipeline.results_bucket import PART_BYTES, ResultsBucket, chunks_prefix
from people_pathing.pipeline.video import Video
from people_pathing.results.chunks import Chunk
from people_pathing.results.files.job_summary import JobSummary, StoredVideo
from people_pathing.results.provenance import Provenance
from tests.fakes.person_tracking import session
from tests.fakes.pipeline import RESULTS, make_bucket
from tests.fakes.same_thread import SameThread

OBSERVATIONS = "observations.jsonl.gz"
PEOPLE = "people.json"
RECORD = JobRecord.of(Video("videos", "a.mp4", "v1", "v1"), 0, 0)
SUMMARY = JobSummary(StoredVideo("videos", "a.mp4", "v1"), {}, {}, Provenance())


@pytest.fixture
def results() -> Iterator[ResultsBucket]:
    with mock_aws():
        client = session().client("s3")
        make_bucket(client, RESULTS)
        yield ResultsBucket(client, RESULTS, SameThread())


def _stored(results: ResultsBucket, name: str) -> bytes:
    return results.client.get_object(Bucket=RESULTS, Key=RECORD.results_prefix + name)["Body"].read()


@pytest.mark.parametrize(
    ("sizes", "part_count"),
    [
        ([], 1),
        ([PART_BYTES - 10], 1),
        ([PART_BYTES - 10, 10], 2),
        ([PART_BYTES], 2),
        ([2 * PART_BYTES + 10, 10], 2),
        ([3, PART_BYTES, 4, PART_BYTES, 5], 3),
    ],
)
def test_a_file_of_any_size_is_put_together_from_its_chunks(
    results: ResultsBucket, sizes: list[int], part_count: int
) -> None:
    pieces = [bytes([65 + number]) * size for number, size in enumerate(sizes)]
    for number, piece in enumerate(pieces):
        results.put_chunk(RECORD.video_id, number, Chunk({OBSERVATIONS: piece}))
    last = Chunk({OBSERVATIONS: b"last"})
    calls = _writes(results)
    results.publish(RECORD, len(pieces), last, SUMMARY, before_write=lambda: calls.append("check"))
    assert _stored(results, OBSERVATIONS) == b"".join(pieces) + b"last"
    assert calls[::2] == ["check"] * (len(calls) // 2)
    one = ["PutObject"]
    parts = ["UploadPart"] * part_count + ["CompleteMultipartUpload"]
    assert calls[1::2] == (one if part_count == 1 else parts) + ["PutObject"]


def _writes(results: ResultsBucket) -> list[str]:
    """Returns a list that records every call that makes something visible in the bucket."""
    calls: list[str] = []
    visible = ("PutObject", "UploadPart", "CompleteMultipartUpload")

    def note(model: Any, **_: object) -> None:
        if model.name in visible:
            calls.append(model.name)

    events: Any = results.client.meta.events
    events.register("before-call.s3", note)
    return calls


def test_an_upload_that_is_stopped_leaves_no_parts(results: ResultsBucket) -> None:
    results.put_chunk(RECORD.video_id, 0, Chunk({OBSERVATIONS: b"a" * 2 * PART_BYTES}))

    def fail() -> None:
        raise RuntimeError("lost the job")

    with pytest.raises(RuntimeError, match="lost the job"):
        results.publish(RECORD, 1, Chunk({OBSERVATIONS: b"b"}), SUMMARY, before_write=fail)
    assert "Uploads" not in results.client.list_multipart_uploads(Bucket=RESULTS)
    assert results.client.list_objects_v2(Bucket=RESULTS, Prefix=RECORD.results_prefix)["KeyCount"] == 0


def test_each_file_has_its_content_type_and_job_json_is_stored_last(results: ResultsBucket) -> None:
    keys: list[str] = []
    events = results.client.meta.events
    events.register("before-parameter-build.s3.PutObject", lambda params, **_: keys.append(params["Key"]))
    results.publish(RECORD, 0, Chunk({OBSERVATIONS: b"o", PEOPLE: b"p"}), SUMMARY, before_write=lambda: None)
    assert keys == [f"a.mp4/v1/{name}" for name in (OBSERVATIONS, PEOPLE, "job.json")]
    types = [results.client.head_object(Bucket=RESULTS, Key=key)["ContentType"] for key in keys]
    assert types == ["application/gzip", "application/json", "application/json"]


def test_a_multipart_file_has_its_content_type(results: ResultsBucket) -> None:
    results.put_chunk(RECORD.video_id, 0, Chunk({PEOPLE: b"a" * PART_BYTES}))
    results.publish(RECORD, 1, Chunk({PEOPLE: b"b"}), SUMMARY, before_write=lambda: None)
    head = results.client.head_object(Bucket=RESULTS, Key=f"a.mp4/v1/{PEOPLE}")
    assert (head["ContentType"], head["ContentLength"]) == ("application/json", PART_BYTES + 1)


def test_discarding_deletes_all_chunks_of_one_job_and_no_others(results: ResultsBucket) -> None:
    for number in range(501):
        results.put_chunk(RECORD.video_id, number, Chunk({OBSERVATIONS: b"o", PEOPLE: b"p"}))
    results.put_chunk("another", 0, Chunk({PEOPLE: b"p"}))
    results.discard_chunks(RECORD.video_id, 501)
    stored = results.client.list_objects_v2(Bucket=RESULTS)["Contents"]
    assert [entry["Key"] for entry in stored] == [f"{chunks_prefix('another')}000000/{PEOPLE}"]


def test_discarding_no_chunks_calls_nothing(results: ResultsBucket) -> None:
    calls: list[str] = []
    results.client.meta.events.register("before-call.s3", lambda model, **_: calls.append(model.name))
    results.discard_chunks(RECORD.video_id, 0)
    assert calls == []
