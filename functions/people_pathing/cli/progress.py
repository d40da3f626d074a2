"""Progress and waiting on standard error: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any, cast

from people_pathing.cli.messages import printable, say
from people_pathing.common.clock import now_ms

if TYPE_CHECKING:
    from typing import TextIO

LOG_INTERVAL_S = 5.0
"""The shortest time between two lines in a log."""
COUNTDOWN_INTERVAL_S = 30.0
"""The time between two lines while the program waits."""

Report = Callable[[float], None]
"""Called with the share of the work that is done, 0..1."""
ReportEach = Callable[[str, float], None]
"""Called with a title and the share of its work that is done, 0..1."""


@contextmanager
def progress(title: str) -> Iterator[Report]:
    """Shows the progress of a piece of work, and how much time is left.

    Args:
        title: what is being done, for example "tracking".

    Yields:
        A function. Call it with the share of the work that is done, 0..1. The shown progress never goes back.
    """
    with progress_of_each([title]) as report:
        yield lambda share: report(title, share)


def progress_of_each(titles: Sequence[str]) -> AbstractContextManager[ReportEach]:
    """Shows the progress of pieces of work that are done at the same time, each by itself.

    Args:
        titles: different names, for example those of videos.

    Returns:
        A context manager that yields a function. Call it with a title and the share of its work.
    """
    return _bars(titles) if sys.stderr.isatty() else _log_lines(titles)


def wait_until(time_ms: int, sleep: Callable[[float], None] = time.sleep) -> None:
    """Waits until no function can write about a video, and shows how long that takes.

    Args:
        time_ms: when the waiting ends, in milliseconds since the epoch.
        sleep: waits for a number of seconds.
    """
    left_ms = time_ms - now_ms()
    say(
        f"waiting {format_duration(left_ms)}: until then, a function that is still running could write "
        "results again. You can stop the waiting with Ctrl-C and run the same command later."
    )
    while (left_ms := time_ms - now_ms()) > 0:
        # A millisecond more, because a sleep may end early by its rounding.
        sleep(min(left_ms / 1000 + 0.001, COUNTDOWN_INTERVAL_S))
        if (left_ms := time_ms - now_ms()) > 0:
            say(f"{format_duration(left_ms)} left")


def format_duration(duration_ms: int) -> str:
    """Returns the two largest units of a duration: 45s, 12m 03s, 5h 20m, 3d 04h."""
    seconds = max(0, duration_ms) // 1000
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d {hours:02}h"
    if hours:
        return f"{hours}h {minutes:02}m"
    return f"{minutes}m {seconds:02}s" if minutes else f"{seconds}s"


class _LossyStream:
    """A stream that loses what it cannot write, so that the work continues after its terminal was closed."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


@contextmanager
def _bars(titles: Sequence[str]) -> Iterator[ReportEach]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    console = Console(file=cast("IO[str]", _LossyStream(sys.stderr)))
    with Progress(*columns, console=console) as bars:
        tasks = {title: bars.add_task(printable(title), total=1.0) for title in titles}

        def report(title: str, share: float) -> None:
            task = tasks[title]
            bars.update(task, completed=max(share, bars.tasks[task].completed))

        yield report


@contextmanager
def _log_lines(titles: Sequence[str]) -> Iterator[ReportEach]:
    began_s = time.monotonic()
    shown_percent = dict.fromkeys(titles, 0)
    shown_s = dict.fromkeys(titles, began_s)

    def report(title: str, share: float) -> None:
        percent, now_s = int(100 * share), time.monotonic()
        is_due = percent >= 100 or now_s - shown_s[title] >= LOG_INTERVAL_S
        if percent > shown_percent[title] and is_due:
            left_ms = round(1000 * (now_s - began_s) * (1 - share) / share)
            say(f"{title}: {percent}%" + (f", {format_duration(left_ms)} left" if percent < 100 else ""))
            shown_percent[title], shown_s[title] = percent, now_s

    yield report
