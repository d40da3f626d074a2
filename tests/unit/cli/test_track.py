import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import people_pathing.exports
from people_pathing.cli.commands import track
from people_pathing.cli.main import main
from people_pathing.common.registry import Registry
from people_pathing.engine import TrackingResult, VideoMetadata
from people_pathing.engine.registries import DETECTORS
from people_pathing.exports import EXPORTS, load_export

NOBODY = TrackingResult(
    VideoMetadata("h264", "QuickTime / MOV", 1000, 10.0, 200, 100, None), 10, np.arange(10), ()
)
CSV_EXPORT = """
SUMMARY = "one row per observation"

def write(result, path):
    path.write_text(f"{result.frame_count} frames")
"""


@pytest.fixture
def csv_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Registers a made-up package of exports that has one module, csv.py."""
    package = tmp_path / "made_up_exports"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "csv.py").write_text(CSV_EXPORT)
    monkeypatch.syspath_prepend(tmp_path)
    registry = Registry(package.name, "export format")
    monkeypatch.setattr(people_pathing.exports, "EXPORTS", registry)
    monkeypatch.setattr(track, "EXPORTS", registry)
    yield
    for name in [name for name in sys.modules if name.startswith(package.name)]:
        del sys.modules[name]


def parser() -> argparse.ArgumentParser:
    created = argparse.ArgumentParser()
    track.add_arguments(created)
    return created


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "street.mp4"
    path.touch()
    return path


@pytest.mark.parametrize("name", EXPORTS.names())
def test_every_registered_export_is_an_option_with_its_summary(name: str) -> None:
    text = " ".join(parser().format_help().split())

    assert f"--{name} FILE" in text
    assert load_export(name).SUMMARY in text


def test_no_export_has_the_name_of_another_option(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(track, "EXPORTS", SimpleNamespace(names=tuple))
    others = {option for action in parser()._actions for option in action.option_strings}
    taken = [name for name in EXPORTS.names() if f"--{name}" in others]

    assert {"--help", "--out", "--detector"} <= others
    assert taken == [], (
        f"rename these modules of exports/: `track` already has options of their names: {taken}"
    )


def test_a_new_export_is_an_option_that_writes_its_file(
    csv_export: None, video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(track, "_track", lambda _: NOBODY)
    options = parser().parse_args([str(video), "--csv", str(tmp_path / "street.csv")])

    assert track.run(options) == 0
    assert (tmp_path / "street.csv").read_text() == "10 frames"


def test_without_an_output_folder_only_the_table_is_left(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(track, "_track", lambda _: NOBODY)

    assert track.run(parser().parse_args([str(video)])) == 0

    assert capsys.readouterr().out.split() == ["person", "first", "seen", "last", "seen", "visible", "walked"]
    assert list(tmp_path.iterdir()) == [video]


def test_job_json_records_the_path_as_it_was_given(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(track, "_track", lambda _: NOBODY)
    monkeypatch.chdir(tmp_path)

    assert track.run(parser().parse_args(["street.mp4", "--out", "out"])) == 0

    job = json.loads((tmp_path / "out" / "street.mp4" / "job.json").read_text())
    assert job["video"] == {"path": "street.mp4"}


@pytest.mark.parametrize("name", ["straße.mp4", os.fsdecode(b"stra\xdfe.mp4")])
def test_job_json_records_a_name_that_is_not_ascii(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(track, "_track", lambda _: NOBODY)
    monkeypatch.chdir(tmp_path)
    Path(name).touch()

    assert track.run(parser().parse_args([name, "--out", "out"])) == 0

    job = json.loads(Path("out", name, "job.json").read_text("utf-8"))
    assert job["video"] == {"path": "straße.mp4" if "ß" in name else "stra\\xdfe.mp4"}


def test_a_name_with_control_characters_is_escaped_on_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(track, "_track", lambda _: NOBODY)
    video = tmp_path / "a\x1b[2J.mp4"
    video.touch()

    assert (
        track.run(parser().parse_args([str(video), "--out", str(tmp_path / "out"), "--mot", f"{video}.txt"]))
        == 0
    )

    errors = capsys.readouterr().err
    assert "a\\x1b[2J.mp4" in errors
    assert "\x1b" not in errors


@pytest.mark.parametrize(
    ("option", "path", "message"),
    [
        ("--out", "street.mp4/out", "no file can be written there"),
        ("--out", ".", "street.mp4 is a file; choose another folder with --out"),
        ("--mot", "street.mp4/mot.txt", "no file can be written there"),
        ("--mot", "street.mp4", "street.mp4 is the video itself; choose another file"),
    ],
)
def test_a_place_that_cannot_be_written_to_is_reported_before_the_tracking(
    option: str,
    path: str,
    message: str,
    video: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(track, "_track", lambda _: pytest.fail("the video is tracked"))
    monkeypatch.chdir(video.parent)

    assert main(["track", video.name, option, path]) == 1

    errors = capsys.readouterr().err
    assert errors.startswith("error: ")
    assert message in errors
    assert list(video.parent.iterdir()) == [video]


@pytest.mark.parametrize("name", DETECTORS.names())
def test_every_registered_detector_can_be_chosen(name: str, video: Path) -> None:
    assert parser().parse_args([str(video), "--detector", name]).detector == name


def test_an_unknown_detector_is_rejected_with_the_known_ones(
    video: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args([str(video), "--detector", "walker"])

    message = capsys.readouterr().err
    assert all(name in message for name in DETECTORS.names())
