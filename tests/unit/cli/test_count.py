"""`people-pathing count` on result folders and files of observations."""

from __future__ import annotations

import csv
import gzip
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from people_pathing.analysis import count_files
from people_pathing.analysis.floor.homography import fit_homography
from people_pathing.analysis.zones_file.sections import CalibrationPoint
from people_pathing.cli.main import main
from people_pathing.results.chunks import ChunkWriter
from people_pathing.results.files.job_summary import JobSummary, VideoFile
from people_pathing.results.observation import observations_in
from people_pathing.results.provenance import Provenance

METADATA = {"DurationMillis": 2000, "FrameWidth": 800, "FrameHeight": 400}
ZONES: dict[str, Any] = {
    "version": 1,
    "timezone": "Europe/Berlin",
    "zones": [{"name": "till", "polygon": [[0.5, 0.25], [0.875, 0.25], [0.875, 0.75], [0.5, 0.75]]}],
    "lines": [{"name": "door", "start": [0.25, 0], "end": [0.25, 1]}],
}
# From x = 0.125 to 0.75: through the door (in) and to the till.
PLACES = (0.125, 0.125, 0.125, 0.375, 0.375, 0.375, 0.75, 0.75, 0.75)
CORNERS = (
    CalibrationPoint((0.0, 0.0), (0.0, 0.0)),
    CalibrationPoint((1.0, 0.0), (8.0, 0.0)),
    CalibrationPoint((1.0, 1.0), (8.0, 4.0)),
    CalibrationPoint((0.0, 1.0), (0.0, 4.0)),
)
CALIBRATION = {
    "points": [{"image": one.image, "floor_m": one.floor_m} for one in CORNERS],
    "homography": fit_homography(CORNERS),
}


def persons(people: int = 1) -> list[dict[str, Any]]:
    return [
        {
            "Timestamp": 100 * number,
            "Person": {
                "Index": index,
                "BoundingBox": {"Left": x - 0.0625, "Top": 0.25, "Width": 0.125, "Height": 0.25},
            },
        }
        for index in range(people)
        for number, x in enumerate(PLACES)
    ]


Store = Callable[..., Path]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Writes the result files of a video into a folder."""

    def write(name: str = "street.mp4", people: int = 1, **members: Any) -> Path:
        folder = tmp_path / "results" / name
        folder.mkdir(parents=True)
        writer = ChunkWriter(None)
        writer.add(observations_in(persons(people)))
        summary = JobSummary(VideoFile(f"videos/{name}"), METADATA, writer.counts, Provenance())
        for file, content in writer.end().pieces.items():
            (folder / file).write_bytes(content)
        document = {**json.loads(summary.content()), **members}
        (folder / "job.json").write_text(json.dumps(document))
        return folder

    return write


@pytest.fixture
def zones(tmp_path: Path) -> Path:
    path = tmp_path / "zones.json"
    path.write_text(json.dumps(ZONES))
    return path


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_counts_of_a_folder_are_printed(
    store: Store, zones: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["count", str(store(people=2)), "--zones", str(zones)]) == 0

    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["videos/street.mp4:", "2", "people,", "at", "most", "2", "at", "once"] in lines
    # From 533 ms on, interpolated between 0.375 and 0.75, until 800 ms.
    assert ["till", "2", "2", "0.3", "s", "0.3", "s", "0.27", "2"] in lines
    assert ["door", "2", "2", "0"] in lines
    assert ["door", "till", "2"] in lines


def test_the_files_are_written_beside_the_results(store: Store, zones: Path) -> None:
    folder = store(recorded_at="2026-03-02T08:00:00.500Z")

    assert main(["count", str(folder), "--zones", str(zones), "--out", str(folder.parent)]) == 0
    assert {path.name for path in folder.iterdir()} == {
        *("observations.jsonl.gz", "people.json", "job.json"),
        *("counts.json", "events.csv", "intervals.csv", "flows.csv"),
        "report.html",
    }
    events = table(folder / "events.csv")
    assert [(row["event"], row["section"], row["at_ms"], row["at_utc"]) for row in events] == [
        ("cross", "door", "250", "2026-03-02T08:00:00.750Z"),
        ("enter", "till", "533", "2026-03-02T08:00:01.033Z"),
        ("exit", "till", "800", "2026-03-02T08:00:01.300Z"),
    ]
    assert tuple(events[0]) == count_files.EVENT_COLUMNS
    intervals = table(folder / "intervals.csv")
    assert [(row["interval"], row["section_type"], row["section"]) for row in intervals] == [
        ("2026-03-02T09:00:00+01:00", "picture", ""),
        ("2026-03-02T09:00:00+01:00", "zone", "till"),
        ("2026-03-02T09:00:00+01:00", "line", "door"),
    ]
    assert intervals[2]["in"] == "1"
    assert table(folder / "flows.csv")[0]["destination"] == "till"
    counts = json.loads((folder / "counts.json").read_text())
    assert counts["recorded_at"] == "2026-03-02T08:00:00.500Z"
    assert counts["lines"] == [{"name": "door", "people": 1, "in": 1, "out": 0}]
    assert counts["people"] == [{"person": 0, "first_ms": 0, "last_ms": 800, "seen_ms": 800}]


def test_with_a_calibration_the_counts_are_in_metres(store: Store, zones: Path) -> None:
    zones.write_text(json.dumps({**ZONES, "calibration": CALIBRATION}))
    folder = store()

    assert main(["count", str(folder), "--zones", str(zones), "--out", str(folder.parent)]) == 0
    counts = json.loads((folder / "counts.json").read_text())
    assert counts["reprojection_error_m"] == {"mean": 0.0, "max": 0.0}
    # 0.375 of 8 m by 0.5 of 4 m.
    assert counts["zones"][0]["area_m2"] == 6.0
    assert counts["zones"][0]["density_per_m2"] == pytest.approx(
        counts["zones"][0]["occupancy_mean"] / 6, abs=1e-4
    )
    # 0.625 of 8 m in 0.8 s.
    assert counts["people"][0]["distance_m"] == 5.0
    assert counts["people"][0]["speed_m_per_s"] == 6.25
    assert (table(folder / "events.csv")[0]["x_m"], table(folder / "events.csv")[0]["y_m"]) == ("2.0", "2.0")
    assert table(folder / "floor_paths.csv")[-1] == {
        "person": "0",
        "at_ms": "800",
        "x_m": "6.000",
        "y_m": "2.000",
    }


def test_distances_and_densities_are_printed(
    store: Store, zones: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    zones.write_text(json.dumps({**ZONES, "calibration": CALIBRATION}))

    assert main(["count", str(store(people=2)), "--zones", str(zones)]) == 0
    out = capsys.readouterr().out
    assert "walked: 10.0 m, 6.25 m/s on average; error of the calibration: at most 0.00 m" in out
    assert "till: 6.0 m²" in out


def test_only_the_largest_flows_are_printed(
    store: Store, zones: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        {"name": f"line {number}", "start": [0.2 + number / 100, 0], "end": [0.2 + number / 100, 1]}
        for number in range(6)
    ]
    zones.write_text(json.dumps({"version": 1, "lines": lines}))

    assert main(["count", str(store()), "--zones", str(zones)]) == 0
    out = capsys.readouterr().out
    assert len(re.findall(r"^line \d  line \d +1$", out, re.MULTILINE)) == 10
    assert out.endswith("and 5 smaller flows; --out writes all of them\n")


def test_older_outputs_stay_if_counting_fails(
    store: Store, zones: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = store()
    command = ["count", str(folder), "--zones", str(zones), "--out", str(folder.parent)]
    assert main(command) == 0
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    data = before["observations.jsonl.gz"]
    (folder / "observations.jsonl.gz").write_bytes(data[: len(data) // 2])

    assert main(command) == 1
    assert "observations.jsonl.gz: the file is damaged or incomplete" in capsys.readouterr().err
    (folder / "observations.jsonl.gz").write_bytes(data)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_several_videos_are_printed_as_one_array(
    store: Store, zones: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [str(store("one.mp4")), str(store("two.mp4", people=3))]

    assert main(["count", *folders, "--zones", str(zones), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(one["video"], one["picture"]["people"]) for one in found] == [
        ("videos/one.mp4", 1),
        ("videos/two.mp4", 3),
    ]


def test_a_file_of_observations_needs_the_size_of_the_frame(
    tmp_path: Path, zones: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "some.jsonl.gz"
    path.write_bytes(gzip.compress(b"".join(json.dumps(one).encode() + b"\n" for one in persons())))

    assert main(["count", str(path), "--zones", str(zones)]) == 1
    assert "--frame-size 1920x1080" in capsys.readouterr().err
    assert main(["count", str(path), "--zones", str(zones), "--frame-size", "800x400", "--json"]) == 0
    [counts] = json.loads(capsys.readouterr().out)
    assert counts["lines"][0]["in"] == 1
    assert counts["duration_ms"] == 801


@pytest.mark.parametrize("content", [b"", b"RIFF....AVI ", b"\0\0\0 ftypisom", b"[\n"])
def test_a_video_is_not_taken_for_its_observations(
    content: bytes, tmp_path: Path, zones: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "street.mp4").write_bytes(content)

    assert main(["count", str(tmp_path / "street.mp4"), "--zones", str(zones)]) == 1
    assert capsys.readouterr().err == (
        f"error: {tmp_path / 'street.mp4'} is not a file of observations; give a folder with result files, "
        "such as street.mp4.paths\n"
    )


def test_a_key_without_a_stack_is_told_from_a_file(zones: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["count", "cam7/door.mp4", "--zones", str(zones)]) == 1
    assert "there is no cam7/door.mp4" in (error := capsys.readouterr().err)
    assert "or --stack-name for the key of a video" in error


def test_observations_beside_job_json_are_counted_like_their_folder(
    store: Store, zones: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = store()

    assert main(["count", str(folder), "--zones", str(zones)]) == 0
    whole = capsys.readouterr().out
    assert main(["count", str(folder / "observations.jsonl.gz"), "--zones", str(zones)]) == 0
    assert capsys.readouterr().out == whole


def test_the_time_of_recording_can_be_stated_for_one_video(
    store: Store, zones: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = str(store("one.mp4")), str(store("two.mp4"))
    stated = ["--zones", str(zones), "--recorded-at", "2026-03-02T09:00+01:00", "--json"]

    assert main(["count", one, *stated]) == 0
    [counts] = json.loads(capsys.readouterr().out)
    assert counts["recorded_at"] == "2026-03-02T08:00:00.000Z"
    assert main(["count", one, two, *stated]) == 1
    assert "--recorded-at is for one video" in capsys.readouterr().err


def test_masks_are_said_to_need_new_tracking(
    store: Store, zones: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(store())
    assert main(["count", folder, "--zones", str(zones)]) == 0
    unmasked = capsys.readouterr()
    masks = [{"name": "street", "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]}]
    zones.write_text(json.dumps({**ZONES, "masks": masks}))

    assert main(["count", folder, "--zones", str(zones)]) == 0
    masked = capsys.readouterr()
    assert "masks" not in unmasked.err
    assert "they need new tracking" in masked.err
    assert masked.out == unmasked.out


def test_a_wrong_file_of_zones_is_named(
    store: Store, zones: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    zones.write_text(
        json.dumps({**ZONES, "zones": [{"name": "till", "polygon": [[0, 0], [1, 0], [640, 480]]}]})
    )

    assert main(["count", str(store()), "--zones", str(zones)]) == 1
    error = capsys.readouterr().err
    assert f'{zones}: zone "till": vertex 3 is [640, 480]' in error


def test_a_file_of_zones_that_is_not_utf8_is_named(
    store: Store, zones: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    zones.write_bytes(b'{"version": 1, "zones": "\xff"}')

    assert main(["count", str(store()), "--zones", str(zones)]) == 1
    assert f"{zones} is not UTF-8 text" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_place_without_results_is_named(
    tmp_path: Path, zones: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / "empty").mkdir()

    assert main(["count", str(tmp_path / name), "--zones", str(zones)]) == 1
    assert str(tmp_path / name) in capsys.readouterr().err


def test_counts_of_folders_of_one_name_go_to_folders_that_are_named_like_those_above(
    store: Store, zones: Path, tmp_path: Path
) -> None:
    names = ("a/street.mp4", "b/street.mp4", "c/a/street.mp4", "yard.mp4")
    folders = [str(store(name)) for name in names]

    assert main(["count", *folders, "--zones", str(zones), "--out", str(tmp_path / "out")]) == 0

    written = {path.parent.relative_to(tmp_path / "out") for path in tmp_path.rglob("counts.json")}
    assert written == {
        *(Path(name) for name in ("results/a/street.mp4", "b/street.mp4", "c/a/street.mp4", "yard.mp4")),
    }


@pytest.mark.parametrize("again", ["", "/", "/../street.mp4", "/observations.jsonl.gz"])
def test_results_that_are_given_twice_are_counted_once(
    again: str, store: Store, zones: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = store()

    assert main(["count", str(folder), f"{folder}{again}", "--zones", str(zones), "--json"]) == 0

    output = capsys.readouterr()
    assert len(json.loads(output.out)) == 1
    assert output.err == f"{folder} is given twice, and counted once\n"


def test_a_folder_and_the_folder_around_it_are_counted_once(
    store: Store, zones: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = store()

    assert main(["count", str(folder.parent), str(folder), "--zones", str(zones), "--json"]) == 0

    assert len(json.loads(capsys.readouterr().out)) == 1


@pytest.mark.parametrize("time", ["9998-12-31T23:59:59Z", "2200-01-01"])
def test_a_time_of_recording_that_cannot_be_is_refused_in_the_results_too(
    time: str, store: Store, zones: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["count", str(store(recorded_at=time)), "--zones", str(zones)]) == 1
    assert f"'{time}' is not a time such as 2026-03-02T09:00:00+01:00 from 1990" in capsys.readouterr().err


def test_a_video_that_would_have_millions_of_intervals_is_refused(
    store: Store, zones: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(store(VideoMetadata={**METADATA, "DurationMillis": 10**15}))

    assert main(["count", folder, "--zones", str(zones), "--interval", "1"]) == 1
    assert "DurationMillis is 1000000000000000; it must be from 0 to 2678400000" in capsys.readouterr().err


def test_no_output_replaces_the_file_of_zones(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = store()
    zones = folder / "counts.json"
    zones.write_text(json.dumps(ZONES))

    assert main(["count", str(folder), "--zones", str(zones), "--out", str(folder.parent)]) == 1
    assert "is the file of zones itself" in capsys.readouterr().err
    assert json.loads(zones.read_text()) == ZONES


@pytest.mark.parametrize("time", ["9999-12-31T23:59Z", "2200-01-01", "1989-12-31", "1969-12-31", "soon"])
def test_a_time_of_recording_that_cannot_be_is_refused(
    store: Store, zones: Path, capsys: pytest.CaptureFixture[str], time: str
) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["count", str(store()), "--zones", str(zones), "--recorded-at", time])

    assert exit_.value.code == 2
    assert time in capsys.readouterr().err


@pytest.mark.parametrize("size", ["1920", "0x100", "1920*1080", "-1x5", ""])
def test_a_size_that_is_none_is_refused(
    store: Store, zones: Path, capsys: pytest.CaptureFixture[str], size: str
) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["count", str(store()), "--zones", str(zones), f"--frame-size={size}"])

    assert exit_.value.code == 2
    assert "is not a size in pixels such as 1920x1080" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("key", "parts", "expected"),
    [
        ("lobby/ramp 1.mp4", "lobby/ramp 1.mp4/v1", "lobby/ramp 1.mp4/v1"),
        # The user has moved or renamed the folder.
        ("lobby/ramp 1.mp4", "ramp 1.mp4/v1", "v1"),
        ("../../ramp.mp4", "ramp.mp4/v1", "v1"),
    ],
)
def test_counts_of_a_copy_of_the_results_bucket_go_to_its_key_and_version(
    key: str, parts: str, expected: str, store: Store, zones: Path, tmp_path: Path
) -> None:
    folder = store(parts, video={"bucket": "videos", "key": key, "version": "v1"})

    assert main(["count", str(folder), "--zones", str(zones), "--out", str(tmp_path / "counted")]) == 0

    [written] = tmp_path.rglob("counts.json")
    assert written == tmp_path / "counted" / expected / "counts.json"


@pytest.mark.parametrize("kept", [0, 5])
def test_observations_that_are_missing_are_an_error(
    store: Store, zones: Path, kept: int, capsys: pytest.CaptureFixture[str]
) -> None:
    observations = store() / "observations.jsonl.gz"
    lines = gzip.decompress(observations.read_bytes()).splitlines(keepends=True)
    observations.write_bytes(gzip.compress(b"".join(lines[:kept])))

    assert main(["count", str(observations.parent), "--zones", str(zones)]) == 1
    assert f"the file has {kept} observations, but job.json says 9" in capsys.readouterr().err


def test_the_original_results_of_a_reviewed_video_are_not_counted(
    store: Store, zones: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = store(people=2)
    shutil.copytree(store("first"), folder / "original")

    assert main(["count", str(folder.parent), "--zones", str(zones)]) == 0
    assert capsys.readouterr().out.count("street.mp4: 2 people") == 1


def test_positions_on_the_floor_disappear_with_the_calibration(store: Store, zones: Path) -> None:
    folder = store()
    command = ["count", str(folder), "--zones", str(zones), "--out", str(folder.parent)]
    calibrated = json.dumps({**ZONES, "calibration": CALIBRATION})
    for text, is_there in ((calibrated, True), (json.dumps(ZONES), False)):
        zones.write_text(text)

        assert main(command) == 0
        assert (folder / "floor_paths.csv").exists() is is_there
