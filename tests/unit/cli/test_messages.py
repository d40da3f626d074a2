import ast
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from people_pathing import cli
from people_pathing.cli.errors import CommandError
from people_pathing.cli.messages import flush_output, printable, say, show
from people_pathing.cli.streams import settle_streams


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("straße.mp4", "straße.mp4"),
        (os.fsdecode(b"stra\xdfe.mp4"), "stra\\xdfe.mp4"),
        # What Python makes of a UTF-8 name if the locale's encoding is ASCII.
        (b"stra\xc3\x9fe.mp4".decode("ascii", "surrogateescape"), "straße.mp4"),
        ("\ud800.mp4", "\\ud800.mp4"),
        ("a\x1b[2J\n.mp4", "a\\x1b[2J\\n.mp4"),
    ],
)
def test_what_a_terminal_cannot_show_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(shown) == shown


@pytest.mark.parametrize(("printer", "stream"), [(say, "err"), (show, "out")])
def test_newlines_and_escape_sequences_in_a_line_are_escaped(
    printer: Callable[..., None], stream: str, capsys: pytest.CaptureFixture[str]
) -> None:
    printer("one\x1b[2J\ntwo\r", "three")

    assert getattr(capsys.readouterr(), stream) == "one\\x1b[2J\\ntwo\\r\nthree\n"


def test_only_tables_and_help_texts_print_without_escaping() -> None:
    printers = {"print", "write", "writelines", "show_formatted", "print_help"}
    found = {
        (path.name, node.func.id if isinstance(node.func, ast.Name) else node.func.attr)
        for path in Path(cli.__path__[0]).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name | ast.Attribute)
        and (node.func.id if isinstance(node.func, ast.Name) else node.func.attr) in printers
    }

    assert found == {
        ("messages.py", "print"),
        ("messages.py", "show_formatted"),
        # The cells are escaped one by one; the rest is rich's.
        ("tables.py", "show_formatted"),
        ("tables.py", "print"),
        # The help has no text that others chose.
        ("parser.py", "show_formatted"),
        ("parser.py", "print_help"),
        ("main.py", "print_help"),
        # The progress bar, whose title is escaped.
        ("progress.py", "write"),
        # The report of an erasure, a file of JSON.
        ("reporting.py", "write"),
        # The writer of an export format.
        ("track.py", "write"),
        ("export.py", "write"),
        # The files that route calls to a stack, in a folder of the SDK.
        ("connect.py", "write"),
        # A script for the shell, made from the parser.
        ("completion.py", "show_formatted"),
    }


def test_a_message_that_cannot_be_written_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stderr", full)
        say("tracking: 10%")
        settle_streams()


@pytest.mark.parametrize("text", ["short", "longer than the buffer" * 10_000])
def test_a_result_that_cannot_be_written_is_an_error(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def show_and_flush() -> None:
        show(text)
        flush_output()

    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(CommandError, match=r"the output cannot be written \(No space left on device\)"):
            show_and_flush()
        settle_streams()
