"""`people-pathing import`: reviewed tracks replace those of the program, which are kept."""

import json
from pathlib import Path

import jsonschema
import pytest

from people_pathing.results import file_names
from people_pathing.results.provenance import Provenance
from people_pathing.results.stored_result import open_stored_result
from people_pathing.review import replacement
from tests.unit.cli.programs import ROOT, imported_modules, run_here, run_without
from tests.unit.exports.stored import seen, store
from tests.unit.review.cvat_files import box, track, write_xml, write_zip

BOX = (0.25, 0.125, 0.5, 0.25)
PERSONS = [seen(index, 80 * step, BOX) for index in range(3) for step in range(10)]
SCHEMA = ROOT / "functions/people_pathing/results/schemas/job.schema.json"


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Three people. The reviewer keeps one."""
    return store(
        tmp_path / "out" / "street.mp4.paths", PERSONS, provenance=Provenance(version="0.1.0")
    ).folder


@pytest.fixture
def one_person(tmp_path: Path) -> Path:
    return write_zip(tmp_path / "street.zip", track(0, [box(0, 10), box(18, 550), box(20, 550, outside=1)]))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_the_reviewed_tracks_replace_the_result_files_and_the_original_ones_are_kept(
    results: Path, one_person: Path
) -> None:
    before = contents(results)

    completed = run_here("import", results, "--cvat", one_person)

    assert completed.returncode == 0, completed.stderr
    assert completed.stdout == f"people: 1, observations: 10, in {results}\n"
    assert completed.stderr == f"the original result files are in {results / 'original'}\n"
    assert contents(results / "original") == before
    assert {path.name for path in results.iterdir()} == {*file_names(), "original"}
    assert len(list(open_stored_result(results).observations())) == 10


def test_the_provenance_says_that_the_tracks_were_reviewed(results: Path, one_person: Path) -> None:
    run_here("import", results, "--cvat", one_person)

    job = json.loads((results / "job.json").read_text())

    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(job)
    assert job["counts"] == {"people": 1, "observations": 10}
    assert job["provenance"]["version"] == "0.1.0"
    assert job["provenance"]["reviewed"]["with"] == "CVAT for video 1.1"
    assert len(job["provenance"]["reviewed"]["file_sha256"]) == 64
    assert "reviewed" not in json.loads((results / "original" / "job.json").read_text())["provenance"]


def test_older_results_without_a_provenance_are_valid_after_a_review(results: Path, one_person: Path) -> None:
    job = json.loads((results / "job.json").read_text())
    del job["provenance"]
    (results / "job.json").write_text(json.dumps(job))

    assert run_here("import", results, "--cvat", one_person).returncode == 0

    job = json.loads((results / "job.json").read_text())
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(job)


def test_count_counts_the_reviewed_people(results: Path, one_person: Path, tmp_path: Path) -> None:
    (tmp_path / "zones.json").write_text(
        '{"version": 1, "lines": [{"name": "door", "start": [0.5, 1], "end": [0.5, 0]}]}'
    )
    run_here("import", results, "--cvat", one_person)

    completed = run_here("count", results, "--zones", tmp_path / "zones.json", "--json")

    [counts] = json.loads(completed.stdout)
    assert counts["picture"]["people"] == 1
    assert [(line["name"], line["in"] + line["out"]) for line in counts["lines"]] == [("door", 1)]


def test_a_second_review_keeps_the_first_original_and_its_frames(
    results: Path, one_person: Path, tmp_path: Path
) -> None:
    before = contents(results)
    run_here("import", results, "--cvat", write_xml(tmp_path / "no_people.xml"))

    completed = run_here("import", results, "--cvat", one_person)

    assert completed.returncode == 0, completed.stderr
    assert contents(results / "original") == before
    assert [one.timestamp_ms for one in open_stored_result(results).observations()] == list(range(0, 800, 80))


def test_results_that_were_tracked_again_are_a_new_original_and_the_older_one_stays(
    results: Path, one_person: Path, tmp_path: Path
) -> None:
    older = contents(results)
    run_here("import", results, "--cvat", one_person)
    # Every frame is sampled now.
    store(results, [seen(0, 40 * step, BOX) for step in range(10)])
    newer = contents(results)

    completed = run_here("import", results, "--cvat", one_person)

    assert completed.returncode == 0, completed.stderr
    assert contents(results / "original") == newer
    assert contents(results / "original-1") == older
    assert [one.timestamp_ms for one in open_stored_result(results).observations()] == list(range(0, 800, 40))


def test_an_export_of_reviewed_tracks_can_be_imported_again(
    results: Path, one_person: Path, tmp_path: Path
) -> None:
    run_here("import", results, "--cvat", one_person)
    reviewed = (results / "people.json").read_bytes()
    run_here("export", results, "--format", "cvat", "--out", tmp_path / "again.xml")

    assert run_here("import", results, "--cvat", tmp_path / "again.xml").returncode == 0
    assert (results / "people.json").read_bytes() == reviewed


def test_a_long_review_is_written_in_chunks(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_here("export", results, "--format", "cvat", "--out", tmp_path / "same.xml")
    people = (results / "people.json").read_bytes()
    monkeypatch.setattr(replacement, "_CHUNK_OBSERVATIONS", 7)

    assert run_here("import", results, "--cvat", tmp_path / "same.xml").returncode == 0

    assert (results / "people.json").read_bytes() == people
    assert len(list(open_stored_result(results).observations())) == 30


def test_a_file_that_cannot_be_imported_is_named_and_changes_nothing(results: Path, tmp_path: Path) -> None:
    before = contents(results)
    wrong = write_xml(tmp_path / "cars.xml", track(0, [box(0, 10)]), track(1, [box(0, 10)], label="car"))

    completed = run_here("import", results, "--cvat", wrong)

    assert completed.returncode == 1
    assert completed.stderr == (
        f"error: {wrong}: track 1 has the label 'car'; rename the label to 'person', or delete the track\n"
    )
    assert contents(results) == before
    assert not (results / "original").exists()


def test_a_track_in_no_sampled_frame_is_reported(results: Path, tmp_path: Path) -> None:
    path = write_xml(tmp_path / "a.xml", track(0, [box(0, 10)]), track(1, [box(3, 10)]))

    completed = run_here("import", results, "--cvat", path)

    assert completed.returncode == 0
    assert (
        "track 1 is left out, because it is in no frame in which people were reported\n" in completed.stderr
    )


def test_a_folder_without_results_is_refused(tmp_path: Path, one_person: Path) -> None:
    completed = run_here("import", tmp_path, "--cvat", one_person)

    assert completed.returncode == 1
    assert completed.stderr == f"error: {tmp_path} is not a folder with result files: job.json is missing\n"


def test_importing_needs_neither_aws_nor_the_engine(results: Path, one_person: Path, tmp_path: Path) -> None:
    blocked = ["boto3", "botocore", "av", "cv2", "onnxruntime", "aws_lambda_powertools"]

    completed = run_without(blocked, "import", results, "--cvat", one_person, cwd=tmp_path)

    assert completed.returncode == 0, completed.stderr
    assert not {"numpy", "people_pathing.pipeline"} & imported_modules(completed)


def test_tracking_again_does_not_replace_reviewed_tracks(results: Path, one_person: Path) -> None:
    run_here("import", results, "--cvat", one_person)
    reviewed = contents(results)
    video = results.parent / "street.mp4"
    video.touch()

    completed = run_here("track", video, "--out", results.parent)

    assert completed.returncode == 1
    assert f"{results} has reviewed tracks, which tracking again would replace" in completed.stderr
    assert contents(results) == reviewed
