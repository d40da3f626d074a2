import argparse
import io
import os
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from people_pathing.cli.errors import CommandError
from people_pathing.cli.main import COMMANDS, INTERRUPTED, build_parser, main
from tests.unit.cli.programs import ROOT, example_words, imported_modules, run_without


@pytest.mark.parametrize("name", COMMANDS.names())
def test_every_module_in_the_folder_is_a_complete_command(name: str) -> None:
    command = COMMANDS.load(name)

    assert command.SUMMARY
    # Longer ones take two lines of the help on a terminal with 80 columns.
    assert len(command.SUMMARY) <= 54
    assert not command.SUMMARY.endswith(".")
    assert f"people-pathing {name}" in command.EXAMPLE
    command.add_arguments(argparse.ArgumentParser())
    assert callable(command.run)


def test_the_help_lists_every_command_with_its_summary(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["--help"])

    assert exit_.value.code == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    width = max(map(len, COMMANDS.names()))
    for name in COMMANDS.names():
        assert f"{name:{width}}  {COMMANDS.load(name).SUMMARY}" in lines


@pytest.mark.parametrize("name", COMMANDS.names())
def test_the_help_of_a_command_shows_its_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main([name, "--help"])

    assert exit_.value.code == 0
    examples = COMMANDS.load(name).EXAMPLE.splitlines()
    heading = "example" if len(examples) == 1 else "examples"
    assert "\n  ".join([f"\n{heading}:", *examples]) + "\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    "example", [line for name in COMMANDS.names() for line in COMMANDS.load(name).EXAMPLE.splitlines()]
)
def test_an_example_can_be_typed_where_its_files_are(
    example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert build_parser().parse_args(example_words(example, tmp_path)).run


def test_the_version_is_that_of_the_installed_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"people-pathing {version('people-pathing')}\n"


def test_without_a_command_the_help_is_printed_with_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert capsys.readouterr().err == build_parser().format_help()


def test_an_unknown_command_ends_with_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["walk"])

    assert exit_.value.code == 2
    assert "walk" in capsys.readouterr().err


def test_an_expected_error_is_one_line_without_control_characters(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: argparse.Namespace) -> int:
        raise CommandError("no video \x1b[2J")

    monkeypatch.setattr(COMMANDS.load("jobs"), "run", fail)

    assert main(["jobs"]) == 1
    assert capsys.readouterr().err == "error: no video \\x1b[2J\n"


def test_an_unexpected_error_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: argparse.Namespace) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(COMMANDS.load("jobs"), "run", fail)

    with pytest.raises(ZeroDivisionError):
        main(["jobs"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_stops_a_command_and_the_handlers_are_restored(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    cleaned_up = []

    def wait(_: argparse.Namespace) -> int:
        try:
            signal.raise_signal(number)
        finally:
            cleaned_up.append(True)
        return 0

    monkeypatch.setattr(COMMANDS.load("jobs"), "run", wait)

    assert main(["jobs"]) == INTERRUPTED
    assert cleaned_up == [True]
    assert capsys.readouterr().err == "stopped\n"
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == before


_WAIT_FOR_A_SIGNAL = """
import time
from people_pathing.cli.main import COMMANDS, main

def wait(_):
    print("waiting", flush=True)
    # A signal that arrives just before a sleep begins is handled at its end.
    for _ in range(600):
        time.sleep(0.1)

COMMANDS.load("jobs").run = wait
raise SystemExit(main(["jobs"]))
"""


def test_a_command_stops_on_sigint_although_its_parent_process_ignores_it() -> None:
    original = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", _WAIT_FOR_A_SIGNAL],
            env={**os.environ, "PYTHONPATH": str(ROOT / "functions")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, original)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)

    assert (process.returncode, errors) == (INTERRUPTED, "stopped\n")


def test_characters_that_the_terminal_lacks_are_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    def show(_: argparse.Namespace) -> int:
        print("straße.mp4")
        return 0

    terminal = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(terminal, "ascii"))
    monkeypatch.setattr(COMMANDS.load("jobs"), "run", show)

    assert main(["jobs"]) == 0
    assert terminal.getvalue() == b"stra\\xdfe.mp4\n"


def test_a_reader_that_ends_early_ends_the_command_without_a_traceback() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "people_pathing.cli.main", "models"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "functions")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""

    assert process.returncode == 1


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["track", "--help"]], ids=" ".join)
def test_version_and_help_import_no_heavy_library(arguments: list[str]) -> None:
    completed = run_without([], *arguments)

    imported = {name.partition(".")[0] for name in imported_modules(completed)}
    assert imported & {"numpy", "boto3", "botocore", "rich", "cv2", "av", "onnx", "devstack"} == set()
