"""Progress and waiting on standard error: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
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


def progress(title: str) -> AbstractContextManager[Report]:
    """Shows the progress of a piece of work.

    Args:
        title: what is being done, for example "tracking".

    Returns:
        A context manager that yields a function. Call it with the share of the work that is done, 0..1.
        The shown progress never goes back.
    """
    return _bar(title) if sys.stderr.isatty() else _log_lines(title)


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
def _bar(title: str) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    console = Console(file=cast("IO[str]", _LossyStream(sys.stderr)))
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(printable(title), total=1.0)

        def report(share: float) -> None:
            bar.update(task, completed=max(share, bar.tasks[task].completed))

        yield report


@contextmanager
def _log_lines(title: str) -> Iterator[Report]:
    shown_percent = 0
    shown_s = time.monotonic()

    def report(share: float) -> None:
        nonlocal shown_percent, shown_s
        percent = int(100 * share)
        is_due = percent >= 100 or time.monotonic() - shown_s >= LOG_INTERVAL_S
        if percent > shown_percent and is_due:
            say(f"{title}: {percent}%")
            shown_percent, shown_s = percent, time.monotonic()

    yield report
