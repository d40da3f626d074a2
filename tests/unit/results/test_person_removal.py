"""Writing result files without some people, and with some people only."""

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from people_pathing.results import file_names, result_files
from people_pathing.results.person_removal import (
    MARKER,
    PersonNotFoundError,
    observation_counts,
    write_without,
)
from people_pathing.results.person_selection import write_only
from people_pathing.results.stored_result import StoredResult, StoredResultError, open_stored_result
from tests.unit.exports.stored import seen, store
from tests.unit.results.test_result_files import FACE

ERASED_MS = 1_769_860_800_000
BOX = (0.1, 0.2, 0.30000001192092896, 0.4)


def persons() -> list[dict[str, Any]]:
    """Four people; person 2 has a face, and person 5 has no box."""
    found = [seen(index, 40 * step, BOX) for index in (0, 1, 2) for step in range(3)]
    found[-1]["Person"]["Face"] = FACE
    return [*found, seen(5, 0)]


@pytest.fixture
def stored(tmp_path: Path) -> StoredResult:
    return store(tmp_path / "results", persons())


def without(stored: StoredResult, *indexes: int) -> StoredResult:
    folder = stored.folder.with_name("without-" + "-".join(map(str, indexes)))
    folder.mkdir()
    write_without(stored, frozenset(indexes), folder, ERASED_MS)
    return open_stored_result(folder)


def lines(stored: StoredResult) -> list[bytes]:
    return gzip.decompress((stored.folder / "observations.jsonl.gz").read_bytes()).splitlines()


def test_the_other_people_keep_their_numbers_and_every_byte_of_their_observations(
    stored: StoredResult,
) -> None:
    new = without(stored, 1)

    assert lines(new) == [line for line in lines(stored) if b'"Index":1' not in line]
    assert [person["index"] for person in people(new)] == [0, 2, 5]
    assert people(new) == [one for one in people(stored) if one["index"] != 1]
    assert [one.person_index for one in new.observations()] == [0, 0, 0, 2, 2, 2, 5]


def people(stored: StoredResult) -> list[dict[str, Any]]:
    document: list[dict[str, Any]] = json.loads((stored.folder / "people.json").read_text())
    return document


def test_job_json_has_the_new_counts_and_says_how_many_were_erased_but_not_who(
    stored: StoredResult,
) -> None:
    new = without(without(stored, 1), 5, 2)

    document = json.loads((new.folder / "job.json").read_text())
    assert document["counts"] == {"people": 1, "observations": 3}
    assert document["provenance"]["erased"] == {"people": 3, "at": "2026-01-31T12:00:00Z"}
    [schema] = [file.SCHEMA for file in result_files() if file.NAME == "job.json"]
    path = Path(observation_counts.__code__.co_filename).with_name("schemas") / schema
    Draft202012Validator(json.loads(path.read_text())).validate(document)


def test_results_of_an_earlier_version_without_a_provenance_get_one(stored: StoredResult) -> None:
    path = stored.folder / "job.json"
    document = json.loads(path.read_text())
    del document["provenance"]
    path.write_text(json.dumps(document))

    new = without(open_stored_result(stored.folder), 0)

    assert new.provenance is not None
    assert new.provenance["erased"]["people"] == 1
    assert new.provenance["detector"] == "unknown"


def test_everybody_can_be_erased(stored: StoredResult) -> None:
    new = without(stored, 0, 1, 2, 5)
    assert (people(new), lines(new)) == ([], [])


def test_a_person_who_is_not_there_is_named_with_those_who_are(stored: StoredResult) -> None:
    with pytest.raises(PersonNotFoundError, match=r"person 3 is not in .*; they have 0, 1, 2, 5$"):
        observation_counts(stored, frozenset({1, 3}))


def test_a_long_list_of_people_is_cut(tmp_path: Path) -> None:
    stored = store(tmp_path / "many", [seen(index, 0, BOX) for index in range(25)])
    with pytest.raises(PersonNotFoundError, match=r"17, 18, 19 and 5 more$"):
        observation_counts(stored, frozenset({25}))
    with pytest.raises(PersonNotFoundError, match="they have no people"):
        observation_counts(store(tmp_path / "empty", []), frozenset({0}))


def test_an_interrupted_removal_may_be_repeated_although_the_person_is_gone(stored: StoredResult) -> None:
    new = without(stored, 1)
    for name in (MARKER, *file_names()[:-1]):
        (new.folder / name).replace(stored.folder / name)

    with pytest.raises(PersonNotFoundError, match="person 3 is not in"):
        observation_counts(stored, frozenset({1, 3}))
    assert observation_counts(stored, frozenset({0, 1})) == Counter({0: 3})
    with pytest.raises(StoredResultError, match=r"has 7 observations, but job.json says 10"):
        list(stored.observations())
    finished = without(stored, 1, 0)
    assert finished.provenance is not None
    assert finished.provenance["erased"]["people"] == 2


@pytest.mark.parametrize("has_marker", [False, True])
def test_damaged_results_are_no_interrupted_removal(stored: StoredResult, has_marker: bool) -> None:
    if has_marker:
        (without(stored, 1).folder / MARKER).replace(stored.folder / MARKER)
    path = stored.folder / "observations.jsonl.gz"
    path.write_bytes(gzip.compress(b"".join(line + b"\n" for line in lines(stored)[:5])))

    with pytest.raises(StoredResultError, match=r"has 5 observations, but job.json says 10, and no erasure"):
        observation_counts(stored, frozenset({0}))


def test_a_damaged_marker_is_named(stored: StoredResult) -> None:
    (stored.folder / MARKER).write_text("[]")
    with pytest.raises(StoredResultError, match=r"erasing.json is damaged"):
        observation_counts(stored, frozenset({0}))


def test_the_data_of_one_person_is_not_taken_from_a_mixture(stored: StoredResult, tmp_path: Path) -> None:
    new = without(stored, 1)
    for name in (MARKER, *file_names()[:-1]):
        (new.folder / name).replace(stored.folder / name)
    (tmp_path / "only").mkdir()

    with pytest.raises(StoredResultError, match=r"has 7 observations, but job.json says 10"):
        write_only(stored, frozenset({0}), tmp_path / "only")


def test_one_person_gets_their_own_data_and_nothing_about_others(stored: StoredResult) -> None:
    folder = stored.folder.with_name("only")
    folder.mkdir()

    write_only(stored, frozenset({2}), folder)

    only = open_stored_result(folder)
    assert lines(only) == [line for line in lines(stored) if b'"Index":2' in line]
    assert [one["index"] for one in people(only)] == [2]
    document = json.loads((folder / "job.json").read_text())
    assert document["counts"] == {"people": 1, "observations": 3}
    assert "erased" not in document["provenance"]
    with pytest.raises(PersonNotFoundError, match="person 4 is not in"):
        write_only(stored, frozenset({4}), folder)
