import json
from pathlib import Path

import pytest

from people_pathing.cli.listings.people import PersonSummary, print_people, read_people


def test_a_path_is_measured_in_diagonals_of_the_frame(tmp_path: Path) -> None:
    (tmp_path / "job.json").write_text(json.dumps({"VideoMetadata": {"FrameWidth": 300, "FrameHeight": 400}}))
    person = {
        "index": 3,
        "first_seen_ms": 100,
        "last_seen_ms": 61_500,
        "dwell_ms": 2_500,
        # 300 pixels to the right, then 400 pixels down; the diagonal has 500.
        "path": [[100, 0.0, 0.0], [200, 1.0, 0.0], [61_500, 1.0, 1.0]],
    }
    (tmp_path / "people.json").write_text(json.dumps([person]))

    assert read_people(tmp_path) == [PersonSummary(3, 100, 61_500, 2.5, 1.4)]


def test_times_are_shown_in_minutes_and_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    print_people([PersonSummary(3, 100, 61_500, 2.5, 1.4), PersonSummary(10, 0, 600_000, 600, 0.05)])

    assert capsys.readouterr().out.splitlines() == [
        "person  first seen  last seen  visible                walked",
        "     3      0:00.1     1:01.5    2.5 s  140% of the diagonal",
        "    10      0:00.0    10:00.0  600.0 s    5% of the diagonal",
    ]


def test_a_video_without_people_gets_a_line_that_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    print_people([])

    assert capsys.readouterr().out.splitlines() == [
        "person  first seen  last seen  visible  walked",
        "no people found",
    ]
