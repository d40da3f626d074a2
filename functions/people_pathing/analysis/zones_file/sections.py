"""What zones.json says: zones, lines, masks, rules and the calibration.

Points are (x, y) ratios of the frame. The origin is the top left corner.
"""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[float, float]
"""x and y: ratios of the frame in a picture, metres on the floor."""

Polygon = tuple[Point, ...]
"""At least three vertices. The last is connected with the first."""

Matrix = tuple[float, ...]
"""The nine numbers of a 3 by 3 matrix, row by row."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A polygon in the picture.

    Attributes:
        name: unique among all sections and masks.
        polygon: its boundary.
        minimum_stay_ms: shorter visits do not count.
        staff_after_ms: people whose visits last longer than this in total are staff; None if this is not a
            staff zone.
    """

    name: str
    polygon: Polygon
    minimum_stay_ms: int = 0
    staff_after_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A directed line. Going from its right side to its left side is `in`."""

    name: str
    start: Point
    end: Point


@dataclass(frozen=True, slots=True)
class Mask:
    """A polygon that is never analysed."""

    name: str
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class Rules:
    """When a visit or a crossing counts; see docs/counting.md.

    Attributes:
        margin: how far from a section a person is clear of it, as a share of the height of the box.
        confirm_ms: how long a side must last.
        max_gap_ms: longest time between two observations that does not interrupt the path.
        minimum_seen_ms: people who are seen for a shorter time do not count.
    """

    # The lower edge of a detected box is off by 2 to 3 percent of its height. Twice that is a deviation.
    margin: float = 0.05
    # Three observations in the usual 15 per second, so that one or two wrong boxes change nothing.
    confirm_ms: int = 200
    # A person walks about four metres in this time. A straight line says little about a longer absence.
    max_gap_ms: int = 3000
    minimum_seen_ms: int = 0


@dataclass(frozen=True, slots=True)
class CalibrationPoint:
    """A point of the picture whose position on the floor is known."""

    image: Point
    floor_m: Point


@dataclass(frozen=True, slots=True)
class Calibration:
    """How positions in the picture become positions on the floor.

    Attributes:
        points: at least four.
        homography: fits the points.
    """

    points: tuple[CalibrationPoint, ...]
    homography: Matrix


@dataclass(frozen=True, slots=True)
class ZonesFile:
    """The content of zones.json.

    Attributes:
        zones: in the order of the file.
        lines: in the order of the file.
        masks: kept for the programs that analyse pixels.
        rules: when visits and crossings count.
        timezone: IANA name, for example "Europe/Berlin"; None for UTC.
        calibration: None if positions on the floor are not known.
    """

    zones: tuple[Zone, ...] = ()
    lines: tuple[Line, ...] = ()
    masks: tuple[Mask, ...] = ()
    rules: Rules = Rules()
    timezone: str | None = None
    calibration: Calibration | None = None
