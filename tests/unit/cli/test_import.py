"""`people-pathing import`: reviewed tracks replace those of the program, which are kept."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from people_pathing.analysis.count_files import COUNT_NAMES
from people_pathing.results import file_names, whole_files
from people_pathing.results.files.job_summary import VideoFile
from people_pathing.results.provenance import Provenance
from people_pathing.results.recording_time import RecordingSource, RecordingTime
from people_pathing.results.stored_result import open_stored_result
from tests.unit.cli.programs import ROOT, imported_modules, run_here, run_without
from tests.unit.exports.stored import seen, store
from tests.unit.review.cvat_files import box, track, write_xml, write_zip

RECORDED = RecordingTime(1_772_442_000_000, RecordingSource.NAME)
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
    return {name: (folder / name).read_bytes() for name in file_names()}


def test_the_reviewed_tracks_replace_the_result_files_and_the_original_ones_are_kept(
    results: Path, one_person: Path
) -> None:
    before = contents(results)

    completed = run_here("import", results, "--cvat", one_person)

    assert completed.returncode == 0, completed.stderr
    assert completed.stdout == f"people: 1, observations: 10, in {results}\n"
    assert completed.stderr == (
        f"the original result files are in {results / 'original'}\nreport in {results / 'report.html'}\n"
    )
    assert contents(results / "original") == before
    assert {path.name for path in results.iterdir()} == {*file_names(), "report.html", "original"}
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


def test_an_export_from_before_an_erasure_does_not_bring_the_person_back(
    results: Path, tmp_path: Path
) -> None:
    exported = tmp_path / "street.xml"
    run_here("export", results, "--format", "cvat", "--out", exported)
    assert run_here("erase", results, "--index", 1).returncode == 0
    before = {path: path.read_bytes() for path in results.rglob("*") if path.is_file()}

    completed = run_here("import", results, "--cvat", exported)

    assert completed.returncode != 0
    assert f"{exported}: people were erased from {results}" in completed.stderr
    assert "it has no people with the numbers 1; their tracks" in completed.stderr
    assert {path: path.read_bytes() for path in results.rglob("*") if path.is_file()} == before

    boxes = [box(frame, 64.0) for frame in range(5)]
    several = write_xml(tmp_path / "many.xml", *(track(number, boxes) for number in range(30)))
    refused = run_here("import", results, "--cvat", several)
    assert "with the numbers 1, 3, 4," in refused.stderr
    assert "and 8 more; their" in refused.stderr


def test_an_export_from_after_an_erasure_is_imported_and_still_says_that_people_were_erased(
    results: Path, tmp_path: Path
) -> None:
    exported = tmp_path / "street.xml"
    assert run_here("erase", results, "--index", 1).returncode == 0
    run_here("export", results, "--format", "cvat", "--out", exported)

    # The second import is checked against the results of the first one.
    for _ in range(2):
        completed = run_here("import", results, "--cvat", exported)
        assert completed.returncode == 0, completed.stderr
    assert {one.person_index for one in open_stored_result(results).observations()} == {0, 2}
    assert (open_stored_result(results).provenance or {})["erased"]["people"] == 1


def test_a_long_review_is_written_in_chunks(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_here("export", results, "--format", "cvat", "--out", tmp_path / "same.xml")
    people = (results / "people.json").read_bytes()
    monkeypatch.setattr(whole_files, "_CHUNK_OBSERVATIONS", 7)

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


# ---- counts of the earlier tracks

ZONES = {"version": 1, "lines": [{"name": "door", "start": [0.5, 1], "end": [0.5, 0]}]}


@pytest.fixture
def zones(tmp_path: Path) -> Path:
    path = tmp_path / "zones.json"
    path.write_text(json.dumps(ZONES))
    return path


def count(results: Path, zones: Path, *options: object) -> None:
    assert run_here("count", results, "--zones", zones, "--out", results.parent, *options).returncode == 0


def files_in(folder: Path) -> dict[str, bytes]:
    """Returns the files with results and counts."""
    names = (*file_names(), *COUNT_NAMES)
    return {name: (folder / name).read_bytes() for name in names if (folder / name).is_file()}


def counts_in(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "counts.json").read_text())
    return document


def test_counts_in_the_folder_are_made_again_and_the_earlier_ones_are_kept(
    results: Path, one_person: Path, zones: Path
) -> None:
    count(results, zones, "--interval", 60, "--recorded-at", "2026-03-02T09:00Z")
    before = files_in(results)
    zones.unlink()

    completed = run_here("import", results, "--cvat", one_person)

    assert completed.returncode == 0, completed.stderr
    assert f"counts in {results}\n" in completed.stderr
    assert files_in(results / "original") == before
    again = counts_in(results)
    assert (counts_in(results / "original")["picture"]["people"], again["picture"]["people"]) == (3, 1)
    assert sum(line["in"] + line["out"] for line in again["lines"]) == 1
    # As the user counted first.
    assert (again["interval_minutes"], again["recorded_at"], again["recorded_at_source"]) == (
        *(60, "2026-03-02T09:00:00.000Z", "stated"),
    )
    assert again["provenance"]["reviewed"]["with"] == "CVAT for video 1.1"
    assert len((results / "events.csv").read_text().splitlines()) == 1 + 1


def test_counting_again_gives_what_count_gives(results: Path, one_person: Path, zones: Path) -> None:
    count(results, zones)
    run_here("import", results, "--cvat", one_person)
    by_import = files_in(results)

    count(results, zones)

    assert files_in(results) == by_import


def test_a_second_review_is_counted_too_and_the_first_counts_stay(
    results: Path, one_person: Path, zones: Path, tmp_path: Path
) -> None:
    count(results, zones)
    run_here("import", results, "--cvat", write_xml(tmp_path / "no_people.xml"))

    assert run_here("import", results, "--cvat", one_person).returncode == 0

    assert counts_in(results)["picture"]["people"] == 1
    assert counts_in(results / "original")["picture"]["people"] == 3


def test_zones_can_be_given_for_results_that_were_not_counted(
    results: Path, one_person: Path, zones: Path
) -> None:
    assert run_here("import", results, "--cvat", one_person, "--zones", zones).returncode == 0

    assert counts_in(results)["lines"] == [{"name": "door", "people": 1, "in": 0, "out": 1}]
    assert not (results / "original" / "counts.json").exists()


@pytest.mark.parametrize("content", ["older", "{", "\0"])
def test_counts_that_do_not_say_what_they_counted_move_to_the_original_files(
    content: str, results: Path, one_person: Path, zones: Path
) -> None:
    count(results, zones)
    document = counts_in(results)
    del document["zones_file"]
    (results / "counts.json").write_text(json.dumps(document) if content == "older" else content)
    (results / "analysis.json").write_text("{}")
    before = files_in(results)

    completed = run_here("import", results, "--cvat", one_person)

    assert completed.returncode == 0
    assert "the earlier counts do not say which zones they counted" in completed.stderr
    assert f"people-pathing count {results} --zones FILE" in completed.stderr
    assert files_in(results / "original") == before
    assert not {"counts.json", "events.csv", "analysis.json"} & files_in(results).keys()


def test_counts_of_a_review_that_do_not_say_what_they_counted_go_with_its_tracks(
    results: Path, one_person: Path, zones: Path
) -> None:
    count(results, zones)
    run_here("import", results, "--cvat", one_person)
    (results / "counts.json").write_text("{}")

    assert run_here("import", results, "--cvat", one_person).returncode == 0

    assert "events.csv" not in files_in(results)
    assert counts_in(results / "original")["picture"]["people"] == 3


def test_zones_that_are_wrong_change_nothing(results: Path, one_person: Path, zones: Path) -> None:
    count(results, zones)
    before = files_in(results)
    zones.write_text("{}")

    completed = run_here("import", results, "--cvat", one_person, "--zones", zones)

    assert completed.returncode == 1
    assert f'error: {zones}: the member "version" is missing' in completed.stderr
    assert files_in(results) == before
    assert not (results / "original").exists()


def test_other_files_about_the_earlier_tracks_are_named(results: Path, one_person: Path, zones: Path) -> None:
    store(results.parent / "yard.mp4.paths", PERSONS, video=VideoFile("yard.mp4"), recording_time=RECORDED)
    store(results, PERSONS, video=VideoFile("street.mp4"), recording_time=RECORDED)
    run_here("count", results.parent, "--zones", zones, "--out", results.parent)
    run_here("export", results, "--format", "csv")
    (results / "annotated.webm").touch()

    completed = run_here("import", results, "--cvat", one_person)

    assert completed.stderr.count("is about the earlier tracks; make it again") == 3
    for path in (
        *(results / name for name in ("observations.csv", "annotated.webm")),
        results.parent / "total" / "counts.json",
    ):
        assert f"{path} is about the earlier tracks; make it again\n" in completed.stderr


def test_importing_needs_neither_aws_nor_the_engine(results: Path, one_person: Path, tmp_path: Path) -> None:
    blocked = ["boto3", "botocore", "av", "cv2", "onnxruntime", "aws_lambda_powertools"]

    completed = run_without(blocked, "import", results, "--cvat", one_person, cwd=tmp_path)

    assert completed.returncode == 0, completed.stderr
    assert not {"numpy", "people_pathing.pipeline"} & imported_modules(completed)


def test_tracking_again_does_not_replace_reviewed_tracks(results: Path, one_person: Path) -> None:
    run_here("import", results, "--cvat", one_person)
    reviewed = files_in(results)
    video = results.parent / "street.mp4"
    video.touch()

    completed = run_here("track", video, "--out", results.parent)

    assert completed.returncode == 1
    assert f"{results} has reviewed tracks, which tracking again would replace" in completed.stderr
    assert files_in(results) == reviewed
