"""Writes measurements as tables in Markdown, and into a document between marks."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.engine.scoring import Score
from people_pathing.engine.segments import available_cpus

TABLE_END = "<!-- end -->"
FIGURES = ("MOTA", "IDF1", "HOTA", "ID switches")
"""The columns of `figures`."""


def table_start(name: str) -> str:
    """Returns the mark before a table in a document."""
    return f"<!-- measured: {name} -->"


def figures(score: Score) -> list[str]:
    """Returns the cells of a score."""
    return [f"{score.mota:.1f}", f"{score.idf1:.1f}", f"{score.hota:.1f}", f"{score.switches:.0f}"]


def brief(score: Score) -> str:
    """Returns a score in one cell: MOTA / IDF1 / HOTA."""
    return f"{score.mota:.1f} / {score.idf1:.1f} / {score.hota:.1f}"


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table."""
    lines = [f"| {' | '.join(header)} |", "|---" * len(header) + "|"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows]) + "\n"


def write_table(path: Path, name: str, table: str) -> None:
    """Replaces the text between the marks of a table in a document."""
    before, rest = path.read_text().split(table_start(name))
    after = rest.split(TABLE_END, maxsplit=1)[1]
    path.write_text(f"{before}{table_start(name)}\n\n{table}\n{TABLE_END}{after}")


def read_table(document: str, name: str) -> list[list[str]]:
    """Returns the cells of a table in a document, its header first."""
    table = document.split(table_start(name))[1].split(TABLE_END)[0]
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.splitlines()
        if line.startswith("| ")
    ]


def machine() -> str:
    """Returns a description of this machine."""
    name = platform.processor() or platform.machine()
    if (info := Path("/proc/cpuinfo")).exists():
        models = [
            line.split(":")[1].strip() for line in info.read_text().splitlines() if "model name" in line
        ]
        name = models[0] if models else name
    return f"{name}, {available_cpus()} cores, Python {platform.python_version()}"
