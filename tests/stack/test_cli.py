"""The command line, run as a user runs it."""

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import numpy as np
import pytest

from devstack.stack import LocalStack
from people_pathing.cli.deployed_stack import DeployedStack
from tests.portrait import LANDMARKS
from tests.stack.jobs import wait_for_job
from tests.stack.walkers import HEAD, HEIGHT_PX, WIDTH_PX, Walker, write_clip

FRAME_COUNT = 20
WALKER = Walker(140, 9, 380, 200, coat=(60, 30, 30), legs=(40, 40, 45))
WITH_FACE = Walker(160, 9, 450, 300, coat=(60, 30, 30), legs=(40, 40, 45), has_face=True)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "one walker.mp4"
    write_clip(path, [WALKER], FRAME_COUNT)
    return path


@pytest.fixture(scope="module")
def clip_with_face(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "one face.mp4"
    write_clip(path, [WITH_FACE], FRAME_COUNT)
    return path


def people_pathing(
    *arguments: object, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "people_pathing.cli.main", *map(str, arguments)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_video_that_is_not_there_is_named_with_status_2() -> None:
    done = people_pathing("run", "nowhere.mp4")
    assert done.returncode == 2
    assert "there is no file nowhere.mp4" in done.stderr


def test_a_file_that_would_be_passed_over_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("no video")
    done = people_pathing("run", notes)
    assert done.returncode == 1
    assert f"{notes}: the pipeline would pass this over: notes.txt is no video" in done.stderr
    assert "starting" not in done.stderr


def test_a_file_that_is_no_video_is_refused_by_name(tmp_path: Path) -> None:
    fake = tmp_path / "fake.mp4"
    fake.write_text("no video")
    done = people_pathing("track", fake, "--detector", "hog")
    assert done.returncode == 1
    assert "fake.mp4" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_model_that_is_not_there_is_refused_by_name(clip: Path) -> None:
    done = people_pathing("track", clip, "--model", "nowhere.onnx")
    assert done.returncode == 1
    assert "there is no model file nowhere.onnx" in done.stderr


def test_results_are_not_to_go_into_a_file(clip: Path) -> None:
    done = people_pathing("track", clip, "--out", clip)
    assert done.returncode == 2
    assert f"{clip} is a file; a folder would be right" in done.stderr


@pytest.mark.parametrize("settings", [{}, {"AWS_DEFAULT_REGION": "eu-central-1"}])
def test_without_region_or_credentials_the_missing_one_is_named(
    settings: dict[str, str], tmp_path: Path
) -> None:
    nowhere = {"AWS_CONFIG_FILE": str(tmp_path), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path), **settings}
    done = people_pathing("jobs", environment={**nowhere, "AWS_EC2_METADATA_DISABLED": "true"})
    assert done.returncode == 1
    assert ("credentials" if settings else "region") in done.stderr
    assert "Traceback" not in done.stderr


def test_a_model_of_faces_that_is_not_there_is_refused_by_name(clip: Path) -> None:
    done = people_pathing("track", clip, "--detector", "hog", "--face-model", "nowhere.onnx")
    assert done.returncode == 1
    assert "there is no model file nowhere.onnx, and the known model of faces is centerface" in done.stderr


def test_an_input_size_for_a_detector_that_takes_none_is_refused(clip: Path) -> None:
    done = people_pathing("track", clip, "--detector", "hog", "--input-px", "1280")
    assert done.returncode == 1
    assert "leave out --input-px or use --detector yolox" in done.stderr


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "inf", "many"])
def test_a_sampling_rate_that_makes_no_sense_is_refused(clip: Path, rate: str) -> None:
    done = people_pathing("track", clip, f"--sample-fps={rate}")
    assert done.returncode == 2
    assert f"{rate!r} is neither a number of frames a second above 0 nor 'all'" in done.stderr


def test_tracking_without_aws_writes_the_results_and_a_motchallenge_file(clip: Path, tmp_path: Path) -> None:
    out, mot = tmp_path / "out", tmp_path / "mot" / "walker.txt"
    done = people_pathing("track", clip, "--detector", "hog", "--out", out, "--mot", mot)
    assert done.returncode == 0, done.stderr
    people = json.loads((out / clip.name / "people.json").read_text())
    job = json.loads((out / clip.name / "job.json").read_text())
    assert job["counts"] == {
        "people": len(people),
        "observations": sum(len(person["path"]) for person in people),
    }

    # HOG also sees people in the noise, but not for long.
    walker = max(people, key=lambda person: len(person["path"]))["index"]
    lines = gzip.decompress((out / clip.name / "observations.jsonl.gz").read_bytes()).splitlines()
    own = [line for line in map(json.loads, lines) if line["Person"]["Index"] == walker]
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


def test_the_known_models_are_listed_with_their_licences(tmp_path: Path) -> None:
    done = people_pathing("models", environment={"XDG_CACHE_HOME": str(tmp_path)})
    assert done.returncode == 0
    names = [line.split()[0] for line in done.stdout.splitlines()]
    assert names == ["name", "nano", "tiny", "s", "centerface"]
    assert done.stdout.count("Apache-2.0") == 3
    assert done.stdout.count("MIT") == 1


def persons_in(folder: Path) -> list[dict[str, Any]]:
    lines = gzip.decompress((folder / "observations.jsonl.gz").read_bytes()).splitlines()
    return [json.loads(line) for line in lines]


def assert_the_walker_shows_its_face(persons: list[dict[str, Any]]) -> None:
    """At most moments, and each landmark where the drawing has it."""
    seen = [person for person in persons if "Face" in person["Person"]]
    assert len(seen) >= FRAME_COUNT / 2
    assert len({person["Person"]["Index"] for person in seen}) == 1
    scale = WITH_FACE.height_px / 100
    left, top, right, bottom = HEAD
    drawn_at = (LANDMARKS - [left, top]) / [right - left, bottom - top] * [14 * scale, 18 * scale]
    for person in seen:
        face = person["Person"]["Face"]
        assert list(face) == ["BoundingBox", "Landmarks", "Pose", "Quality", "Confidence"]
        assert 50 <= face["Confidence"] <= 100
        centre_x, centre_y = WITH_FACE.centre(person["Timestamp"] // 100)
        head = np.array([centre_x - 7 * scale, centre_y - 50 * scale])
        found = [(point["X"] * WIDTH_PX, point["Y"] * HEIGHT_PX) for point in face["Landmarks"]]
        assert np.abs(drawn_at + head - found).max() < 6, person
        assert max(map(abs, face["Pose"].values())) < 25


def test_faces_come_with_the_paths_when_they_are_asked_for(clip_with_face: Path, tmp_path: Path) -> None:
    command = ("track", clip_with_face, "--detector", "hog", "--out")
    with_faces = people_pathing(*command, tmp_path / "with", "--face-model", "centerface")
    without = people_pathing(*command, tmp_path / "without")
    assert (with_faces.returncode, without.returncode) == (0, 0), with_faces.stderr + without.stderr
    persons = persons_in(tmp_path / "with" / clip_with_face.name)
    assert_the_walker_shows_its_face(persons)
    for person in persons:
        person["Person"].pop("Face", None)
    assert persons == persons_in(tmp_path / "without" / clip_with_face.name)


@pytest.mark.stack
def test_a_run_stores_what_it_says_and_leaves_nothing_running(clip_with_face: Path, tmp_path: Path) -> None:
    clip = clip_with_face
    fake = tmp_path / "fake.mp4"
    fake.write_text("no video")
    out = tmp_path / "out"
    marker = f"marker-{uuid4()}"
    done = people_pathing(
        *("run", clip, fake, "--detector", "hog", "--face-model", "centerface", "--out", out),
        environment={"MARKER": marker},
    )
    assert done.returncode == 1
    assert "one face.mp4: results in" in done.stdout
    assert "fake.mp4: FAILED:" in done.stderr
    assert sorted(path.name for path in (out / clip.name).iterdir()) == [
        "job.json",
        "people.json",
        "observations.jsonl.gz",
    ]
    assert_the_walker_shows_its_face(persons_in(out / clip.name))
    assert not (out / "fake.mp4").exists()
    assert "100%" in done.stderr
    assert processes_with(marker) == []


@pytest.mark.stack
def test_up_says_how_to_use_the_stack_and_stops_on_ctrl_c(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "people_pathing.cli.main", "up", "--detector", "hog", "--port", "0"],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line.strip())
            if line.startswith("Ctrl-C"):
                break
        environment = dict(line.removeprefix("export ").split("=", 1) for line in said if "export" in line)
        listed = people_pathing("jobs", environment=environment)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
    assert listed.returncode == 0, listed.stderr
    assert listed.stdout.split() == ["state", "age", "key", "job", "reason"]
    assert any(line.startswith("aws s3 cp") for line in said)
    assert process.returncode == 130


@pytest.mark.stack
def test_jobs_are_listed_and_a_video_is_erased_with_all_that_came_of_it(
    stack: LocalStack, pipeline: DeployedStack, clip: Path
) -> None:
    key = "to be erased.mp4"
    record = wait_for_job(pipeline, pipeline.upload(clip, key))
    environment = stack.environment()
    assert "SUCCEEDED" in people_pathing("jobs", environment=environment).stdout
    assert key in people_pathing("jobs", "--state", "SUCCEEDED", environment=environment).stdout

    erased = people_pathing("erase", key, environment=environment)
    assert erased.returncode == 0, erased.stderr
    assert "1 versions of the video" in erased.stdout
    session = boto3.Session(
        environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"], region_name="us-east-1"
    )
    s3 = session.client("s3", endpoint_url=stack.endpoint_url)
    for bucket, prefix in (
        (pipeline.video_bucket, key),
        (pipeline.results_bucket, record.results_prefix),
        (stack.outputs["ArtifactBucketName"], f"jobs/{record.job_id}/"),
    ):
        assert "Versions" not in s3.list_object_versions(Bucket=bucket, Prefix=prefix)
    assert pipeline.job_table.get(record.video_id) is None
    again = people_pathing("erase", key, environment=environment)
    assert again.returncode == 1
    assert "nothing was stored about" in again.stderr


def processes_with(marker: str) -> list[str]:
    """Command lines of running processes whose environment holds the marker."""
    lines = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if marker.encode() in (folder / "environ").read_bytes():
                lines.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return lines
