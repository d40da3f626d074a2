"""What named checks found: printed for a reader or a program, and as an exit status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from people_pathing.cli.messages import say, show
from people_pathing.cli.tables import print_json
from people_pathing.common.finding import Line, Outcome


def show_line(line: Line) -> None:
    """Prints what a check found, and on a line of its own what to do."""
    finding = line.finding
    show(f"{finding.outcome.value}: {line.name}: {finding.message}")
    if finding.advice:
        show(f"  {finding.advice}")


def print_lines_as_json(lines: Sequence[Line]) -> None:
    """Prints an array with an object for each check."""
    print_json(
        {
            "check": line.name,
            "outcome": line.finding.outcome.value,
            "message": line.finding.message,
            "advice": line.finding.advice or None,
        }
        for line in lines
    )


def exit_status(lines: Sequence[Line]) -> int:
    """Says how many checks ended how, and returns 1 if one failed, otherwise 0."""
    counts = Counter(line.finding.outcome for line in lines)
    say(", ".join(f"{counts[outcome]} {outcome.value}" for outcome in Outcome))
    return 1 if counts[Outcome.FAILED] else 0
