"""Progress on standard error: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any, cast

from people_pathing.cli.messages import printable, say

if TYPE_CHECKING:
    from typing import TextIO

LOG_INTERVAL_S = 5.0
"""The shortest time between two lines in a log."""

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
