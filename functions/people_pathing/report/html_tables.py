"""Tables and pairs of a page without JavaScript. Cells are HTML: the caller has escaped what others chose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def pairs(named: Iterable[tuple[str, str]]) -> str:
    """Returns names with their values."""
    rows = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in named)
    return f"<dl>{rows}</dl>"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table with a row of headings."""
    head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    body = "\n".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"
