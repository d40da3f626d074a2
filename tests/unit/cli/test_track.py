import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

import people_pathing.exports
from people_pathing.cli.commands import track
from people_pathing.cli.main import main
from people_pathing.common.registry import Registry
from people_pathing.engine import Track, TrackingResult, VideoMetadata
from people_pathing.engine.interfaces import FrameDetections
from people_pathing.engine.registries import DETECTORS
from people_pathing.engine.scene.masks import GREY
from people_pathing.engine.selection.detectors import DetectorSelection
from people_pathing.exports import EXPORTS, ExportSource, load_export
from people_pathing.results import file_names
from people_pathing.results.provenance import Provenance
from tests import clips

NOBODY = TrackingResult(
    VideoMetadata("h264", "QuickTime / MOV", 1000, 10.0, 200, 100, None), 10, 10, np.arange(10), ()
)
CSV_EXPORT = """
from people_pathing.exports import NOTHING

SUMMARY = "one row per observation"
FILE_NAME = "rows.csv"
NEEDS = NOTHING

def write(source, path):
    path.write_text(f"{source.tracking.frame_count} frames")
"""


@pytest.fixture
def register_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Registers a made-up package of exports that has one module of a given name."""
    package = tmp_path / "made_up_exports"

    def register(name: str) -> None:
        package.mkdir()
        (package / "__init__.py").touch()
        (package / f"{name}.py").write_text(CSV_EXPORT)
        monkeypatch.syspath_prepend(tmp_path)
        registry = Registry(package.name, "export format")
        monkeypatch.setattr(people_pathing.exports, "EXPORTS", registry)
        monkeypatch.setattr(track, "EXPORTS", registry)

    yield register
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


@pytest.mark.parametrize("name", [name for name in EXPORTS.names() if not load_export(name).NEEDS.zones])
def test_every_export_that_needs_only_the_video_is_an_option_with_its_summary(name: str) -> None:
    text = " ".join(parser().format_help().split())

    assert f"--{name.replace('_', '-')} FILE" in text
    assert load_export(name).SUMMARY in text


def test_no_export_has_the_name_of_another_option(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(track, "EXPORTS", SimpleNamespace(names=tuple))
    others = {option for action in parser()._actions for option in action.option_strings}
    taken = [name for name in EXPORTS.names() if f"--{name.replace('_', '-')}" in others]

    assert {"--help", "--out", "--detector"} <= others
    assert taken == [], (
        f"rename these modules of exports/: `track` already has options of their names: {taken}"
    )


@pytest.mark.parametrize(
    ("module", "option"), [("csv", "--csv"), ("my_csv", "--my-csv"), ("video", "--video")]
)
def test_a_new_export_is_an_option_that_writes_its_file(
    module: str,
    option: str,
    register_export: Callable[[str], None],
    video: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    register_export(module)
    monkeypatch.setattr(track, "_track", lambda _: (NOBODY, Provenance()))
    options = parser().parse_args([str(video), option, str(tmp_path / "street.csv")])

    assert track.run(options) == 0
    assert (tmp_path / "street.csv").read_text() == "10 frames"


@pytest.mark.parametrize(("module", "option"), [("out", "--out"), ("face_model", "--face-model")])
def test_an_export_with_the_name_of_another_option_is_an_error_that_names_the_module(
    module: str,
    option: str,
    register_export: Callable[[str], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    register_export(module)

    assert main(["models"]) == 1

    assert capsys.readouterr().err == (
        f"error: `people-pathing track` has an option {option} already; "
        f"rename the module exports/{module}.py\n"
    )


def test_the_end_of_detection_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    shares: list[float] = []
    report = track._saying_what_follows(shares.append)
    for share in (0.5, 0.95, 0.99, 1.0):
        report(share)
    assert shares == [0.5, 0.95, 0.99, 1.0]
    assert capsys.readouterr().err == "all people are detected; joining their detections to paths\n"


def test_without_an_output_folder_only_the_table_is_left(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(track, "_track", lambda _: (NOBODY, Provenance()))

    assert track.run(parser().parse_args([str(video)])) == 0

    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["person", "first", "seen", "last", "seen", "visible", "walked"],
        ["no", "people", "found"],
    ]
    assert list(tmp_path.iterdir()) == [video]


def test_job_json_records_the_path_as_it_was_given(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(track, "_track", lambda _: (NOBODY, Provenance()))
    monkeypatch.chdir(tmp_path)

    assert track.run(parser().parse_args(["street.mp4", "--out", "out"])) == 0

    job = json.loads((tmp_path / "out" / "street.mp4.paths" / "job.json").read_text())
    assert job["video"] == {"path": "street.mp4"}


def test_the_results_can_be_beside_the_video(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(track, "_track", lambda _: (NOBODY, Provenance()))
    monkeypatch.chdir(tmp_path)

    assert main(["track", "street.mp4", "--out", "."]) == 0

    assert sorted(path.name for path in tmp_path.iterdir()) == ["street.mp4", "street.mp4.paths"]
    assert {path.name for path in Path("street.mp4.paths").iterdir()} == {*file_names(), "report.html"}
    assert video.is_file()
    said = capsys.readouterr().err
    assert "results in street.mp4.paths\nreport in street.mp4.paths/report.html\n" in said


def test_people_are_printed_as_json_and_the_summary_apart_from_it(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    boxes = np.array([[0, 10, 20, 60], [40, 10, 60, 60]], np.float32)
    walker = Track(0, np.arange(2), np.array([0, 500]), boxes, np.ones(2, np.float32))
    monkeypatch.setattr(track, "_track", lambda _: (replace(NOBODY, tracks=(walker,)), Provenance()))

    assert main(["track", str(video), "--json"]) == 0

    output = capsys.readouterr()
    assert json.loads(output.out) == [
        {"person": 0, "first_seen_ms": 0, "last_seen_ms": 500, "dwell_ms": 500, "walked_diagonals": 0.1789}
    ]
    assert output.err == "1 person in 1s of video, tracked in 0s\n"


@pytest.mark.parametrize("name", ["straße.mp4", os.fsdecode(b"stra\xdfe.mp4")])
def test_job_json_records_a_name_that_is_not_ascii(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(track, "_track", lambda _: (NOBODY, Provenance()))
    monkeypatch.chdir(tmp_path)
    Path(name).touch()

    assert track.run(parser().parse_args([name, "--out", "out"])) == 0

    job = json.loads(Path("out", f"{name}.paths", "job.json").read_text("utf-8"))
    assert job["video"] == {"path": "straße.mp4" if "ß" in name else "stra\\xdfe.mp4"}


def test_a_name_with_control_characters_is_escaped_on_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(track, "_track", lambda _: (NOBODY, Provenance()))
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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            "--out out --mot out/street.mp4.paths",
            "out/street.mp4.paths cannot be a file and the folder of out/street.mp4.paths/",
        ),
        ("--out out --mot out", "out cannot be a file and the folder of out/street.mp4.paths/"),
        (
            "--out out --mot out/street.mp4.paths/people.json",
            "out/street.mp4.paths/people.json would be written twice",
        ),
        (
            "--out out --mot out/street.mp4.paths/job.json/a.txt",
            "out/street.mp4.paths/job.json cannot be a file and the",
        ),
        ("--out full", "full/street.mp4.paths/people.json is a folder, but a file must be written there"),
        ("--out broken", "broken/street.mp4.paths is a link to a place that does not exist"),
        ("--mot pipe", "pipe is not a regular file, so it is not replaced; choose another file"),
        ("--mot link", "link is the video itself; choose another file"),
        ("--mot hard-link", "hard-link is the video itself; choose another file"),
        (f"--mot a/{'n' * 300}/b.txt", "File name too long"),
    ],
)
def test_outputs_that_cannot_be_written_or_would_be_lost_are_refused_before_the_tracking(
    arguments: str,
    message: str,
    video: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(track, "_track", lambda _: pytest.fail("the video is tracked"))
    monkeypatch.chdir(video.parent)
    Path("full/street.mp4.paths/people.json").mkdir(parents=True)
    Path("broken").mkdir()
    Path("broken/street.mp4.paths").symlink_to("nowhere")
    os.mkfifo("pipe")
    Path("link").symlink_to("street.mp4")
    Path("hard-link").hardlink_to("street.mp4")
    before = sorted(video.parent.rglob("*"))

    try:
        status = main(["track", video.name, *arguments.split()])
    except SystemExit as exit_:
        status = int(exit_.code or 0)

    assert status in (1, 2)
    errors = capsys.readouterr().err
    assert "error: " in errors
    assert message in errors
    assert sorted(video.parent.rglob("*")) == before


@pytest.mark.parametrize(
    ("option", "name"),
    [
        ("--model", "the model"),
        ("--face-model", "the face model"),
        ("--reidentification-model", "the re-identification model"),
    ],
)
def test_a_model_is_never_replaced(
    option: str, name: str, video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, link = tmp_path / "model.onnx", tmp_path / "link.onnx"
    model.write_text("weights")
    link.symlink_to(model)
    detector = ["--detector", "yolox" if option == "--model" else "hog"]

    assert main(["track", str(video), *detector, option, str(model), "--mot", str(link)]) == 1

    assert capsys.readouterr().err == f"error: {link} is {name} itself; choose another file\n"
    assert model.read_text() == "weights"


def test_an_export_may_be_written_into_the_result_folder(
    video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(track, "_track", lambda _: (NOBODY, Provenance()))
    monkeypatch.chdir(video.parent)

    assert main(["track", video.name, "--out", "out", "--mot", "out/street.mp4.paths/street.txt"]) == 0

    assert {path.name for path in Path("out/street.mp4.paths").iterdir()} == {
        *file_names(),
        "report.html",
        "street.txt",
    }


@pytest.mark.parametrize("folder", [(), ("--out", "out")])
def test_an_export_from_result_files_needs_no_output_folder(
    folder: tuple[str, ...], video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(track, "_track", lambda _: (NOBODY, Provenance()))
    monkeypatch.chdir(video.parent)

    assert main(["track", video.name, *folder, "--google", "street.json"]) == 0

    [result] = json.loads(Path("street.json").read_text())["annotationResults"]
    assert (result["inputUri"], result["segment"]["endTimeOffset"]) == ("street.mp4", "1s")


def test_an_export_that_fails_does_not_lose_the_results(
    video: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fill_the_disk(_source: ExportSource, path: Path) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(track, "_track", lambda _: (NOBODY, Provenance()))
    monkeypatch.setattr(load_export("mot"), "write", fill_the_disk)
    monkeypatch.chdir(video.parent)

    assert main(["track", video.name, "--out", "out", "--mot", "street.txt"]) == 1

    assert {path.name for path in Path("out/street.mp4.paths").iterdir()} == {*file_names(), "report.html"}
    assert "No space left on device" in capsys.readouterr().err


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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--detections gone.txt", "argument --detections: there is no file gone.txt"),
        (
            "--detections det.txt --detector hog",
            "error: with --detections, the pixels are not read; leave",
        ),
        ("--detections det.txt --sample-fps 5", "leave out --sample-fps"),
        ("--detections det.txt --reidentification-model none", "leave out --reidentification-model"),
        ("--detections det.txt --recognise-returns", "leave out --recognise-returns"),
        ("--detections det.txt --zones det.txt", "leave out --zones"),
        (
            "--detections det.txt --mot det.txt",
            "error: det.txt is the file of detections itself",
        ),
    ],
)
def test_options_that_do_not_fit_to_given_detections_are_refused(
    options: str,
    message: str,
    video: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(video.parent)
    Path("det.txt").write_text("1,-1,10,20,30,60,0.9\n")

    with suppress(SystemExit):
        assert main(["track", video.name, *options.split()]) == 1

    assert message in capsys.readouterr().err
    assert Path("det.txt").read_text() == "1,-1,10,20,30,60,0.9\n"


@pytest.fixture
def empty_street(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A video of three seconds without people, in the current directory."""
    monkeypatch.chdir(tmp_path)
    return clips.write_clip(Path("empty.mp4"), frames=75, rate=25, size=(320, 240))


def test_given_detections_are_tracked_without_a_detector(
    empty_street: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(track, "_track", lambda _: pytest.fail("people are detected"))
    rows = [f"{frame},-1,{10 + 3 * frame},100,30,80,0.9" for frame in range(1, 61)]
    Path("det.txt").write_text("\n".join(rows))

    command = ["track", "empty.mp4", "--detections", "det.txt", "--out", "out", "--mot", "mot.txt"]
    assert main(command) == 0

    assert len(Path("mot.txt").read_text().splitlines()) == 60
    job = json.loads(Path("out/empty.mp4.paths/job.json").read_text())
    assert job["counts"]["people"] == 1
    assert job["VideoMetadata"]["DurationMillis"] == 3000
    provenance = job["provenance"]
    assert (provenance["detector"], provenance["reidentifier"]) == ("unknown", None)
    assert (provenance["frames_decoded"], provenance["warnings"]) == ("unknown", [])
    assert capsys.readouterr().out.splitlines()[1].split()[0] == "0"


def test_a_wrong_line_of_the_detections_is_named(
    empty_street: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("det.txt").write_text("1,-1,10,20,30,60,0.9\n2,-1,10,20,30,60,95\n")

    assert main(["track", "empty.mp4", "--detections", "det.txt"]) == 1

    assert capsys.readouterr().err == (
        "tracking the detections in det.txt\n"
        "error: det.txt, line 2: the score must be from 0 to 1; scale it first, but the row is "
        "2, -1, 10, 20, 30, 60, 95\n"
    )


def test_each_warning_is_printed_once_and_recorded(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    warnings = ("Only 9 of 10 frames could be decoded.", "Frames are sampled every 4 s.")
    result = replace(NOBODY, warnings=warnings)
    monkeypatch.setattr(track, "_track", lambda _: (result, Provenance(warnings=warnings)))

    assert track.run(parser().parse_args([str(video), "--out", str(tmp_path / "out")])) == 0

    assert capsys.readouterr().err.splitlines()[:2] == list(warnings)
    job = json.loads((tmp_path / "out" / "street.mp4.paths" / "job.json").read_text())
    assert job["provenance"]["warnings"] == list(warnings)


def test_recognising_returns_needs_the_model(empty_street: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["track", "empty.mp4", "--detector", "hog", "--reidentification-model", "none"]

    assert main([*command, "--recognise-returns"]) == 1

    assert capsys.readouterr().err == (
        "error: --recognise-returns needs the re-identification model; re-identification is off\n"
    )


EVERYTHING = {"version": 1, "masks": [{"name": "all", "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]}]}


@pytest.mark.parametrize(("zones", "count"), [({"version": 1}, 0), (EVERYTHING, 1)])
def test_the_masks_of_a_zones_file_are_never_analysed_and_are_counted_in_job_json(
    zones: dict[str, object], count: int, empty_street: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def watch(image: NDArray[np.uint8]) -> FrameDetections:
        seen.append((image == GREY).all())
        return FrameDetections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))

    watching = SimpleNamespace(
        name="watching", input_size=lambda width_px, height_px: (width_px, height_px), detect=watch
    )
    monkeypatch.setattr(DetectorSelection, "load", lambda _: watching)
    Path("zones.json").write_text(json.dumps(zones))
    command = ["track", empty_street.name, "--out", "out", "--detector", "hog", "--zones", "zones.json"]
    assert main([*command, "--reidentification-model", "none"]) == 0

    assert seen
    assert set(seen) == {bool(count)}
    [job] = Path("out").rglob("job.json")
    provenance = json.loads(job.read_text())["provenance"]
    assert (provenance["masked_areas"], len(provenance["masks"])) == (count, count)


def test_the_results_say_that_the_frame_rate_was_stated(empty_street: Path) -> None:
    command = ["track", empty_street.name, "--out", "out", "--detector", "hog", "--frame-rate", "12.5"]
    assert main([*command, "--reidentification-model", "none"]) == 0

    [job] = Path("out").rglob("job.json")
    warnings = json.loads(job.read_text())["provenance"]["warnings"]
    assert "the stated rate of 12.5 frames per second" in warnings[-1]


def test_a_wrong_zones_file_is_named_before_the_tracking(
    empty_street: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("zones.json").write_text('{"version": 1, "mask": []}')
    assert main(["track", empty_street.name, "--zones", "zones.json"]) == 1

    error = capsys.readouterr().err
    assert "zones.json" in error
    assert 'did you mean "masks"' in error
