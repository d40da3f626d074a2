"""The report of an erasure: a line of JSON for each run, also for one that was interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from people_pathing.cli.messages import say


@contextmanager
def reported(
    report: Path | None, line: Callable[[bool], str], has_begun: Callable[[], bool]
) -> Iterator[None]:
    """Appends a line to the report at the end, also at an early one, and says then how to continue.

    Args:
        report: the file; None for no report.
        line: returns the line. It is called with whether everything was erased.
        has_begun: tells whether something has been changed.
    """
    is_complete = False
    if report:
        # Now, because an erasure whose report cannot be written should not begin.
        report.parent.mkdir(parents=True, exist_ok=True)
        report.open("a").close()
    try:
        yield
        is_complete = True
    finally:
        if report:
            with report.open("a", encoding="utf-8") as file:
                file.write(line(is_complete) + "\n")
        if not is_complete and has_begun():
            say("not everything is erased yet; run the same command again to continue")
