"""What the page shows without JavaScript: the figures, the people, and how the results were made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from people_pathing.analysis.counting.events import PersonSeen
from people_pathing.analysis.summaries.figures import percentile
from people_pathing.analysis.summaries.summary import LineSummary, ZoneSummary
from people_pathing.common.clock import utc_time
from people_pathing.report.content import ReportContent
from people_pathing.report.html_tables import pairs, table

MAX_ROWS = 1000
"""How many people the table has at most. With JavaScript, the page shows all of them."""

NONE = "-"
PEOPLE_HEADINGS = ("Person", "First seen", "Last seen", "Seen for")
ZONE_HEADINGS = ("Zone", "People", "Visits", "Median stay", "Most at once")
LINE_HEADINGS = ("Line", "People", "In", "Out")


def figures(content: ReportContent) -> str:
    """Returns the key figures of the whole video."""
    counts = content.counts
    seen_ms = percentile([person.seen_ms for person in counts.counted.people], 0.5)
    shown = [
        ("People seen", str(counts.whole.picture.people)),
        ("Most at once", str(counts.whole.picture.occupancy.maximum)),
        ("Median time seen", NONE if seen_ms is None else clock(seen_ms)),
        ("Length of the video", clock(counts.recording.duration_ms)),
    ]
    if counts.recording.recorded_at_ms is not None:
        zone = counts.recording.timezone
        local = utc_time(counts.recording.recorded_at_ms).astimezone(ZoneInfo(zone))
        shown.append(("Recorded at", f"{local:%Y-%m-%d %H:%M:%S} {zone}"))
    return _pairs(shown)


def sections(content: ReportContent) -> str:
    """Returns the tables of zones and lines."""
    whole = content.counts.whole
    tables = []
    if whole.zones:
        tables.append(_table(ZONE_HEADINGS, map(_zone_row, whole.zones)))
    if whole.lines:
        tables.append(_table(LINE_HEADINGS, map(_line_row, whole.lines)))
    return "\n".join(tables)


def people(content: ReportContent) -> str:
    """Returns the table of people, or why it is empty."""
    counts = content.counts
    found = counts.counted.people
    if not found:
        return "<p>No people were found, or none who count.</p>"
    headings = PEOPLE_HEADINGS if counts.zones_file.calibration is None else (*PEOPLE_HEADINGS, "Walked")
    rows = _table(headings, map(_person_row, found[:MAX_ROWS]))
    if len(found) <= MAX_ROWS:
        return rows
    return f"{rows}\n<p>The first {MAX_ROWS:,} of {len(found):,} people. people.json has all of them.</p>"


def provenance(content: ReportContent) -> str:
    """Returns how the results were made, and warnings about them."""
    made = content.stored.provenance or {}
    shown = [(_words(name), _shown(value)) for name, value in made.items() if name != "warnings"]
    warnings = "".join(f"<li>{escape(warning)}</li>" for warning in content.warnings)
    return (f"<ul>{warnings}</ul>\n" if warnings else "") + _pairs(shown)


def clock(time_ms: int) -> str:
    """Returns a time or a length such as "0:05.2" or "1:02:03.4"."""
    tenths = time_ms // 100
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest // 10:02}.{rest % 10}"
    return f"{hours}:{minutes:02}:{seconds}" if hours else f"{minutes}:{seconds}"


def _person_row(person: PersonSeen) -> Sequence[str]:
    row = (str(person.person), clock(person.first_ms), clock(person.last_ms), clock(person.seen_ms))
    return row if person.distance_m is None else (*row, f"{person.distance_m:.1f} m")


def _zone_row(zone: ZoneSummary) -> Sequence[str]:
    stay = NONE if zone.dwell_median_ms is None else clock(zone.dwell_median_ms)
    return zone.name, str(zone.people), str(zone.visits), stay, str(zone.occupancy.maximum)


def _line_row(line: LineSummary) -> Sequence[str]:
    return line.name, str(line.people), str(line.crossings_in), str(line.crossings_out)


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{_words(str(name)).lower()}: {_shown(member)}" for name, member in value.items())
    return "none" if value is None else str(value)


def _pairs(named: Iterable[tuple[str, str]]) -> str:
    return pairs((escape(name), escape(value)) for name, value in named)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return table(list(map(escape, headings)), (list(map(escape, row)) for row in rows))
