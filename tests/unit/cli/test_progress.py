import errno
import io
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from people_pathing.cli.progress import (
    COUNTDOWN_INTERVAL_S,
    LOG_INTERVAL_S,
    format_duration,
    progress,
    progress_of_each,
    wait_until,
)
from people_pathing.cli.streams import settle_streams


class FakeTerminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class ClosedTerminal(FakeTerminal):
    def write(self, _text: str) -> int:
        raise OSError(errno.EIO, "Input/output error")

    def flush(self) -> None:
        raise OSError(errno.EIO, "Input/output error")


def test_a_log_gets_a_line_now_and_then_and_one_at_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now_s = 0.0
    monkeypatch.setattr("people_pathing.cli.progress.time.monotonic", lambda: now_s)

    with progress("tracking") as report:
        for step in range(101):
            now_s += LOG_INTERVAL_S / 40
            report(step / 100)
        report(1.0)

    assert capsys.readouterr().err.splitlines() == [
        "tracking: 39%, 7s left",
        "tracking: 79%, 2s left",
        "tracking: 100%",
    ]


def test_a_log_shows_no_step_back(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now_s = 0.0
    monkeypatch.setattr("people_pathing.cli.progress.time.monotonic", lambda: now_s)

    with progress("tracking") as report:
        for share in (0.5, 0.3, 0.6):
            now_s += LOG_INTERVAL_S
            report(share)

    assert capsys.readouterr().err.splitlines() == ["tracking: 50%, 5s left", "tracking: 60%, 10s left"]


def test_each_video_has_a_line_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now_s = 0.0
    monkeypatch.setattr("people_pathing.cli.progress.time.monotonic", lambda: now_s)

    with progress_of_each(["street.mp4", "yard.mov"]) as report:
        now_s += 60
        report("street.mp4", 0.25)
        report("yard.mov", 0.0)
        report("street.mp4", 0.5)
        now_s += LOG_INTERVAL_S
        report("yard.mov", 0.5)

    assert capsys.readouterr().err.splitlines() == [
        "street.mp4: 25%, 3m 00s left",
        "yard.mov: 50%, 1m 05s left",
    ]


def test_a_terminal_gets_a_bar_for_each_video(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = FakeTerminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")

    with progress_of_each(["street.mp4", "yard.mov"]) as report:
        report("street.mp4", 1.0)
        report("yard.mov", 0.5)

    *_, street, yard = [line for line in terminal.getvalue().splitlines() if "%" in line]
    assert "street.mp4" in street
    assert "100%" in street
    assert "yard.mov" in yard
    assert " 50%" in yard


def test_work_that_fails_is_not_reported_as_done(capsys: pytest.CaptureFixture[str]) -> None:
    with suppress(ValueError), progress("tracking") as report:
        report(0.5)
        raise ValueError("broken")

    assert "100%" not in capsys.readouterr().err


def test_a_terminal_gets_a_bar_whose_title_is_not_read_as_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = FakeTerminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")

    with progress("tracking [bold]one[/bold]") as report:
        report(0.5)
        report(0.2)
        report(1.0)

    assert "tracking [bold]one[/bold]" in terminal.getvalue()
    assert "100%" in terminal.getvalue()


def test_the_work_continues_after_the_terminal_was_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", ClosedTerminal())
    monkeypatch.setenv("TERM", "xterm")

    with progress("tracking") as report:
        report(0.5)
        report(1.0)


def test_the_work_continues_if_a_line_in_the_log_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stderr", full)

        with progress("tracking") as report:
            report(1.0)

        settle_streams()


def test_the_time_that_is_left_is_shown_while_the_program_waits(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock_ms = 1_000.0
    monkeypatch.setattr("people_pathing.cli.progress.now_ms", lambda: int(clock_ms))

    def sleep(duration_s: float) -> None:
        nonlocal clock_ms
        assert duration_s <= COUNTDOWN_INTERVAL_S
        clock_ms += duration_s * 1000

    wait_until(76_000, sleep)

    assert clock_ms >= 76_000
    first, *rest = capsys.readouterr().err.splitlines()
    assert first.startswith(
        "waiting 1m 15s: until then, a function that is still running could write results"
    )
    assert rest == ["45s left", "15s left"]


@pytest.mark.parametrize(
    ("duration_ms", "text"),
    [
        (-5, "0s"),
        (45_999, "45s"),
        (723_000, "12m 03s"),
        (19_200_000, "5h 20m"),
        (273_600_000, "3d 04h"),
    ],
)
def test_a_duration_is_shown_in_its_two_largest_units(duration_ms: int, text: str) -> None:
    assert format_duration(duration_ms) == text
