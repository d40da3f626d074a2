import json
import sys

import pytest

from people_pathing.cli.tables import print_json, print_table


def test_columns_are_aligned_under_their_headings(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(
        ("name", "bytes", "where"), [("nano", "9", "here"), ("s", "1,000", "")], right_aligned=("bytes",)
    )

    assert capsys.readouterr().out == (
        "name  bytes  where\n"
        "nano      9  here\n"
        "s     1,000\n"
    )  # fmt: skip


def test_a_table_without_rows_shows_its_headings(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("state", "age"), [])

    assert capsys.readouterr().out == "state  age\n"


def test_a_pipe_gets_one_line_for_each_row_however_long(capsys: pytest.CaptureFixture[str]) -> None:
    long_key = "folder/" * 200 + "street.mp4"

    print_table(("key", "reason"), [(long_key, "the video has no frames " * 50)])

    assert len(capsys.readouterr().out.splitlines()) == 2


def test_a_terminal_gets_the_whole_text_on_several_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")

    print_table(("key",), [("k" * 100,)])

    assert capsys.readouterr().out.splitlines()[1:] == ["k" * 40, "k" * 40, "k" * 20]


def test_markup_and_control_characters_in_a_cell_are_shown_as_they_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_table(("key",), [("[red]a[/red]\x1b[31m\n:smile:.mp4",)])

    assert capsys.readouterr().out == "key\n[red]a[/red]\\x1b[31m\\n:smile:.mp4\n"


def test_json_is_valid_whatever_the_terminal_can_show(capsys: pytest.CaptureFixture[str]) -> None:
    objects = [{"key": "stra\udcdfe\x1b[2J.mp4"}, {"key": "no\xa0break, straße"}]

    print_json(objects)

    output = capsys.readouterr().out
    assert output.isascii()
    assert len(output.splitlines()) == 4
    assert json.loads(output) == objects


def test_an_empty_list_is_an_empty_json_array(capsys: pytest.CaptureFixture[str]) -> None:
    print_json([])

    assert json.loads(capsys.readouterr().out) == []
