"""Reads what counts.json says about intervals, and how its counts were made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any, TypeVar

from people_pathing.analysis.count_files import VERSION
from people_pathing.analysis.summaries.intervals import INTERVAL_MINUTES
from people_pathing.analysis.zones_file.members import ZonesFileError, shown
from people_pathing.analysis.zones_file.reading import read_zones
from people_pathing.analysis.zones_file.sections import ZonesFile
from people_pathing.results.recording_time import RecordingTimeError, stated_time

MAX_COUNT = 2**53
"""Larger whole numbers are not exact in every program."""

Json = TypeVar("Json", str, int, list[Any], dict[str, Any])
_KINDS = {str: "a text", int: "a whole number", list: "a list", dict: "an object"}


class CountsFileError(ValueError):
    """A text is not the content of counts.json. The message names the member, and what would be right."""


@dataclass(frozen=True, slots=True)
class IntervalCounts:
    """The counts of one interval.

    Attributes:
        label: when the interval starts; see `summaries.intervals.Interval`.
        visits: how many visits begin, by zone.
        crossings: how many people go in and out, by line.
    """

    label: str
    visits: Mapping[str, int]
    crossings: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class StoredCounts:
    """The content of counts.json, as far as it is read.

    Attributes:
        intervals: in the order of time.
        interval_minutes: their length.
        recorded_at_ms: when the video starts, in milliseconds since the epoch; None if that is not known.
        recorded_at_source: what says so; None if nothing does.
        zones_file: what was counted; None if the file is older and does not say so.
        files: the names of the files whose counts were added up; empty for one video.
    """

    intervals: tuple[IntervalCounts, ...]
    interval_minutes: int
    recorded_at_ms: int | None
    recorded_at_source: str | None
    zones_file: ZonesFile | None
    files: tuple[str, ...]


def read_counts(text: str) -> StoredCounts:
    """Reads the content of counts.json.

    Raises:
        CountsFileError: the content is not valid.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CountsFileError(f"it is not JSON ({error})") from error
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise CountsFileError(f"it is not an object with the version {VERSION}")
    minutes = _member(document, "interval_minutes", int, "")
    if minutes not in INTERVAL_MINUTES:
        raise CountsFileError(f"interval_minutes is {shown(minutes)}; it must be one of {INTERVAL_MINUTES}")
    source = document.get("recorded_at_source")
    files = _member(document, "files", list, "") if "files" in document else []
    intervals = _member(document, "intervals", list, "")
    return StoredCounts(
        intervals=tuple(_interval(one, f"intervals[{at}]") for at, one in enumerate(intervals)),
        interval_minutes=minutes,
        recorded_at_ms=_recorded_at(document),
        recorded_at_source=None if source is None else _typed(source, str, "recorded_at_source"),
        zones_file=_zones_file(document["zones_file"]) if "zones_file" in document else None,
        files=tuple(_typed(one, str, f"files[{at}]") for at, one in enumerate(files)),
    )


def _interval(value: object, place: str) -> IntervalCounts:
    interval = _typed(value, dict, place)
    visits, crossings = {}, {}
    for at, one in enumerate(_member(interval, "zones", list, place)):
        zone_place = f"{place}.zones[{at}]"
        zone = _typed(one, dict, zone_place)
        visits[_member(zone, "name", str, zone_place)] = _count(zone, "visits", zone_place)
    for at, one in enumerate(_member(interval, "lines", list, place)):
        line_place = f"{place}.lines[{at}]"
        line = _typed(one, dict, line_place)
        ways = _count(line, "in", line_place), _count(line, "out", line_place)
        crossings[_member(line, "name", str, line_place)] = ways
    return IntervalCounts(_member(interval, "interval", str, place), visits, crossings)


def _recorded_at(document: dict[str, Any]) -> int | None:
    if document.get("recorded_at") is None:
        return None
    try:
        return stated_time(_member(document, "recorded_at", str, ""), UTC)
    except RecordingTimeError as error:
        raise CountsFileError(f"recorded_at: {error}") from error


def _zones_file(value: object) -> ZonesFile:
    try:
        return read_zones(json.dumps(value))
    except ZonesFileError as error:
        raise CountsFileError(f"zones_file: {error}") from error


def _count(value: dict[str, Any], name: str, place: str) -> int:
    count = _member(value, name, int, place)
    if not 0 <= count <= MAX_COUNT:
        raise CountsFileError(f"{place}.{name} is {shown(count)}; it must be from 0 to {MAX_COUNT}")
    return count


def _member(value: dict[str, Any], name: str, kind: type[Json], place: str) -> Json:
    where = f"{place}.{name}" if place else name
    if name not in value:
        raise CountsFileError(f"{where} is missing")
    return _typed(value[name], kind, where)


def _typed(value: object, kind: type[Json], place: str) -> Json:
    if kind is int and isinstance(value, float) and value.is_integer():
        # JSON has one type for all numbers: 5.0 is a whole number, as in JSON Schema.
        value = int(value)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise CountsFileError(f"{place} is {shown(value)}; it must be {_KINDS[kind]}")
    return value
