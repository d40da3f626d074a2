"""The lines and zones that are counted: a fixed grid over the frame, never chosen by result."""

from __future__ import annotations

from people_pathing.analysis.zones_file.sections import Line, Zone, ZonesFile

CELLS = 4
"""Columns and rows of the grid."""
WHOLE = "whole"
"""Begins the names of lines through the whole frame."""


def grid() -> ZonesFile:
    """Returns every cell as a zone, and as lines every side between two cells and every whole grid line."""
    marks = [number / CELLS for number in range(CELLS + 1)]
    zones = [
        Zone(
            f"zone {column}.{row}",
            (
                (marks[column], marks[row]),
                (marks[column + 1], marks[row]),
                (marks[column + 1], marks[row + 1]),
                (marks[column], marks[row + 1]),
            ),
        )
        for row in range(CELLS)
        for column in range(CELLS)
    ]
    lines = []
    for inner in range(1, CELLS):
        lines.append(Line(f"{WHOLE} upright {inner}", (marks[inner], 0.0), (marks[inner], 1.0)))
        lines.append(Line(f"{WHOLE} level {inner}", (0.0, marks[inner]), (1.0, marks[inner])))
        for at in range(CELLS):
            start, end = marks[at], marks[at + 1]
            lines.append(Line(f"upright {inner}.{at}", (marks[inner], start), (marks[inner], end)))
            lines.append(Line(f"level {inner}.{at}", (start, marks[inner]), (end, marks[inner])))
    return ZonesFile(tuple(zones), tuple(lines))
