"""Commands that need no stack: what they print and write, and their exit status."""

import json
import os
from pathlib import Path

import pytest

from people_pathing.engine.registries import all_known_models
from people_pathing.results.chunks import ChunkWriter
from tests.stack.jobs import read_observations
from tests.stack.walkers import HEIGHT_PX, WIDTH_PX
from tests.unit.cli.programs import run_here
from tests.unit.cli.walker_clips import (
    WALKER,
    assert_the_walker_shows_its_face,
    write_face_clip,
    write_walker_clip,
)

# HOG takes a fifth of a second for each frame.
FRAME_COUNT = 6


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_walker_clip(tmp_path_factory.mktemp("clips"), FRAME_COUNT)


@pytest.fixture(scope="module")
def clip_with_face(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_face_clip(tmp_path_factory.mktemp("clips"), FRAME_COUNT)


def test_a_missing_video_is_named_with_status_2() -> None:
    completed = run_here("run", "nowhere.mp4")
    assert completed.returncode == 2
    assert "there is no file nowhere.mp4" in completed.stderr


def test_run_rejects_a_file_that_the_pipeline_skips_before_anything_starts(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("not a video")
    completed = run_here("run", notes)
    assert completed.returncode == 1
    assert f"{notes}: the pipeline would skip this file: notes.txt" in completed.stderr
    assert "starting" not in completed.stderr


def test_run_refuses_a_name_that_no_key_can_have_before_anything_starts(tmp_path: Path) -> None:
    video = tmp_path / os.fsdecode(b"stra\xdfe.mp4")
    video.write_bytes(b"video")
    completed = run_here("run", video, "--out", tmp_path / "out")
    assert completed.returncode == 1
    assert completed.stderr == (
        f"error: {tmp_path}/stra\\xdfe.mp4: the name is not UTF-8, and the keys of S3 are; rename the file, "
        "or use `people-pathing track`\n"
    )


def test_models_are_listed_as_json(tmp_path: Path) -> None:
    completed = run_here("models", "--json", environment={"XDG_CACHE_HOME": str(tmp_path)})
    assert completed.returncode == 0
    listed = json.loads(completed.stdout)
    assert [(one["name"], one["bytes"]) for one in listed] == [
        (model.name, model.size_bytes) for model in all_known_models()
    ]
    assert listed[0].keys() == {"name", "use", "bytes", "licence", "where"}


def test_a_file_that_is_not_a_video_is_rejected_by_name(tmp_path: Path) -> None:
    fake = tmp_path / "fake.mp4"
    fake.write_text("not a video")
    completed = run_here("track", fake, "--detector", "hog")
    assert completed.returncode == 1
    assert "fake.mp4" in completed.stderr


def test_a_missing_model_file_is_rejected_by_name(clip: Path) -> None:
    completed = run_here("track", clip, "--model", "nowhere.onnx")
    assert completed.returncode == 1
    assert "there is no model file nowhere.onnx" in completed.stderr


@pytest.mark.parametrize("command", ["track", "run"])
def test_a_command_with_a_missing_model_leaves_no_folder(command: str, clip: Path, tmp_path: Path) -> None:
    completed = run_here(command, clip, "--model", "nowhere.onnx", "--out", tmp_path / "out")
    assert completed.returncode == 1
    assert "there is no model file nowhere.onnx" in completed.stderr
    assert list(tmp_path.iterdir()) == []


def test_run_checks_the_result_files_before_anything_starts(clip: Path, tmp_path: Path) -> None:
    blocked = tmp_path / clip.name
    blocked.touch()
    completed = run_here("run", clip, "--out", tmp_path)
    assert completed.returncode == 1
    assert completed.stderr == (f"error: {blocked} is a file; choose another folder with --out\n")


@pytest.mark.parametrize("option", ["--model", "--face-model"])
@pytest.mark.parametrize("command", ["track", "run"])
def test_an_empty_model_is_rejected_instead_of_ignored(command: str, option: str, clip: Path) -> None:
    completed = run_here(command, clip, option, "")
    assert completed.returncode == 2
    assert (
        f"argument {option}: the value is empty; give an ONNX file or a name that `people-pathing models` "
        "lists, or leave the option out\n"
    ) in completed.stderr


@pytest.mark.parametrize("place", ["VIDEO", "--out", "--mot"])
def test_a_name_that_is_too_long_is_reported_in_one_line(place: str, clip: Path) -> None:
    name = "n" * 300
    arguments = (name,) if place == "VIDEO" else (clip, place, name)
    completed = run_here("track", *arguments)
    assert completed.returncode == 2
    assert completed.stderr.endswith(f"error: argument {place}: {name}: File name too long\n")


def test_an_output_folder_that_is_a_file_is_rejected(clip: Path) -> None:
    completed = run_here("track", clip, "--out", clip)
    assert completed.returncode == 2
    assert f"{clip} is a file; give a folder" in completed.stderr


def test_a_missing_face_model_is_rejected_by_name(clip: Path) -> None:
    completed = run_here("track", clip, "--detector", "hog", "--face-model", "nowhere.onnx")
    assert completed.returncode == 1
    assert (
        "there is no model file nowhere.onnx, and the known model of faces is centerface" in completed.stderr
    )


def test_an_input_size_for_hog_is_rejected(clip: Path) -> None:
    completed = run_here("track", clip, "--detector", "hog", "--input-px", "1280")
    assert completed.returncode == 1
    assert "leave out 1280 pixels or use yolox" in completed.stderr


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "inf", "many"])
def test_an_impossible_sampling_rate_is_rejected(clip: Path, rate: str) -> None:
    completed = run_here("track", clip, f"--sample-fps={rate}")
    assert completed.returncode == 2
    assert f"{rate!r} is neither a number of frames per second above 0 nor 'all'" in completed.stderr


def test_track_writes_the_result_files_and_a_motchallenge_file(clip: Path, tmp_path: Path) -> None:
    out, mot = tmp_path / "out", tmp_path / "mot" / "walker.txt"
    completed = run_here("track", clip, "--detector", "hog", "--out", out, "--mot", mot)
    assert completed.returncode == 0, completed.stderr
    people = json.loads((out / f"{clip.name}.paths" / "people.json").read_text())
    job = json.loads((out / f"{clip.name}.paths" / "job.json").read_text())
    counts = {"people": len(people), "observations": sum(len(person["path"]) for person in people)}
    assert job["counts"].items() >= counts.items()
    assert job["counts"].keys() == ChunkWriter(None).counts.keys()

    # HOG also sees people in the noise, but not for long.
    walker = max(people, key=lambda person: len(person["path"]))["index"]
    observations = read_observations(out / f"{clip.name}.paths")
    own = [line for line in observations if line["Person"]["Index"] == walker]
    assert len(own) >= FRAME_COUNT / 2
    for line in own:
        box = line["Person"]["BoundingBox"]
        centre_x = (box["Left"] + box["Width"] / 2) * WIDTH_PX
        centre_y = (box["Top"] + box["Height"] / 2) * HEIGHT_PX
        true_x, true_y = WALKER.centre(line["Timestamp"] // 100)
        assert abs(centre_x - true_x) < 0.2 * WALKER.height_px
        assert abs(centre_y - true_y) < 0.2 * WALKER.height_px

    rows = [row.split(",") for row in mot.read_text().splitlines()]
    assert len([row for row in rows if int(row[1]) == walker + 1]) == len(own)
    assert {int(row[1]) for row in rows} == {person["index"] + 1 for person in people}
    assert {tuple(row[7:]) for row in rows} == {("-1", "-1", "-1")}


def test_models_are_listed_with_their_licences(tmp_path: Path) -> None:
    completed = run_here("models", environment={"XDG_CACHE_HOME": str(tmp_path)})
    assert completed.returncode == 0
    models = all_known_models()
    head, *lines = completed.stdout.splitlines()
    assert head.split()[0] == "name"
    assert [line.split()[0] for line in lines] == [model.name for model in models]
    assert all(model.licence in line for model, line in zip(models, lines, strict=True))


def test_faces_come_with_the_paths_when_they_are_asked_for(clip_with_face: Path, tmp_path: Path) -> None:
    # The same frames are searched with and without faces.
    command = ("track", clip_with_face, "--detector", "hog", "--sample-fps", "10", "--out")
    with_faces = run_here(*command, tmp_path / "with", "--face-model", "centerface")
    without = run_here(*command, tmp_path / "without")
    assert (with_faces.returncode, without.returncode) == (0, 0), with_faces.stderr + without.stderr
    persons = read_observations(tmp_path / "with" / f"{clip_with_face.name}.paths")
    assert_the_walker_shows_its_face(persons, FRAME_COUNT)
    for person in persons:
        person["Person"].pop("Face", None)
    assert persons == read_observations(tmp_path / "without" / f"{clip_with_face.name}.paths")
