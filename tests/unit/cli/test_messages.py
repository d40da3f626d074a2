import os
import sys
from pathlib import Path

import pytest

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


def test_a_message_keeps_its_lines_and_nothing_else_that_controls_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    say("one\x1b[2J\ntwo\r")

    assert capsys.readouterr().err == "one\\x1b[2J\ntwo\\r\n"


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
