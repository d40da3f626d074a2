"""When a video file was recorded: stated, in its name, or in the file itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from people_pathing.cli.commands import track
from people_pathing.cli.main import main
from people_pathing.cli.tracking.recording import recording_time
from people_pathing.engine import TrackingResult
from people_pathing.results.provenance import Provenance
from people_pathing.results.recording_time import RecordingSource, RecordingTime
from tests.unit.cli.test_track import NOBODY

NINE_IN_BERLIN = int(datetime(2026, 3, 2, 8, tzinfo=UTC).timestamp() * 1000)
TEN_IN_UTC = NINE_IN_BERLIN + 2 * 3_600_000
IN_1904 = int(datetime(1904, 1, 1, tzinfo=UTC).timestamp() * 1000)


def job_json(tmp_path: Path) -> dict[str, object]:
    [path] = tmp_path.glob("out/*/job.json")
    job: dict[str, object] = json.loads(path.read_text())
    return job


@pytest.fixture
def tracked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrackingResult:
    """What every video is tracked to. The file says that it was created at ten o'clock in UTC."""
    result = replace(NOBODY, metadata=replace(NOBODY.metadata, created_ms=TEN_IN_UTC))
    monkeypatch.setattr(track, "_track", lambda _: (result, Provenance()))
    monkeypatch.chdir(tmp_path)
    return result


@pytest.mark.usefixtures("tracked")
@pytest.mark.parametrize(
    ("name", "options", "at", "source"),
    [
        ("20260302_090000.mp4", "--recorded-at 2026-03-02T11:00:00Z", "11", "stated"),
        ("20260302_090000.mp4", "--recorded-at 2026-03-02T12:00 --time-zone Europe/Berlin", "11", "stated"),
        ("20260302_090000.mp4", "--time-zone Europe/Berlin", "08", "name"),
        ("20260302_090000.mp4", "", "09", "name"),
        ("door.mp4", "--time-zone Europe/Berlin", "10", "container"),
    ],
)
def test_job_json_says_when_a_file_was_recorded_and_what_says_so(
    name: str, options: str, at: str, source: str, tmp_path: Path
) -> None:
    Path(name).touch()

    assert main(["track", name, "--out", "out", *options.split()]) == 0

    job = job_json(tmp_path)
    assert job["recorded_at"] == f"2026-03-02T{at}:00:00.000Z"
    assert job["recorded_at_source"] == source


@pytest.mark.parametrize("created_ms", [None, IN_1904])
def test_a_file_that_says_nothing_has_no_time_of_recording(created_ms: int | None) -> None:
    assert recording_time(None, "UTC", "door.mp4", created_ms) is None


def test_milliseconds_of_the_container_are_kept() -> None:
    expected = RecordingTime(NINE_IN_BERLIN + 250, RecordingSource.CONTAINER)

    assert recording_time(None, "UTC", "door.mp4", NINE_IN_BERLIN + 250) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--recorded-at yesterday", "'yesterday' is not a time such as 2026-03-02T09:00:00+01:00"),
        ("--recorded-at 1970-01-01T00:00:00Z", "from 1990 to 2199"),
        ("--time-zone Berlin", "'Berlin' is not a time zone; give an IANA name such as Europe/Berlin"),
        # In UTC it is 1990, in Berlin it is not.
        ("--recorded-at 1990-01-01T00:30 --time-zone Europe/Berlin", "from 1990 to 2199"),
    ],
)
def test_a_time_that_is_not_possible_is_refused_before_the_tracking(
    options: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(track, "_track", lambda _: pytest.fail("the video is tracked"))
    (tmp_path / "door.mp4").touch()

    try:
        status = main(["track", str(tmp_path / "door.mp4"), *options.split()])
    except SystemExit as exit_:
        status = int(exit_.code or 0)

    assert status in (1, 2)
    assert message in capsys.readouterr().err


def test_time_zones_are_known_where_the_system_has_none(tmp_path: Path) -> None:
    program = "from people_pathing.results.recording_time import time_zone; print(time_zone('Europe/Berlin'))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONTZPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == "Europe/Berlin\n", done.stderr
