import errno
import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from people_pathing.cli.errors import CommandError
from people_pathing.cli.result_folder import replaced_files, result_folder, write_results
from people_pathing.engine import Track, TrackingResult, VideoMetadata
from people_pathing.results import file_names
from people_pathing.results.chunks import ChunkWriter
from people_pathing.results.provenance import Provenance
from tests.stack.jobs import read_observations

METADATA = VideoMetadata(
    codec="h264",
    duration_ms=1000,
    format="QuickTime / MOV",
    frame_rate=10.0,
    frame_height=100,
    frame_width=200,
    color_range=None,
)
PROVENANCE = Provenance(frames_decoded=9, frames_expected=10, warnings=("Only 9 of 10 frames.",))


def result(*tracks: Track) -> TrackingResult:
    return TrackingResult(METADATA, 10, 10, np.arange(10), tracks)


def track(index: int, count: int) -> Track:
    """A person who moves one pixel to the right in each frame."""
    left = np.arange(count, dtype=np.float32)
    boxes = np.stack([left, left * 0 + 10, left + 20, left * 0 + 50], axis=1)
    return Track(index, np.arange(count), np.arange(count) * 100, boxes, np.ones(count, np.float32))


@pytest.mark.parametrize("name", ["counts.json", "annotated.webm"])
def test_files_about_the_earlier_tracks_are_named(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video, folder = Path("videos/street.mp4"), tmp_path / "street.mp4.paths"
    write_results(result(track(0, 3)), PROVENANCE, video, folder)
    assert capsys.readouterr().err == ""
    (folder / name).touch()

    write_results(result(track(0, 2)), PROVENANCE, video, folder)

    assert capsys.readouterr().err == f"{folder / name} is about the earlier tracks; make it again\n"


def test_every_result_file_is_written(tmp_path: Path) -> None:
    write_results(
        result(track(0, 3), track(1, 2)),
        PROVENANCE,
        Path("videos/street.mp4"),
        tmp_path / "out" / "street.mp4",
    )

    folder = tmp_path / "out" / "street.mp4"
    assert {path.name for path in folder.iterdir()} == set(file_names())
    job = json.loads((folder / "job.json").read_text())
    counts = job.pop("counts")
    assert counts.items() >= {"people": 2, "observations": 5}.items()
    assert counts.keys() == ChunkWriter(None).counts.keys()
    assert job == {
        "status": "SUCCEEDED",
        "video": {"path": "videos/street.mp4"},
        "VideoMetadata": {
            "Codec": "h264",
            "DurationMillis": 1000,
            "Format": "QuickTime / MOV",
            "FrameRate": 10.0,
            "FrameHeight": 100,
            "FrameWidth": 200,
        },
        "provenance": asdict(PROVENANCE) | {"warnings": list(PROVENANCE.warnings)},
    }
    observations = read_observations(folder)
    assert [(line["Person"]["Index"], line["Timestamp"]) for line in observations] == [
        (0, 0),
        (0, 100),
        (0, 200),
        (1, 0),
        (1, 100),
    ]
    assert observations[1]["Person"]["BoundingBox"] == pytest.approx(
        {"Width": 0.1, "Height": 0.4, "Left": 0.005, "Top": 0.1}
    )
    people = json.loads((folder / "people.json").read_text())
    # The middle of the lower edge, as a ratio of the frame.
    assert people[0]["path"] == [[0, 0.05, 0.5], [100, 0.055, 0.5], [200, 0.06, 0.5]]


def test_a_video_without_people_has_empty_results(tmp_path: Path) -> None:
    write_results(result(), PROVENANCE, Path("empty.mp4"), tmp_path / "empty.mp4")

    assert read_observations(tmp_path / "empty.mp4") == []
    assert json.loads((tmp_path / "empty.mp4" / "people.json").read_text()) == []


def test_results_of_more_than_one_page_are_complete(tmp_path: Path) -> None:
    write_results(result(track(0, 1500), track(1, 700)), PROVENANCE, Path("long.mp4"), tmp_path / "long.mp4")

    observations = read_observations(tmp_path / "long.mp4")
    assert [line["Person"]["Index"] for line in observations] == [0] * 1500 + [1] * 700


def test_older_files_are_kept_if_new_ones_cannot_be_completed(tmp_path: Path) -> None:
    folder = tmp_path / "street.mp4"
    folder.mkdir()
    for name in file_names():
        (folder / name).write_text("old")

    with suppress(OSError), replaced_files(folder) as scratch:
        (scratch / "people.json").write_text("new")
        raise OSError("disk full")

    assert {(folder / name).read_text() for name in file_names()} == {"old"}
    assert list(tmp_path.iterdir()) == [folder]


def write_new_files(folder: Path) -> None:
    with replaced_files(folder) as scratch:
        for name in file_names():
            (scratch / name).write_text("new")


@pytest.mark.parametrize("moves_before_the_kill", range(len(file_names())))
def test_a_kill_between_two_moves_leaves_no_job_summary(
    moves_before_the_kill: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "street.mp4"
    folder.mkdir()
    for name in file_names():
        (folder / name).write_text("old")
    moved: list[str] = []
    move = Path.replace

    def move_until_killed(path: Path, target: Path) -> Path:
        if len(moved) == moves_before_the_kill:
            raise KeyboardInterrupt
        moved.append(target.name)
        return move(path, target)

    monkeypatch.setattr(Path, "replace", move_until_killed)

    with suppress(KeyboardInterrupt):
        write_new_files(folder)

    assert moved == list(file_names()[:moves_before_the_kill])
    assert not (folder / "job.json").exists()


def test_the_job_summary_is_replaced_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moved: list[str] = []
    monkeypatch.setattr(Path, "replace", lambda _, target: moved.append(target.name))

    with replaced_files(tmp_path / "street.mp4"):
        pass

    assert moved[-1] == "job.json"
    assert sorted(moved) == sorted(file_names())


def test_a_result_file_is_never_moved_into_a_folder_of_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "street.mp4"
    (folder / "people.json").mkdir(parents=True)

    with pytest.raises(IsADirectoryError):
        write_new_files(folder)

    assert list((folder / "people.json").iterdir()) == []
    assert not (folder / "job.json").exists()


def test_the_folder_may_be_a_link_to_another_place(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "street.mp4").symlink_to("elsewhere")

    write_new_files(tmp_path / "street.mp4")

    assert {path.name for path in (tmp_path / "elsewhere").iterdir()} == set(file_names())
    assert (tmp_path / "street.mp4").is_symlink()


def test_a_folder_that_may_not_be_entered_is_reported_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)

    with pytest.raises(CommandError, match=r"street\.mp4: Permission denied$"):
        result_folder(tmp_path, "street.mp4")


def test_writing_results_needs_neither_botocore_nor_the_pipeline() -> None:
    program = """
import sys
sys.modules.update({"boto3": None, "botocore": None, "people_pathing.pipeline": None})
import people_pathing.cli.result_folder
import people_pathing.results.chunks, people_pathing.results.files.job_summary
import people_pathing.service.result_pages.from_tracks, people_pathing.service.result_pages.layout
"""
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, timeout=60)
