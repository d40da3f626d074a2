"""What every result file has to offer. The tests walk the registry, so they include a new file."""

import gzip
import json
from dataclasses import FrozenInstanceError, asdict, fields, is_dataclass
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from people_pathing.common.json_values import from_json, from_mapping, to_json
from people_pathing.pipeline.video import MAX_FILE_NAME_BYTES
from people_pathing.results import JOB_SUMMARY, RESULT_FILES, chunked_files, file_names, result_files
from people_pathing.results.chunks import ChunkWriter
from people_pathing.results.files.job_summary import JobSummary, StoredVideo, VideoFile
from people_pathing.results.observation import observations_in
from people_pathing.results.provenance import Provenance
from tests.fakes.person_tracking import METADATA, person
from tests.unit.results.test_provenance_header import MADE

FACE = {
    "BoundingBox": {"Left": -0.01, "Top": 0.1, "Width": 0.02, "Height": 0.04},
    "Landmarks": [{"Type": "eyeLeft", "X": 0.1, "Y": 0.2}],
    "Pose": {"Roll": -5.0, "Yaw": 3.0, "Pitch": 40.0},
    "Quality": {"Brightness": 60.0, "Sharpness": 12.0},
    "Confidence": 99.5,
}
PERSONS = [
    *(person(0, 100 * step, 10 * step, 500) for step in range(3)),
    {"Timestamp": 0, "Person": {"Index": 1}},
    {"Timestamp": 5, "Person": person(1, 5, 0, 0)["Person"] | {"Face": FACE}},
]
COUNTS = {"people": 0, "observations": 0}
EVERY_FILE = pytest.mark.parametrize("file", result_files(), ids=file_names())
# Every state is in one item of the job table, which holds at most 400 KB.
MAX_STATE_BYTES = 4096
EVERY_CHUNKED_FILE = pytest.mark.parametrize("file", chunked_files(), ids=lambda file: file.NAME)


def _schema(file: ModuleType) -> dict[str, Any]:
    text = (files("people_pathing.results") / "schemas" / file.SCHEMA).read_text()
    schema: dict[str, Any] = json.loads(text)
    return schema


def _contents(persons: list[dict[str, Any]], version: str | None = "v1") -> dict[str, bytes]:
    """Returns all result files by name, as the pipeline writes them."""
    writer = ChunkWriter(None)
    writer.add(observations_in(persons))
    summary = JobSummary(StoredVideo("videos", "a.mp4", version), METADATA, writer.counts, MADE, "job-1")
    return {**writer.end().pieces, "job.json": summary.content()}


def _documents(name: str, content: bytes) -> list[Any]:
    """Parses a result file: one JSON document, or one per line."""
    text = gzip.decompress(content) if name.endswith(".gz") else content
    return [json.loads(line) for line in text.splitlines()] if ".jsonl" in name else [json.loads(text)]


def test_the_result_files_are_listed_in_the_order_in_which_they_are_stored() -> None:
    first_release = ["observations.jsonl.gz", "people.json", "job.json"]
    assert [name for name in file_names() if name in first_release] == first_release
    assert file_names()[-1] == "job.json"
    assert len(file_names()) == len(set(file_names())) == len(RESULT_FILES.names())


@EVERY_FILE
def test_every_file_describes_itself(file: ModuleType) -> None:
    assert file.SUMMARY
    assert "/" in file.CONTENT_TYPE
    assert 0 < len(file.NAME.encode()) <= MAX_FILE_NAME_BYTES
    assert "/" not in file.NAME


@EVERY_FILE
def test_every_file_has_a_valid_schema_with_a_version(file: ModuleType) -> None:
    schema = _schema(file)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    major, _, minor = schema["version"].partition(".")
    assert major.isdecimal()
    assert minor.isdecimal()
    assert schema["$id"].endswith(f":{schema['version']}")


def test_every_schema_belongs_to_a_file() -> None:
    schemas = (files("people_pathing.results") / "schemas").iterdir()
    assert sorted(schema.name for schema in schemas) == sorted(file.SCHEMA for file in result_files())


@EVERY_FILE
@pytest.mark.parametrize("persons", [PERSONS, []], ids=["people", "no people"])
@pytest.mark.parametrize("version", ["v1", None])
def test_every_file_is_valid_under_its_schema(
    file: ModuleType, persons: list[dict[str, Any]], version: str | None
) -> None:
    validator = Draft202012Validator(_schema(file))
    for document in _documents(file.NAME, _contents(persons, version)[file.NAME]):
        validator.validate(document)


@EVERY_FILE
def test_every_schema_describes_all_members_of_its_file(file: ModuleType) -> None:
    schema = _schema(file)
    for document in _documents(file.NAME, _contents(PERSONS)[file.NAME]):
        assert _undescribed(schema, document, schema) == set()


@EVERY_FILE
def test_every_schema_requires_the_members_that_readers_rely_on(file: ModuleType) -> None:
    validator = Draft202012Validator(_schema(file))
    for document in _documents(file.NAME, _contents(PERSONS)[file.NAME]):
        record = document[0] if isinstance(document, list) else document
        for name in _schema(file).get("required") or _schema(file)["items"]["required"]:
            damaged = {key: value for key, value in record.items() if key != name}
            with pytest.raises(ValidationError, match="is a required property"):
                validator.validate([damaged] if isinstance(document, list) else damaged)


@EVERY_CHUNKED_FILE
def test_the_state_of_every_writer_is_a_frozen_dataclass_that_survives_its_json_form(
    file: ModuleType,
) -> None:
    writer = file.Writer(None)
    writer.add(tuple(observations_in(PERSONS)))
    state = writer.state
    assert is_dataclass(state)
    assert not isinstance(state, type)
    assert from_json(file.State, to_json(state)) == state
    with pytest.raises(FrozenInstanceError):
        setattr(state, fields(state)[0].name, None)


@EVERY_CHUNKED_FILE
def test_the_state_of_every_writer_stays_small_in_a_long_video_of_many_people(file: ModuleType) -> None:
    hour_ms = 3_600_000
    times_ms = range(0, hour_ms + 1, 60_000)
    # Everywhere in the frame.
    persons = [person(index, time_ms, 9 * index, 4 * index) for index in range(200) for time_ms in times_ms]
    writer = file.Writer(None)
    writer.add(tuple(observations_in(persons)))
    assert len(to_json(writer.state).encode()) <= MAX_STATE_BYTES


@EVERY_CHUNKED_FILE
def test_every_writer_resumes_from_its_state(file: ModuleType) -> None:
    observations = tuple(observations_in(PERSONS))
    whole = file.Writer(None)
    whole.add(observations)
    for border in range(len(observations) + 1):
        first = file.Writer(None)
        first.add(observations[:border])
        pieces = [first.cut()]
        second = file.Writer(first.state)
        second.add(observations[border:])
        pieces.append(second.end())
        assert second.counts == whole.counts
        documents = _documents(file.NAME, b"".join(pieces))
        assert documents == _documents(file.NAME, _contents(PERSONS)[file.NAME])


@EVERY_CHUNKED_FILE
def test_two_writers_in_one_process_give_the_same_file_as_each_alone(file: ModuleType) -> None:
    observations = tuple(observations_in(PERSONS))
    first, second = file.Writer(None), file.Writer(None)
    for observation in observations:
        first.add((observation,))
        second.add((observation,))
    assert first.end() == second.end() == _contents(PERSONS)[file.NAME]


def test_no_two_files_contribute_the_same_count() -> None:
    names = [name for file in chunked_files() for name in file.Writer(None).counts]
    assert len(names) == len(set(names))


def test_the_schema_of_job_json_names_every_count() -> None:
    """Its `additionalProperties` are for readers, which may get counts of a later release."""
    job = _schema(RESULT_FILES.load(JOB_SUMMARY))
    names = {name for file in chunked_files() for name in file.Writer(None).counts}
    assert job["properties"]["counts"]["properties"].keys() == names


def test_the_documentation_has_a_row_for_every_file() -> None:
    documentation = (Path(__file__).parents[3] / "docs" / "results.md").read_text()
    for file in result_files():
        assert f"| `{file.NAME}` | {file.SUMMARY} |" in documentation
        assert f"## {file.NAME}" in documentation
        assert f"| `{file.SCHEMA}` | {_schema(file)['version']} |" in documentation


def test_job_json_keeps_the_order_of_its_members_and_counts() -> None:
    counts = {"zones": 2, "observations": 5, "people": 1, "exits": 0}
    content = JobSummary(StoredVideo("videos", "Café.mp4", None), METADATA, counts, MADE, "job-1").content()
    document = json.loads(content)
    assert list(document) == ["job_id", "status", "video", "VideoMetadata", "counts", "provenance"]
    assert document["video"] == {"bucket": "videos", "key": "Café.mp4", "version": None}
    assert list(document["counts"]) == ["people", "observations", "exits", "zones"]
    assert "Café.mp4".encode() in content
    assert content.endswith(b"\n}\n")


def test_job_json_of_a_file_names_its_path_and_no_job() -> None:
    document = json.loads(JobSummary(VideoFile("clips/a.mp4"), METADATA, {}, MADE).content())
    assert list(document) == ["status", "video", "VideoMetadata", "counts", "provenance"]
    assert document["video"] == {"path": "clips/a.mp4"}


@pytest.mark.parametrize("provenance", [MADE, Provenance()], ids=["known", "unknown"])
def test_job_json_says_how_the_results_were_made(provenance: Provenance) -> None:
    document = json.loads(JobSummary(VideoFile("a.mp4"), METADATA, COUNTS, provenance).content())
    assert document["provenance"] == json.loads(json.dumps(asdict(provenance)))
    assert from_mapping(Provenance, document["provenance"]) == provenance
    schema = _schema(RESULT_FILES.load(JOB_SUMMARY))
    Draft202012Validator(schema).validate(document)
    assert schema["properties"]["provenance"]["required"] == list(document["provenance"])


def test_a_job_json_without_provenance_is_valid_as_earlier_releases_wrote_it() -> None:
    document = json.loads(JobSummary(VideoFile("a.mp4"), METADATA, COUNTS, MADE).content())
    del document["provenance"]
    Draft202012Validator(_schema(RESULT_FILES.load(JOB_SUMMARY))).validate(document)


def _undescribed(schema: dict[str, Any], value: Any, root: dict[str, Any]) -> set[str]:
    """Returns the names of members that a schema does not describe."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    if "oneOf" in schema:
        return min((_undescribed(one, value, root) for one in schema["oneOf"]), key=len)
    if isinstance(value, dict):
        known = schema.get("properties", {})
        inner = [_undescribed(known[name], member, root) for name, member in value.items() if name in known]
        unknown = (
            set() if isinstance(schema.get("additionalProperties"), dict) else value.keys() - known.keys()
        )
        return set().union(unknown, *inner)
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        return set().union(*(_undescribed(schema["items"], item, root) for item in value))
    return set()
