"""`people-pathing check-count` beside the counts that `people-pathing count` writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from people_pathing.cli.main import main
from tests.unit.cli.test_count import Store, store, zones

__all__ = ["store", "zones"]


@pytest.fixture
def counts(store: Store, zones: Path, tmp_path: Path) -> Path:
    """Two people cross the door in the first quarter of an hour."""
    folder = store(people=2, recorded_at="2026-03-02T08:00:00.000Z")
    assert main(["count", str(folder), "--zones", str(zones), "--out", str(tmp_path / "out")]) == 0
    return tmp_path / "out" / "street.mp4" / "counts.json"


def tally(folder: Path, *rows: str) -> str:
    path = folder / "tally.csv"
    # As a spreadsheet saves it.
    path.write_text("\ufeff" + "\r\n".join(["interval,section,direction,count", *rows]), "utf-8")
    return str(path)


def test_few_intervals_give_the_differences_only(
    counts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ("2026-03-02 09:00,door,in,3", "2026-03-02 09:00,door,out,0", "2026-03-02 09:00,till,,1")
    capsys.readouterr()

    assert main(["check-count", tally(tmp_path, *rows), "--counts", str(counts)]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "interval                   section   ours  by hand  difference",
        "2026-03-02T09:00:00+01:00  door in      2        3          -1",
        "2026-03-02T09:00:00+01:00  door out     0        0           0",
        "2026-03-02T09:00:00+01:00  till         2        1          +1",
        "all                                     4        4           0",
        "the error is shown from 10 intervals on; these are 1",
    ]


def ten_intervals(counts: Path) -> list[str]:
    """Repeats the only interval of counts.json ten times, and returns a tally with five people more."""
    document = json.loads(counts.read_text())
    [first] = document["intervals"]
    document["intervals"] = [{**first, "interval": f"0:{minute:02}:00"} for minute in range(10)]
    counts.write_text(json.dumps(document))
    return [f"0:{minute:02}:00,door,in,{2 if minute % 2 else 3}" for minute in range(10)]


def test_ten_intervals_give_the_error_and_how_certain_it_is(
    counts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ten_intervals(counts)
    capsys.readouterr()

    assert main(["check-count", tally(tmp_path, *rows), "--counts", str(counts)]) == 0

    # 5 of 25 are missing.
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("error: 20.0% of the tally; 95% interval from ")
    assert last.endswith(" (bootstrap over 10 intervals)")


def test_the_comparison_is_printed_as_json(
    counts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tally(tmp_path, "2026-03-02 09:00,door,,3")
    capsys.readouterr()

    assert main(["check-count", path, "--counts", str(counts), "--json"]) == 0

    assert json.loads(capsys.readouterr().out) == {
        "counts": [
            {
                "interval": "2026-03-02T09:00:00+01:00",
                "section": "door",
                "direction": "",
                "ours": 2,
                "tally": 3,
            }
        ],
        "error": None,
    }


def test_the_error_is_in_the_json_of_ten_intervals(
    counts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ten_intervals(counts)
    capsys.readouterr()

    assert main(["check-count", tally(tmp_path, *rows), "--counts", str(counts), "--json"]) == 0

    error = json.loads(capsys.readouterr().out)["error"]
    assert error["share"] == 0.2
    assert 0 <= error["low"] < 0.2 < error["high"] <= 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("nothing", "counts.json is not the counts.json that `people-pathing count --out` writes: it is not"),
        ("[]", "writes: it is not an object with the version 1"),
        ("{}", "writes: it is not an object with the version 1"),
        ("[" * 100_000, "writes: it is not JSON"),
        ('{"version": 1, "interval_minutes": 15}', "writes: intervals is missing"),
        (
            '{"version": 1, "interval_minutes": 15, "intervals": {}}',
            "writes: intervals is {}; it must be a list",
        ),
    ],
)
def test_a_file_that_has_no_counts_is_named(
    content: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "counts.json").write_text(content)

    assert main(["check-count", tally(tmp_path), "--counts", str(tmp_path / "counts.json")]) == 1
    assert message in capsys.readouterr().err


def test_a_file_of_counts_that_is_no_text_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "counts.json").write_bytes(b"\xff\xfe{\0")

    assert main(["check-count", tally(tmp_path), "--counts", str(tmp_path / "counts.json")]) == 1
    assert "counts.json is not UTF-8 text" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("interval,section,count\n".encode("utf-16"), "is not UTF-8 text; save it as UTF-8"),
        (b"interval,section,count\n2026-03-02 09:00,do\0or,1\n", "it has NUL bytes"),
        (b"interval,section,section,count\n", "has the column section twice"),
        (b'interval,section,count\n2026-03-02 09:00,"' + b"x" * 200_000, "is not CSV"),
    ],
)
def test_a_tally_that_is_no_table_is_named(
    content: bytes, message: str, counts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tally.csv").write_bytes(content)

    assert main(["check-count", str(tmp_path / "tally.csv"), "--counts", str(counts)]) == 1
    error = capsys.readouterr().err
    assert f"error: {tmp_path / 'tally.csv'}" in error
    assert message in error


def test_a_wrong_row_is_named_with_the_file(
    counts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tally(tmp_path, "2026-03-02 09:00,gate,,3")

    assert main(["check-count", path, "--counts", str(counts)]) == 1
    assert f"error: {path}: line 2: there is no zone or line 'gate'" in capsys.readouterr().err
