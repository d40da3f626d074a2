"""Reads compatibility.toml: what the retired service did, what this service does, and which test shows it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROWS = Path(__file__).with_name("compatibility.toml")
VERDICTS = ("same", "differs", "not known")
SCENARIO_PREFIX = "scenario: "


@dataclass(frozen=True)
class Source:
    """Where the behaviour of the retired service is described.

    Attributes:
        id: The name that rows use.
        title: What the source is.
        url: The address of the page; empty if it has none.
    """

    id: str
    title: str
    url: str


@dataclass(frozen=True)
class Row:
    """One behaviour.

    Attributes:
        id: The name that the client tests use.
        section: The heading under which the row is shown.
        behaviour: What the row is about.
        sources: The sources that describe the behaviour of the retired service.
        retired: What they say.
        here: What this service does.
        verdict: One of VERDICTS. It is "not known" if and only if there is no source.
        tests: The names of tests, or steps of scenario.json after SCENARIO_PREFIX.
    """

    id: str
    section: str
    behaviour: str
    sources: tuple[Source, ...]
    retired: str
    here: str
    verdict: str
    tests: tuple[str, ...]


class InvalidRowError(ValueError):
    """A row contradicts itself. The message names the row."""


@cache
def sources() -> dict[str, Source]:
    """Returns the sources by their ids."""
    return {
        name: Source(name, entry["title"], entry.get("url", "")) for name, entry in _file()["sources"].items()
    }


@cache
def compatibility_rows() -> tuple[Row, ...]:
    """Returns all rows in the order of the file.

    Raises:
        InvalidRowError: A row has an unknown source or verdict, lacks something, or has another row's id.
    """
    rows = tuple(_rows())
    ids = [row.id for row in rows]
    repeated = sorted({name for name in ids if ids.count(name) > 1})
    if repeated:
        raise InvalidRowError(f"several rows are named {', '.join(repeated)}")
    return rows


def _rows() -> Iterator[Row]:
    for section in _file()["section"]:
        for entry in section["row"]:
            yield row_of(section["title"], entry)


def row_of(section: str, entry: Mapping[str, object]) -> Row:
    """Returns the row that an entry of the file describes.

    Raises:
        InvalidRowError: The row has an unknown source or verdict, or lacks something.
    """
    name = entry.get("id")
    expected = {"id", "behaviour", "sources", "retired", "here", "verdict", "tests"}
    if set(entry) != expected:
        raise InvalidRowError(f"row {name!r} has the members {sorted(entry)}, not {sorted(expected)}")
    named: list[str] = entry["sources"]  # type: ignore[assignment]
    unknown = [source for source in named if source not in sources()]
    if unknown:
        raise InvalidRowError(f"row {name!r} has unknown sources: {unknown}; known are {sorted(sources())}")
    verdict = entry["verdict"]
    if verdict not in VERDICTS:
        raise InvalidRowError(f"row {name!r} has the verdict {verdict!r}; choose from {VERDICTS}")
    if (verdict == "not known") == bool(named):
        raise InvalidRowError(f"row {name!r}: a verdict needs a source, and without one it is 'not known'")
    return Row(
        section=section,
        sources=tuple(sources()[source] for source in named),
        tests=tuple(entry["tests"]),  # type: ignore[arg-type]
        **{key: str(entry[key]).strip() for key in ("id", "behaviour", "retired", "here", "verdict")},
    )


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(ROWS.read_text(encoding="utf-8"))
