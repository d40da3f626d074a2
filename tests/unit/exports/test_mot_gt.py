"""MOTChallenge ground truth: the files in the zip file, and what readers of the format get from them."""

import configparser
import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from people_pathing.exports import ExportError, ExportSource, mot_gt
from people_pathing.results.files.job_summary import StoredVideo
from people_pathing.results.provenance import Provenance
from tests.unit.exports.stored import METADATA, seen, store
from tests.unit.exports.walkers import FRAME_RATE, as_rows, from_pixels, results


def exported(folder: Path, persons: list[dict[str, Any]], **changes: Any) -> dict[str, str]:
    """Returns the files in the zip file by name."""
    mot_gt.write(ExportSource(store(folder, persons, **changes)), folder / "gt.zip")
    with zipfile.ZipFile(folder / "gt.zip") as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_the_files_are_those_of_a_sequence(tmp_path: Path) -> None:
    files = exported(tmp_path, [seen(0, 0, (0.25, 0.125, 0.5, 0.25))])

    assert set(files) == {"seqinfo.ini", "gt/gt.txt", "gt/labels.txt"}
    assert files["gt/labels.txt"] == "person\n"
    assert files["gt/gt.txt"] == "1,1,160.00,60.00,320.00,120.00,1,1,1.0\n"


def test_the_sequence_info_is_read_as_trackeval_reads_it(tmp_path: Path) -> None:
    info = configparser.ConfigParser()
    info.read_string(exported(tmp_path, [])["seqinfo.ini"])

    assert info["Sequence"]["name"] == "ramp 1"
    assert int(info["Sequence"]["seqLength"]) == 106
    assert float(info["Sequence"]["frameRate"]) == 25
    assert (info["Sequence"]["imWidth"], info["Sequence"]["imHeight"]) == ("640", "480")


def test_a_name_with_a_line_break_stays_one_line(tmp_path: Path) -> None:
    info = configparser.ConfigParser()
    info.read_string(exported(tmp_path, [], video=StoredVideo("b", "a\nimWidth=1.mp4", None))["seqinfo.ini"])

    assert info["Sequence"]["name"] == "a imWidth=1"
    assert info["Sequence"]["imWidth"] == "640"


def test_frames_between_successive_sampled_frames_are_interpolated_and_gaps_are_not(tmp_path: Path) -> None:
    """Every second frame is sampled. Person 0 is in the frames 0, 2 and 8, person 1 in all of them."""
    persons = [
        *(seen(0, at_ms, (left, 0, 0.25, 0.5)) for at_ms, left in ((0, 0.0), (80, 0.25), (320, 0.5))),
        *(seen(1, at_ms, (0, 0, 0.25, 0.5)) for at_ms in (0, 80, 160, 240, 320)),
    ]

    rows = [row.split(",") for row in exported(tmp_path, persons)["gt/gt.txt"].splitlines()]

    assert [(int(row[0]), float(row[2])) for row in rows if row[1] == "1"] == [
        (1, 0.0),
        (2, 80.0),
        (3, 160.0),
        (9, 320.0),
    ]
    assert [int(row[0]) for row in rows if row[1] == "2"] == list(range(1, 10))


def test_times_of_a_changing_frame_rate_are_refused(tmp_path: Path) -> None:
    stored = store(tmp_path, [seen(0, 0, (0, 0, 1, 1)), seen(1, 10, (0, 0, 1, 1))])

    with pytest.raises(ExportError, match=r"the times 0 and 10 ms are in the same frame .* is not constant"):
        mot_gt.write(ExportSource(stored), tmp_path / "gt.zip")
    assert not (tmp_path / "gt.zip").exists()


def test_an_impossible_time_is_refused_instead_of_filling_the_memory(tmp_path: Path) -> None:
    stored = store(tmp_path, [seen(0, 10**12, (0, 0, 1, 1))])

    with pytest.raises(ExportError, match="1000000000000 ms is not a time of a video"):
        mot_gt.write(ExportSource(stored), tmp_path / "gt.zip")


def test_people_who_are_seen_rarely_are_still_sampled_at_the_known_rate(tmp_path: Path) -> None:
    stored = store(tmp_path, [seen(0, 0, (0, 0, 1, 1))], provenance=Provenance(sample_fps=12.5))

    mot_gt.write(ExportSource(stored), tmp_path / "gt.zip")

    with zipfile.ZipFile(tmp_path / "gt.zip") as archive:
        assert archive.read("gt/gt.txt").decode().count("\n") == 1


@settings(max_examples=40, deadline=None)
@given(results())
def test_the_sampled_frames_of_the_ground_truth_are_what_is_stored(persons: list[dict[str, Any]]) -> None:
    with TemporaryDirectory() as folder:
        text = exported(Path(folder), persons, metadata={**METADATA, "DurationMillis": 2400})["gt/gt.txt"]
    rows = np.loadtxt(io.StringIO(text), delimiter=",", ndmin=2) if text else np.empty((0, 9))
    read = {
        (int(row[1]) - 1, int((row[0] - 1) * 1000 / FRAME_RATE)): from_pixels(
            row[2], row[3], row[2] + row[4], row[3] + row[5]
        )
        for row in rows.tolist()
    }

    assert len(read) == len(rows)
    assert [(index, at_ms, read[index, at_ms]) for index, at_ms, _ in as_rows(persons)] == as_rows(persons)
