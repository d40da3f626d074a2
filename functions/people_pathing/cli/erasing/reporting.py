"""The report of an erasure: a line of JSON for each run, also for one that was interrupted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from people_pathing.cli.messages import say
from people_pathing.common.clock import now_ms, utc_text_to_second

if TYPE_CHECKING:
    from people_pathing.cli.erasing.people import ErasedPeople
    from people_pathing.cli.erasing.videos import ErasedCount


def report_line(about: Mapping[str, Any], is_complete: bool, erased: ErasedCount | ErasedPeople) -> str:
    """Returns a line of the report, for what has been erased until now.

    Args:
        about: what the user wanted to erase, by the names in the report.
        is_complete: whether everything was erased.
        erased: how much was erased.
    """
    now = utc_text_to_second(now_ms())
    return json.dumps({"time": now, **about, "complete": is_complete, "erased": asdict(erased)})


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
