"""`people-pathing export`: stored results in another format, and every refusal before any work."""

import json
import os
from pathlib import Path

import pytest

from people_pathing.exports import EXPORTS, load_export
from tests.unit.cli.programs import imported_modules, run_here, run_without
from tests.unit.exports.stored import seen, store

PERSONS = [seen(0, 40, (0.25, 0.125, 0.5, 0.25)), seen(0, 80), seen(3, 40)]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """The results of one video, as `run` writes them."""
    return store(tmp_path / "out" / "lobby" / "ramp 1.mp4" / "v1", PERSONS).folder


@pytest.fixture
def zones(tmp_path: Path) -> Path:
    """A zones.json with a calibration."""
    path = tmp_path / "zones.json"
    corners = ("0.1,0.9", "0.9,0.9", "0.8,0.2", "0.2,0.2")
    done = run_here("calibrate", path, "--corners", *corners, "--width", 4, "--depth", 6)
    assert done.returncode == 0, done.stderr
    return path


@pytest.mark.parametrize("name", EXPORTS.names())
def test_every_registered_format_is_in_the_help_with_its_summary_and_its_file(name: str) -> None:
    text = " ".join(run_here("export", "--help").stdout.split())

    assert f"{name}: {load_export(name).SUMMARY}" in text
    assert load_export(name).FILE_NAME in text


@pytest.mark.parametrize("name", EXPORTS.names())
def test_a_format_is_written_to_the_named_file(name: str, results: Path, zones: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in results.iterdir()}
    options = ("--zones", zones) if load_export(name).NEEDS.zones else ()

    completed = run_here("export", results, "--format", name, *options, "--out", tmp_path / "new" / "file")

    assert completed.returncode == 0, completed.stderr
    assert completed.stdout == f"{tmp_path / 'new' / 'file'}\n"
    assert (tmp_path / "new" / "file").stat().st_size > 0
    assert {path.name: path.read_bytes() for path in results.iterdir()} == before


def test_without_a_file_name_the_file_is_beside_the_result_files(results: Path) -> None:
    completed = run_here("export", results, "--format", "google")

    assert (completed.returncode, completed.stdout) == (0, f"{results / 'google.json'}\n")
    assert "annotationResults" in json.loads((results / "google.json").read_text())


def test_an_older_file_is_replaced_by_a_complete_one(results: Path, tmp_path: Path) -> None:
    old = tmp_path / "people.json"
    old.write_text("old")

    assert run_here("export", results, "--format", "google", "--out", old).returncode == 0

    assert json.loads(old.read_text())


def test_an_older_file_stays_if_the_new_one_cannot_be_completed(results: Path, tmp_path: Path) -> None:
    old = tmp_path / "people.json"
    old.write_text("old")
    (results / "observations.jsonl.gz").write_bytes(b"damaged")

    completed = run_here("export", results, "--format", "google", "--out", old)

    assert completed.returncode == 1
    assert completed.stderr.startswith(f"error: {results / 'observations.jsonl.gz'} is damaged")
    assert completed.stderr.count("\n") == 1
    assert old.read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"out", "people.json"}


@pytest.mark.parametrize("name", ["people.json", "job.json", "observations.jsonl.gz"])
def test_a_result_file_is_never_replaced(results: Path, name: str) -> None:
    before = (results / name).read_bytes()

    completed = run_here("export", results, "--format", "google", "--out", results / name)

    assert completed.returncode == 1
    assert completed.stderr == (
        f"error: {results / name} is the result file {name} itself; choose another file\n"
    )
    assert (results / name).read_bytes() == before


@pytest.mark.parametrize("name", ["parquet-events", "pedpy"])
def test_a_format_that_needs_zones_is_refused_without_them(name: str, results: Path) -> None:
    completed = run_here("export", results, "--format", name)

    assert completed.returncode == 1
    assert completed.stderr == f"error: the format {name} needs --zones FILE: zones.json\n"


def test_zones_that_a_format_does_not_use_are_refused(results: Path, zones: Path) -> None:
    completed = run_here("export", results, "--format", "csv", "--zones", zones)

    assert completed.returncode == 1
    assert completed.stderr == "error: the format csv does not use zones; leave out --zones\n"


def test_positions_in_metres_without_a_calibration_are_refused(results: Path, tmp_path: Path) -> None:
    (tmp_path / "zones.json").write_text('{"version": 1}')

    completed = run_here("export", results, "--format", "pedpy", "--zones", tmp_path / "zones.json")

    assert completed.returncode == 1
    assert "positions in metres need a calibration; add it to zones.json with" in completed.stderr
    assert not (results / "pedpy.txt").exists()


def test_the_file_of_zones_is_never_replaced(results: Path, zones: Path) -> None:
    completed = run_here("export", results, "--format", "pedpy", "--zones", zones, "--out", zones)

    assert completed.returncode == 1
    assert completed.stderr == f"error: {zones} is the file of zones itself; choose another file\n"


def test_a_library_that_is_missing_is_named_before_the_results_are_read(tmp_path: Path) -> None:
    completed = run_without(["pyarrow"], "export", tmp_path / "nowhere", "--format", "parquet")

    assert completed.returncode == 1
    assert completed.stderr == (
        "error: this needs pyarrow, which is not installed: pip install './people-pathing[tables]'\n"
    )


def test_an_unknown_format_is_rejected_with_the_known_ones(results: Path) -> None:
    completed = run_here("export", results, "--format", "xml")

    assert completed.returncode == 2
    assert "argument --format: invalid choice: 'xml'" in completed.stderr
    assert all(name in completed.stderr for name in EXPORTS.names())


def test_an_empty_source_is_rejected() -> None:
    completed = run_here("export", "", "--format", "google")

    assert completed.returncode == 2
    assert "the value is empty; give a folder with result files" in completed.stderr


def test_a_folder_around_results_is_refused_with_the_folder_of_one_video(results: Path) -> None:
    completed = run_here("export", results.parents[2], "--format", "google")

    assert completed.returncode == 1
    assert completed.stderr == (
        f"error: {results.parents[2]} is not a folder with result files; give the folder of one video, "
        f"for example {results}\n"
    )


def test_incomplete_results_are_refused_and_nothing_is_written(results: Path, tmp_path: Path) -> None:
    (results / "job.json").unlink()

    completed = run_here("export", results, "--format", "google", "--out", tmp_path / "new" / "file")

    assert completed.returncode == 1
    assert "are incomplete: job.json missing" in completed.stderr
    assert not (tmp_path / "new").exists()


def test_a_place_that_cannot_be_written_is_refused_before_the_results_are_read(
    results: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    # Reading the observations would be another error.
    (results / "observations.jsonl.gz").write_bytes(b"damaged")

    completed = run_here("export", results, "--format", "mot", "--out", tmp_path / "file" / "mot.txt")

    assert completed.returncode == 1
    assert completed.stderr == f"error: {tmp_path / 'file'}: no file can be written there (Not a directory)\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_result_file_that_may_not_be_read_is_named(results: Path) -> None:
    (results / "job.json").chmod(0)

    completed = run_here("export", results, "--format", "google")

    assert completed.returncode == 1
    assert "job.json: Permission denied" in completed.stderr


def test_exporting_needs_neither_aws_nor_the_service(results: Path, tmp_path: Path) -> None:
    completed = run_without(
        [
            "boto3",
            "botocore",
            "av",
            "cv2",
            "onnxruntime",
            "aws_lambda_powertools",
            "people_pathing.pipeline",
        ],
        *("export", results, "--format", "google", "--out", "google.json"),
        cwd=tmp_path,
    )

    assert completed.returncode == 0, completed.stderr
    assert "numpy" not in imported_modules(completed)


@pytest.fixture
def three_people(tmp_path: Path) -> Path:
    persons = [seen(index, 40 * step, (0.1, 0.1, 0.1, 0.1)) for index in (0, 1, 4) for step in range(3)]
    return store(tmp_path / "three", persons).folder


@pytest.mark.parametrize("name", EXPORTS.names())
def test_an_export_for_one_person_is_about_nobody_else(
    name: str, three_people: Path, zones: Path, tmp_path: Path
) -> None:
    alone = store(tmp_path / "alone", [seen(4, 40 * step, (0.1, 0.1, 0.1, 0.1)) for step in range(3)]).folder
    options = ("--format", name, *(("--zones", zones) if load_export(name).NEEDS.zones else ()))
    before = {path.name: path.read_bytes() for path in three_people.iterdir()}

    completed = run_here(
        "export", three_people, *options, "--index", 4, "--out", tmp_path / load_export(name).FILE_NAME
    )

    assert completed.returncode == 0, completed.stderr
    run_here("export", alone, *options)
    expected = (alone / load_export(name).FILE_NAME).read_bytes()
    assert (tmp_path / load_export(name).FILE_NAME).read_bytes() == expected
    assert {path.name: path.read_bytes() for path in three_people.iterdir()} == before


def test_an_export_for_one_person_needs_a_file_and_a_person_who_is_there(
    three_people: Path, tmp_path: Path
) -> None:
    command = ("export", three_people, "--format", "csv", "--index")
    assert "--index needs --out FILE" in run_here(*command, 4).stderr

    completed = run_here(*command, 4, "--index", 3, "--out", tmp_path / "out.csv")

    assert (
        "person 3 is not in the results of s3://videos/lobby/ramp 1.mp4; they have 0, 1, 4"
        in completed.stderr
    )
    assert not (tmp_path / "out.csv").exists()
