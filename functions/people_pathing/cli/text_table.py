"""Plain-text tables for the command line."""

from __future__ import annotations

from collections.abc import Sequence


def format_rows(headings: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 0) -> str:
    """Columns under their headings: the first `left` ones aligned to the left, the others to the right."""
    lines = [headings, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column < left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def format_duration(duration_ms: int) -> str:
    """The two largest units of a duration: 45s, 12m 03s, 5h 20m, 3d 04h."""
    seconds = max(0, duration_ms) // 1000
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d {hours:02}h"
    if hours:
        return f"{hours}h {minutes:02}m"
    return f"{minutes}m {seconds:02}s" if minutes else f"{seconds}s"
