"""Tables and JSON on standard output: what commands list, for readers and for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from io import StringIO

from people_pathing.cli.messages import printable, show, show_formatted

_PIPE_WIDTH = 1_000_000
"""Columns that a pipe has, as far as a table's width goes: lines are then never wrapped or cut."""


def print_table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], *, right_aligned: Collection[str] = ()
) -> None:
    """Prints rows under their headings. On a terminal, long cells wrap; in a pipe, each row is one line.

    Args:
        headings: one for each column.
        rows: a text for each column, shown without markup and with control characters escaped.
        right_aligned: headings of the columns that are aligned to the right, such as numbers.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    # Rich draws the table in memory, so that one function reports an output that cannot be written.
    drawn = StringIO()
    is_terminal = sys.stdout.isatty()
    console = Console(
        file=drawn, highlight=False, force_terminal=is_terminal, width=None if is_terminal else _PIPE_WIDTH
    )
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, justify="right" if heading in right_aligned else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console.print(table)
    for line in drawn.getvalue().splitlines():
        show_formatted(line.rstrip())


def print_json(objects: Iterable[Mapping[str, object]]) -> None:
    """Prints a JSON array with one object on each line."""
    # ASCII only: a terminal without UTF-8 and the escapes of `show` would else spoil the JSON.
    lines = [json.dumps(one) for one in objects]
    show("[", *(f"{line}," for line in lines[:-1]), *lines[-1:], "]")
