import os
import subprocess
import sys
from pathlib import Path

import pytest

from people_pathing.cli.main import main
from people_pathing.cli.streams import prepare_streams
from tests.unit.cli.programs import ROOT


def in_a_shell(command: str) -> subprocess.CompletedProcess[str]:
    """Runs the program with the redirections of a shell, where only the streams differ from another run."""
    return subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -m people_pathing.cli.main {command}'],
        env={**os.environ, "PYTHONPATH": str(ROOT / "functions")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("name", ["stdin", "stdout", "stderr"])
def test_a_closed_stream_is_opened_and_leads_nowhere(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, name, None)

    prepare_streams()

    with getattr(sys, name) as stream:
        assert stream.name == os.devnull
        if name != "stdin":
            print("\udcdf", file=stream)


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("models 2>&-", 0),
        ("models >&-", 0),
        ("models <&- >&- 2>&-", 0),
        ("models 2>/dev/full", 0),
        ("models nowhere 2>/dev/full", 1),
        ("2>/dev/full", 2),
    ],
)
def test_the_status_does_not_depend_on_a_stream_that_is_not_needed(command: str, status: int) -> None:
    completed = in_a_shell(command)

    assert (completed.returncode, completed.stderr) == (status, "")


def test_errors_do_not_move_to_standard_output_when_standard_error_is_closed() -> None:
    completed = in_a_shell("models nowhere 2>&-")

    assert (completed.returncode, completed.stdout) == (1, "")


@pytest.mark.parametrize("command", ["models", "--version"])
def test_a_full_disk_is_reported_in_one_line(command: str) -> None:
    completed = in_a_shell(f"{command} >/dev/full")

    assert completed.returncode == 1
    assert completed.stderr == "error: the output cannot be written (No space left on device)\n"


@pytest.mark.parametrize("command", [["--help"], ["track", "--help"]], ids=" ".join)
def test_a_help_text_that_cannot_be_written_is_an_error(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert main(command) == 1

    assert capsys.readouterr().err == "error: the output cannot be written (No space left on device)\n"
