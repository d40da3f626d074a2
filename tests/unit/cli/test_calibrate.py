"""`people-pathing calibrate` writes where the floor is into zones.json."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from people_pathing.analysis.floor.homography import floor_position
from people_pathing.analysis.zones_file.reading import read_zones
from people_pathing.cli.commands import calibrate
from people_pathing.cli.main import main

CORNERS = ["--corners", "0.1,0.9", "0.9,0.9", "0.75,0.2", "0.25,0.2"]
RECTANGLE = [*CORNERS, "--width", "4", "--depth", "6"]
DIAGONAL = str(52**0.5)


def position(path: Path, x: float, y: float) -> tuple[float, float]:
    calibration = read_zones(path.read_text("utf-8")).calibration
    assert calibration is not None
    return floor_position(calibration.homography, (x, y))


def test_a_rectangle_creates_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "zones.json"

    assert main(["calibrate", str(path), *RECTANGLE]) == 0
    assert position(path, 0.75, 0.2) == pytest.approx((4, 6))
    assert "four points always fit" in capsys.readouterr().out


def test_the_rest_of_the_file_stays_and_an_older_calibration_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "zones.json"
    zones = {"version": 1, "masks": [{"name": "street", "polygon": [[0, 0], [1, 0], [1, 1]]}]}
    path.write_text(json.dumps({**zones, "calibration": {"points": "wrong"}}))

    assert main(["calibrate", str(path), *RECTANGLE]) == 0
    document = json.loads(path.read_text())
    del document["calibration"]
    assert document == zones


def test_distances_are_as_good_as_a_rectangle(tmp_path: Path) -> None:
    path = tmp_path / "zones.json"

    assert (
        main(["calibrate", str(path), *CORNERS, "--distances", "4", "6", "4", "6", DIAGONAL, DIAGONAL]) == 0
    )
    assert position(path, 0.75, 0.2) == pytest.approx((4, 6))


def test_known_points_are_enough_and_more_than_four_show_the_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "zones.json"
    known = ["0.1,0.9=0,0", "0.9,0.9=4,0", "0.75,0.2=4,6", "0.25,0.2=0,6", "0.5,0.9=2.2,0"]

    assert main(["calibrate", str(path), *(f"--point={point}" for point in known)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    errors_m = {line[0]: float(line[-1]) for line in lines if line[0] in set("12345")}
    # The fifth point is 20 cm away from where the others put it.
    assert max(errors_m, key=lambda point: errors_m[point]) == "5"
    assert 0.05 < errors_m["5"] < 0.2
    assert f"max {errors_m['5']:.2f} m" in " ".join(" ".join(line) for line in lines)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "there are 0 points; give --corners, or --point at least 4 times"),
        (["--point", "0.1,0.9=0,0"], "there are 1 points"),
        (["--width", "4"], "need --corners"),
        (CORNERS, "--corners needs either --width and --depth of a rectangle, or six --distances"),
        ([*CORNERS, "--width", "4"], "--corners needs either --width and --depth"),
        ([*RECTANGLE, "--distances", *"123456"], "--corners needs either --width and --depth"),
        (
            ["--corners", "0.1,0.9", "0.75,0.2", "0.9,0.9", "0.25,0.2", "--width", "4", "--depth", "6"],
            "--corners: the sides cross",
        ),
        (
            ["--corners", "0.1,0.9", "0.9,0.9", "0.6,0.5", "0.4,0.5", "--width", "4", "--depth", "6"],
            "the horizon of these points leads through the frame",
        ),
        ([*CORNERS, "--distances", "1", "1", "1", "1", "5", "5"], "make no triangle"),
    ],
)
def test_what_cannot_be_fitted_is_refused_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    path = tmp_path / "zones.json"

    assert main(["calibrate", str(path), *arguments]) == 1
    assert message in capsys.readouterr().err
    assert not path.exists()


def test_a_wrong_file_is_not_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "zones.json"
    path.write_text('{"version": 1, "zones": 5}')

    assert main(["calibrate", str(path), *RECTANGLE]) == 1
    assert f'{path}: "zones" must be a list' in capsys.readouterr().err
    assert path.read_text() == '{"version": 1, "zones": 5}'


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("--point=0.1", "is not a point such as"),
        ("--point=0.1,0.9=1", "is not a pair of numbers such as 1.5,3"),
        ("--point=1.1,0.9=1,1", "is not in the frame"),
        ("--point=nan,0.9=1,1", "is not a pair of numbers such as 0.25,0.9"),
        ("--width=0", "is not a length in metres above 0"),
        ("--width=inf", "is not a length in metres above 0"),
    ],
)
def test_an_argument_that_is_wrong_by_itself_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], argument: str, message: str
) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["calibrate", str(tmp_path / "zones.json"), argument])

    assert exit_.value.code == 2
    assert message in capsys.readouterr().err


def test_the_example_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(calibrate.EXAMPLE.split()[1:]) == 0
