"""What the overview shows without JavaScript: the totals and the videos."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from people_pathing.common.clock import utc_text_to_second
from people_pathing.report import html_tables
from people_pathing.report.overview.entry import VideoEntry
from people_pathing.report.overview.sparkline import HEIGHT, WIDTH
from people_pathing.report.plain_html import clock

MAX_ROWS = 1000
"""How many videos the table has at most. With JavaScript, the page shows all of them."""
HEADINGS = ("Video", "State", "Time (UTC)", "Length", "People", "Most at once", "People over time")
STATE_NAMES = {
    "WAITING": "Waiting",
    "IN_PROGRESS": "In progress",
    "SUCCEEDED": "Succeeded",
    "FAILED": "Failed",
}


def totals(entries: Sequence[VideoEntry]) -> str:
    """Returns the figures of all videos together."""
    summaries = [entry.summary for entry in entries if entry.summary]
    figures = {
        "Videos": f"{len(entries):,}",
        "Length": clock(sum(summary.duration_ms or 0 for summary in summaries)),
        "People": f"{sum(summary.people for summary in summaries):,}",
        "Failed": f"{sum(entry.state == 'FAILED' for entry in entries):,}",
    }
    return html_tables.pairs(figures.items())


def table(entries: Sequence[VideoEntry]) -> str:
    """Returns the table of videos, or that there are none."""
    if not entries:
        return "<p>There are no videos yet.</p>"
    text = html_tables.table(HEADINGS, map(_row, entries[:MAX_ROWS]))
    if len(entries) <= MAX_ROWS:
        return text
    return f"{text}\n<p>The first {MAX_ROWS:,} of {len(entries):,} videos.</p>"


def _row(entry: VideoEntry) -> Sequence[str]:
    summary = entry.summary
    name = escape(entry.name)
    if entry.report_address:
        name = f'<a href="{escape(entry.report_address)}">{name}</a>'
    elif entry.command:
        name = f"{name}<br><code>{escape(entry.command)}</code>"
    state = STATE_NAMES[entry.state] + (f": {escape(entry.reason)}" if entry.reason else "")
    time = "" if entry.at_ms is None else f"{utc_text_to_second(entry.at_ms)} ({entry.at_meaning})"
    length = clock(summary.duration_ms) if summary and summary.duration_ms else ""
    people = f"{summary.people:,}" if summary else ""
    most = f"{summary.most_at_once:,}" if summary and summary.most_at_once is not None else ""
    chart = _chart(summary.sparkline) if summary and summary.sparkline else ""
    return name, state, time, length, people, most, chart


def _chart(path: str) -> str:
    return (
        f'<svg class="sparkline" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" '
        f'aria-hidden="true"><path d="{path}"></path></svg>'
    )
