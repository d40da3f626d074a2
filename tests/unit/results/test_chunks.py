"""Writing the chunked files: wherever chunks end, the files are the same."""

import gzip
import json
import tracemalloc
from dataclasses import replace

import pytest

from people_pathing.common.json_values import from_json, to_json
from people_pathing.results import chunked_files
from people_pathing.results.chunks import Chunk, ChunkWriter, FileState, PageOrderError, Position, Progress
from people_pathing.results.observation import observations_in
from tests.fakes.person_tracking import person

OBSERVATIONS = "observations.jsonl.gz"
PEOPLE = "people.json"
WALK = [person(index, 100 * step, 10 * step, 500) for index in range(4) for step in range(25)]


def _chunks(sizes: list[int]) -> list[Chunk]:
    """Returns WALK in chunks of these sizes. The last chunk holds the rest."""
    chunks, writer, start = [], ChunkWriter(None), 0
    for size in sizes:
        writer.add(observations_in(WALK[start : start + size]))
        chunk, progress = writer.cut("next")
        chunks.append(chunk)
        writer, start = ChunkWriter(from_json(Progress, to_json(progress))), start + size
    writer.add(observations_in(WALK[start:]))
    assert writer.counts.items() >= {"observations": 100, "people": 4}.items()
    return [*chunks, writer.end()]


def _joined(chunks: list[Chunk], name: str) -> bytes:
    return b"".join(chunk.pieces[name] for chunk in chunks)


@pytest.mark.parametrize("sizes", [[], [1], [25], [10, 20, 30], [24, 1, 1, 49], [100]])
def test_the_content_of_the_files_does_not_depend_on_chunk_borders(sizes: list[int]) -> None:
    chunks = _chunks(sizes)
    lines = gzip.decompress(_joined(chunks, OBSERVATIONS)).splitlines()
    assert [json.loads(line) for line in lines] == WALK
    assert _joined(chunks, PEOPLE) == _joined(_chunks([]), PEOPLE)


def test_a_path_consists_of_foot_points() -> None:
    people = json.loads(_joined(_chunks([]), PEOPLE))
    assert [one["index"] for one in people] == [0, 1, 2, 3]
    assert people[1]["path"][:2] == [[0, 0.025, 0.66296], [100, 0.03021, 0.66296]]
    assert (people[1]["first_seen_ms"], people[1]["last_seen_ms"]) == (0, 2400)


def test_a_gap_of_more_than_a_second_does_not_count_as_dwell_time() -> None:
    writer = ChunkWriter(None)
    times_ms = [0, 500, 1500, 2501, 2601]
    writer.add(observations_in(person(0, time_ms, 0, 0) for time_ms in times_ms))
    (one,) = json.loads(writer.end().pieces[PEOPLE])
    assert one["dwell_ms"] == 500 + 1000 + 100


def test_an_observation_without_box_adds_a_line_but_no_point() -> None:
    boxless = {"Timestamp": 40, "Person": {"Index": 0}}
    writer = ChunkWriter(None)
    writer.add(observations_in([boxless, person(0, 80, 0, 0)]))
    chunk = writer.end()
    assert json.loads(gzip.decompress(chunk.pieces[OBSERVATIONS]).splitlines()[0]) == boxless
    assert json.loads(chunk.pieces[PEOPLE])[0]["path"] == [[80, 0.025, 0.2]]


@pytest.mark.parametrize("second", [person(4, 100, 0, 0), person(5, 99, 0, 0)])
def test_observations_in_the_wrong_order_are_an_error(second: dict[str, object]) -> None:
    writer = ChunkWriter(None)
    with pytest.raises(PageOrderError, match="comes after"):
        writer.add(observations_in([person(5, 100, 0, 0), second]))


def test_memory_does_not_grow_with_the_number_of_observations() -> None:
    def peak_bytes(pages: int) -> int:
        tracemalloc.start()
        writer = ChunkWriter(None)
        for page in range(pages):
            writer.add(observations_in(person(0, 100 * page + row, row, 0) for row in range(100)))
            if page % 10 == 9:
                writer = ChunkWriter(writer.cut("next")[1])
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert peak_bytes(40) - peak_bytes(10) < 50_000


def test_progress_stays_small_however_many_people_there_are() -> None:
    writer = ChunkWriter(None)
    writer.add(observations_in(person(index, 36_000_000, 10, 20) for index in range(100_000)))

    assert len(to_json(writer.cut("token")[1])) < 500


def _cut(count: int) -> Progress:
    writer = ChunkWriter(None)
    writer.add(observations_in(WALK[:count]))
    return writer.cut("token")[1]


def test_progress_tells_where_the_next_chunk_begins() -> None:
    progress = _cut(27)
    assert (progress.next_token, progress.chunk_count, progress.last) == ("token", 1, Position(1, 100))
    assert ChunkWriter(progress).cut("later")[1] == replace(progress, next_token="later", chunk_count=2)


def test_progress_without_observations_can_be_resumed() -> None:
    progress = _cut(0)
    assert progress.last is None
    writer = ChunkWriter(from_json(Progress, to_json(progress)))
    writer.add(observations_in(WALK))
    assert writer.counts.items() >= {"observations": 100, "people": 4}.items()
    assert json.loads(b"[" + writer.end().pieces[PEOPLE])[0]["index"] == 0


@pytest.mark.parametrize("first", [person(0, 2300, 0, 0), person(1, 99, 0, 0)])
def test_the_order_of_observations_is_checked_across_chunks(first: dict[str, object]) -> None:
    writer = ChunkWriter(_cut(27))
    with pytest.raises(PageOrderError, match="comes after"):
        writer.add(observations_in([first]))


def test_two_observations_of_one_person_at_one_time_are_in_order() -> None:
    writer = ChunkWriter(_cut(27))
    writer.add(observations_in([person(1, 100, 0, 0), person(3, 0, 0, 0)]))
    assert writer.counts.items() >= {"observations": 29, "people": 3}.items()


def test_progress_can_be_resumed_only_if_it_has_the_state_of_every_file() -> None:
    progress = _cut(27)
    assert progress.can_be_resumed()
    assert [state.file for state in progress.file_states] == [file.NAME for file in chunked_files()]
    assert not replace(progress, file_states=progress.file_states[1:]).can_be_resumed()
    more = (*progress.file_states, FileState("zones.json", "{}"))
    assert not replace(progress, file_states=more).can_be_resumed()


@pytest.mark.parametrize("state", ["{}", '{"observation_count": 27, "word_count": 1}'])
def test_progress_with_the_state_of_another_version_cannot_be_resumed(state: str) -> None:
    progress = _cut(27)
    states = tuple(
        FileState(OBSERVATIONS, state) if one.file == OBSERVATIONS else one for one in progress.file_states
    )
    assert not replace(progress, file_states=states).can_be_resumed()
