"""Writes the overview: an HTML page in one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from people_pathing.common.complete_file import complete_file
from people_pathing.report import page_parts
from people_pathing.report.overview import plain_table
from people_pathing.report.overview.entry import VideoEntry
from people_pathing.report.page_filling import embedded_json, filled

NAME = "index.html"
VERSION = 1
_MARK = b'<meta name="generator" content="people-pathing index">'
_MARK_WITHIN_BYTES = 4096


@dataclass(frozen=True, slots=True)
class LiveAddresses:
    """Where a page that follows a running stack finds it, relative to the page.

    Attributes:
        videos: gives the videos as JSON.
        uploads: takes a video, with its name added.
    """

    videos: str
    uploads: str


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page shows.

    Attributes:
        title: names the videos.
        entries: the videos, sorted as they are shown.
        note: says what is left out; empty if nothing is.
        live: how the page follows a running stack; None if it does not change.
    """

    title: str
    entries: Sequence[VideoEntry]
    note: str = ""
    live: LiveAddresses | None = None


def write_overview(path: Path, overview: Overview) -> None:
    """Writes the page. An older file stays until the new one is complete.

    Raises:
        OSError: the file cannot be written.
    """
    with complete_file(path) as scratch:
        scratch.write_text(overview_text(overview), "utf-8", newline="\n")


def is_overview(path: Path) -> bool:
    """Whether a file is such a page, which may be replaced. Raises OSError if it cannot be read."""
    with path.open("rb") as file:
        return _MARK in file.read(_MARK_WITHIN_BYTES)


def overview_text(overview: Overview) -> str:
    """Returns the page."""
    live = overview.live
    embedded: dict[str, Any] = {
        "version": VERSION,
        "live": {"videos": live.videos, "uploads": live.uploads} if live else None,
        "entries": embedded_entries(overview.entries),
    }
    parts = {
        "title": escape(overview.title),
        "note": escape(overview.note),
        "data": embedded_json(embedded),
        "figures": plain_table.totals(overview.entries),
        "videos": plain_table.table(overview.entries),
    }
    return filled(page_parts.OVERVIEW, parts, partial(_policy, overview))


def embedded_entries(entries: Sequence[VideoEntry]) -> list[dict[str, Any]]:
    """Returns the videos as the page reads them."""
    return [entry.embedded() for entry in entries]


def _policy(overview: Overview, nonce: str) -> str:
    """Returns the Content-Security-Policy: nothing but this page's own code, and its own server."""
    own = f"'nonce-{nonce}'"
    server = "'self'" if overview.live else "'none'"
    return (
        f"default-src 'none'; script-src {own}; style-src {own}; img-src data:; connect-src {server}; "
        "base-uri 'none'; form-action 'none'"
    )
