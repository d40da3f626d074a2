import os
from pathlib import Path

import pytest

from tests.unit.cli.programs import run_here


@pytest.mark.parametrize(
    "arguments", [("--vers",), ("models", "--hel"), ("track", __file__, "--mo", "y.txt")]
)
def test_an_abbreviated_option_is_rejected(arguments: tuple[str, ...]) -> None:
    completed = run_here(*arguments)

    assert completed.returncode == 2
    assert "error: unrecognized arguments: --" in completed.stderr


def test_what_the_user_typed_is_escaped_in_an_error() -> None:
    completed = run_here("track", os.fsdecode(b"stra\xdfe\x1b[2J.mp4"))

    assert completed.returncode == 2
    assert completed.stderr.endswith("error: argument VIDEO: there is no file stra\\xdfe\\x1b[2J.mp4\n")


@pytest.mark.parametrize("command", ["annotate", "count", "export", "open", "track"])
def test_a_file_whose_name_starts_with_a_hyphen_is_written_with_its_folder(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "./-lead.mp4" not in run_here(command, "-lead.mp4").stderr
    Path("-lead.mp4").touch()

    completed = run_here(command, "-lead.mp4")

    assert completed.returncode == 2
    assert "; if -lead.mp4 is a file, write ./-lead.mp4" in completed.stderr
