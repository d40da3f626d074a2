"""Reads and validates zones.json."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches
from typing import Any
from zoneinfo import available_timezones

from people_pathing.analysis.floor.checks import calibration_problem
from people_pathing.analysis.floor.homography import DegeneratePointsError, fit_homography, floor_position
from people_pathing.analysis.zones_file.members import Members, ZonesFileError, is_number, is_pair, shown
from people_pathing.analysis.zones_file.polygon_checks import polygon_problem
from people_pathing.analysis.zones_file.sections import (
    Calibration,
    CalibrationPoint,
    Line,
    Mask,
    Point,
    Polygon,
    Rules,
    Zone,
    ZonesFile,
)

VERSION = 1
MIN_VERTICES = 3
MAX_VERTICES = 500
MAX_NAME_CHARACTERS = 100
MIN_CALIBRATION_POINTS = 4
HOMOGRAPHY_NUMBERS = 9
FIT_TOLERANCE_M = 1e-3
"""A stored homography is the one that fits the stored points, up to rounding."""


def read_zones(text: str) -> ZonesFile:
    """Reads zones.json.

    Args:
        text: the file's content.

    Raises:
        ZonesFileError: the content is not valid.
    """
    file = _members(text)
    calibration = _calibration(file.required("calibration")) if file.has("calibration") else None
    return replace(_without_calibration(file), calibration=calibration)


def read_without_calibration(text: str) -> ZonesFile:
    """Reads zones.json except for the calibration, which need not be valid. Raises ZonesFileError."""
    return _without_calibration(_members(text))


def read_masks(text: str) -> tuple[Mask, ...]:
    """Reads the masks of zones.json. Everything else in it need not be valid, except for its members' names.

    A wrong name could be that of the masks, so it is an error.

    Raises:
        ZonesFileError: the masks, or the names of the file's members, are not valid.
    """
    masks = _masks(_members(text))
    _require_unique(mask.name for mask in masks)
    return masks


def _members(text: str) -> Members:
    file = Members(_parsed(text), "", ["version", *_FILE_MEMBERS])
    version = file.required("version")
    if version != VERSION or isinstance(version, bool):
        raise file.error(f'"version" is {shown(version)}; this release reads version {VERSION}')
    return file


def _without_calibration(file: Members) -> ZonesFile:
    zones = tuple(_zone(value, number) for number, value in enumerate(file.items("zones"), 1))
    lines = tuple(_line(value, number) for number, value in enumerate(file.items("lines"), 1))
    masks = _masks(file)
    _require_unique(
        [*(one.name for one in zones), *(one.name for one in lines), *(one.name for one in masks)]
    )
    return ZonesFile(
        zones,
        lines,
        masks,
        rules=_rules(file.required("rules")) if file.has("rules") else Rules(),
        timezone=_timezone(file) if file.has("timezone") else None,
    )


_FILE_MEMBERS = ("timezone", "rules", "zones", "lines", "masks", "calibration", "$schema")


def _parsed(text: str) -> object:
    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                raise ZonesFileError(f'the member "{name}" appears twice in one object; remove one')
            found[name] = value
        return found

    def constant(name: str) -> float:
        raise ZonesFileError(f"{name} is not a number of JSON")

    try:
        return json.loads(text.removeprefix("\ufeff"), object_pairs_hook=members, parse_constant=constant)
    except json.JSONDecodeError as error:
        raise ZonesFileError(
            f"line {error.lineno}, column {error.colno}: this is not JSON ({error.msg})"
        ) from error
    except ZonesFileError:
        raise
    except ValueError as error:
        # A whole number with thousands of digits.
        raise ZonesFileError(f"this is not JSON ({error})") from error
    except RecursionError as error:
        raise ZonesFileError("the JSON is nested too deeply") from error


def _zone(value: object, number: int) -> Zone:
    place = f"zone {number}"
    members = Members(value, place, ["name", "polygon", "minimum_stay_ms", "staff_after_ms"])
    name = _name(members)
    members.place = f'zone "{name}"'
    return Zone(
        name,
        _polygon(members),
        minimum_stay_ms=members.milliseconds("minimum_stay_ms", 0),
        staff_after_ms=members.milliseconds("staff_after_ms", 0) if members.has("staff_after_ms") else None,
    )


def _masks(file: Members) -> tuple[Mask, ...]:
    return tuple(_mask(value, number) for number, value in enumerate(file.items("masks"), 1))


def _mask(value: object, number: int) -> Mask:
    members = Members(value, f"mask {number}", ["name", "polygon"])
    name = _name(members)
    members.place = f'mask "{name}"'
    return Mask(name, _polygon(members))


def _line(value: object, number: int) -> Line:
    members = Members(value, f"line {number}", ["name", "start", "end"])
    name = _name(members)
    members.place = f'line "{name}"'
    start, end = (_point(members, members.required(end), end) for end in ("start", "end"))
    if start == end:
        raise members.error("start and end are the same point; a line needs two")
    return Line(name, start, end)


def _name(members: Members) -> str:
    name = members.required("name")
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        raise members.error(f'"name" is {shown(name)}; give a text that can be printed')
    if len(name) > MAX_NAME_CHARACTERS:
        raise members.error(
            f"the name has {len(name)} characters; at most {MAX_NAME_CHARACTERS} are possible"
        )
    return name


def _polygon(members: Members) -> Polygon:
    vertices = members.required("polygon")
    if not isinstance(vertices, list) or not MIN_VERTICES <= len(vertices) <= MAX_VERTICES:
        count = f"{len(vertices)} vertices" if isinstance(vertices, list) else "no list of vertices"
        raise members.error(f"the polygon has {count}; give {MIN_VERTICES} to {MAX_VERTICES}, each as [x, y]")
    polygon = tuple(_point(members, vertex, f"vertex {at}") for at, vertex in enumerate(vertices, 1))
    if problem := polygon_problem(polygon):
        raise members.error(problem)
    return polygon


def _point(members: Members, value: object, what: str) -> Point:
    if not is_pair(value):
        raise members.error(f"{what} is {shown(value)}; give two numbers, [x, y]")
    assert isinstance(value, list)
    x, y = float(value[0]), float(value[1])
    if not (0 <= x <= 1 and 0 <= y <= 1):
        pixels = "; divide pixels by the frame's width and height" if max(x, y) > 2 else ""
        raise members.error(f"{what} is {shown(value)}; ratios of the frame are from 0 to 1{pixels}")
    return x, y


def _require_unique(names: Iterable[str]) -> None:
    found: set[str] = set()
    for name in names:
        if name in found:
            raise ZonesFileError(
                f'the name "{name}" is used twice; zones, lines and masks need different names'
            )
        found.add(name)


def _rules(value: object) -> Rules:
    members = Members(value, "rules", ["margin", "confirm_ms", "max_gap_ms", "minimum_seen_ms"])
    default = Rules()
    return Rules(
        margin=members.number("margin", default.margin, 0, 1),
        confirm_ms=members.milliseconds("confirm_ms", default.confirm_ms),
        max_gap_ms=members.milliseconds("max_gap_ms", default.max_gap_ms),
        minimum_seen_ms=members.milliseconds("minimum_seen_ms", default.minimum_seen_ms),
    )


def _timezone(file: Members) -> str:
    name = file.required("timezone")
    known = available_timezones()
    if not known:
        raise ZonesFileError("this machine has no time zones; install the Python package tzdata")
    if isinstance(name, str) and name in known:
        return name
    close = get_close_matches(str(name), known, n=1)
    hint = f'did you mean "{close[0]}"?' if close else 'give an IANA name such as "Europe/Berlin" or "UTC"'
    raise ZonesFileError(f'"timezone" is {shown(name)}, which is not a known time zone; {hint}')


def _calibration(value: object) -> Calibration:
    members = Members(value, "calibration", ["points", "homography"])
    entries = members.items("points")
    if len(entries) < MIN_CALIBRATION_POINTS:
        raise members.error(f"there are {len(entries)} points; give at least {MIN_CALIBRATION_POINTS}")
    points = tuple(_calibration_point(entry, number) for number, entry in enumerate(entries, 1))
    if problem := calibration_problem(points):
        raise members.error(problem)
    homography = members.required("homography")
    if (
        not isinstance(homography, list)
        or len(homography) != HOMOGRAPHY_NUMBERS
        or not all(map(is_number, homography))
    ):
        raise members.error(f'"homography" must be a list of {HOMOGRAPHY_NUMBERS} numbers')
    stored = Calibration(points, tuple(map(float, homography)))
    if _deviation_m(stored) > FIT_TOLERANCE_M:
        raise members.error("the homography does not fit the points; run `people-pathing calibrate` again")
    return stored


def _calibration_point(value: object, number: int) -> CalibrationPoint:
    members = Members(value, f"calibration point {number}", ["image", "floor_m"])
    floor_m = members.required("floor_m")
    if not is_pair(floor_m):
        raise members.error(f'"floor_m" is {shown(floor_m)}; give two numbers in metres, [x, y]')
    image = _point(members, members.required("image"), '"image"')
    return CalibrationPoint(image, (float(floor_m[0]), float(floor_m[1])))


def _deviation_m(stored: Calibration) -> float:
    """Returns the largest distance between the positions that the stored and the fitted matrix give."""
    fitted = fit_homography(stored.points)
    try:
        return max(
            math.dist(floor_position(stored.homography, one.image), floor_position(fitted, one.image))
            for one in stored.points
        )
    except DegeneratePointsError:
        return math.inf
