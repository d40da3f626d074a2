import gzip
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from people_pathing.pipeline.job_record import JobRecord, Progress
from people_pathing.pipeline.person_pages import Observation, observations_in
from people_pathing.pipeline.results_bucket import (
    OBSERVATIONS,
    PART_BYTES,
    PEOPLE,
    Chunk,
    ChunkWriter,
    PageOrderError,
    ResultsBucket,
)
from people_pathing.pipeline.video import Video
from tests.fakes.person_tracking import person, session
from tests.fakes.pipeline import RESULTS, make_bucket

RECORD = JobRecord.of(Video("videos", "a.mp4", "v1", "v1"), 0, 0)
WALK = [person(index, 100 * step, 10 * step, 500) for index in range(4) for step in range(25)]


def _read(persons: Any) -> Iterator[Observation]:
    return observations_in(persons)


def _chunks(sizes: list[int]) -> list[Chunk]:
    """WALK, cut after so many observations each; the last chunk takes the rest."""
    chunks, writer, start = [], ChunkWriter(None), 0
    for size in sizes:
        writer.add(_read(WALK[start : start + size]))
        chunk, progress = writer.cut("next")
        chunks.append(chunk)
        writer, start = ChunkWriter(Progress.from_json(progress.to_json())), start + size
    writer.add(_read(WALK[start:]))
    assert (writer.observation_count, writer.people_count) == (100, 4)
    return [*chunks, writer.end()]


def _joined(chunks: list[Chunk], name: str) -> bytes:
    return b"".join(chunk.pieces[name] for chunk in chunks)


@pytest.mark.parametrize("sizes", [[], [1], [25], [10, 20, 30], [24, 1, 1, 49], [100]])
def test_wherever_chunks_are_cut_the_files_say_the_same(sizes: list[int]) -> None:
    chunks = _chunks(sizes)
    lines = gzip.decompress(_joined(chunks, OBSERVATIONS)).splitlines()
    assert [json.loads(line) for line in lines] == WALK
    assert _joined(chunks, PEOPLE) == _joined(_chunks([]), PEOPLE)


def test_a_path_leads_from_foot_point_to_foot_point() -> None:
    people = json.loads(_joined(_chunks([]), PEOPLE))
    assert [one["index"] for one in people] == [0, 1, 2, 3]
    assert people[1]["path"][:2] == [[0, 0.025, 0.66296], [100, 0.03021, 0.66296]]
    assert (people[1]["first_seen_ms"], people[1]["last_seen_ms"]) == (0, 2400)


def test_the_time_away_is_not_dwelt() -> None:
    writer = ChunkWriter(None)
    times_ms = [0, 500, 1500, 2501, 2601]
    writer.add(_read(person(0, time_ms, 0, 0) for time_ms in times_ms))
    (one,) = json.loads(writer.end().pieces[PEOPLE])
    assert one["dwell_ms"] == 500 + 1000 + 100


def test_an_observation_without_box_is_kept_and_leaves_no_point() -> None:
    boxless = {"Timestamp": 40, "Person": {"Index": 0}}
    writer = ChunkWriter(None)
    writer.add(_read([boxless, person(0, 80, 0, 0)]))
    chunk = writer.end()
    assert json.loads(gzip.decompress(chunk.pieces[OBSERVATIONS]).splitlines()[0]) == boxless
    assert json.loads(chunk.pieces[PEOPLE])[0]["path"] == [[80, 0.025, 0.2]]


@pytest.mark.parametrize("second", [person(4, 100, 0, 0), person(5, 99, 0, 0)])
def test_observations_out_of_order_are_refused(second: dict[str, object]) -> None:
    writer = ChunkWriter(None)
    with pytest.raises(PageOrderError, match="comes after"):
        writer.add(_read([person(5, 100, 0, 0), second]))


@pytest.fixture
def results() -> Iterator[ResultsBucket]:
    with mock_aws():
        client = session().client("s3")
        make_bucket(client, RESULTS)
        yield ResultsBucket(client, RESULTS)


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
def test_files_of_any_size_are_put_together_whole(
    results: ResultsBucket, sizes: list[int], part_count: int
) -> None:
    pieces = [bytes([65 + number]) * size for number, size in enumerate(sizes)]
    for number, piece in enumerate(pieces):
        results.put_chunk(RECORD.video_id, number, Chunk({OBSERVATIONS: piece}))
    parts = []
    results.publish(RECORD, len(pieces), Chunk({OBSERVATIONS: b"last"}), {}, on_part=lambda: parts.append(1))
    assert _stored(results, OBSERVATIONS) == b"".join(pieces) + b"last"
    assert len(parts) + 1 == part_count


def test_a_file_that_cannot_be_completed_leaves_no_parts_behind(results: ResultsBucket) -> None:
    results.put_chunk(RECORD.video_id, 0, Chunk({OBSERVATIONS: b"a" * 2 * PART_BYTES}))

    def fail() -> None:
        raise RuntimeError("lost the job")

    with pytest.raises(RuntimeError, match="lost the job"):
        results.publish(RECORD, 1, Chunk({OBSERVATIONS: b"b"}), {}, on_part=fail)
    assert "Uploads" not in results.client.list_multipart_uploads(Bucket=RESULTS)
    assert results.client.list_objects_v2(Bucket=RESULTS, Prefix=RECORD.results_prefix)["KeyCount"] == 0


def test_memory_does_not_grow_with_the_number_of_observations() -> None:
    def peak_bytes(pages: int) -> int:
        tracemalloc.start()
        writer = ChunkWriter(None)
        for page in range(pages):
            writer.add(_read(person(0, 100 * page + row, row, 0) for row in range(100)))
            if page % 10 == 9:
                writer = ChunkWriter(writer.cut("next")[1])
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert peak_bytes(40) - peak_bytes(10) < 50_000
