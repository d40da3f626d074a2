"""What counting finds: moments, visits, crossings and stretches of presence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["in", "out"]
Cause = Literal["crossed", "appeared", "vanished"]


@dataclass(frozen=True, slots=True)
class Moment:
    """When and where something happened.

    Attributes:
        at_ms: milliseconds from the start of the video.
        x: ratio of the frame's width.
        y: ratio of the frame's height.
        move_x: how far the foot point moved from one observation to the next, as a ratio of the frame's
            width; 0 at the first observation of a path.
        move_y: the same as a ratio of the frame's height.
    """

    at_ms: int
    x: float
    y: float
    move_x: float = 0.0
    move_y: float = 0.0


@dataclass(frozen=True, slots=True)
class Visit:
    """A person's stay in a zone.

    Attributes:
        zone: the zone's name.
        person: the person's index.
        enter: when and where it began.
        enter_cause: `crossed` or `appeared`.
        exit: when and where it ended.
        exit_cause: `crossed` or `vanished`.
    """

    zone: str
    person: int
    enter: Moment
    enter_cause: Cause
    exit: Moment
    exit_cause: Cause

    @property
    def dwell_ms(self) -> int:
        """How long it lasted."""
        return self.exit.at_ms - self.enter.at_ms


@dataclass(frozen=True, slots=True)
class Crossing:
    """A person's way through a line."""

    line: str
    person: int
    direction: Direction
    moment: Moment


@dataclass(frozen=True, slots=True)
class Presence:
    """A stretch of a person's path without long gaps.

    Attributes:
        person: the person's index.
        first_ms: the first observation.
        last_ms: the last observation.
    """

    person: int
    first_ms: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class PersonSeen:
    """One person who counts.

    Attributes:
        person: the person's index.
        first_ms: the first observation.
        last_ms: the last observation.
        seen_ms: how long the person was seen, without long gaps.
        distance_m: how far the person walked; None without a calibration.
    """

    person: int
    first_ms: int
    last_ms: int
    seen_ms: int
    distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class Excluded:
    """How many people count nowhere.

    Attributes:
        staff: they were in a staff zone for longer than its limit.
        seen_too_short: they were seen for less than the minimum.
    """

    staff: int = 0
    seen_too_short: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """Everything that was found in one video, sorted by person and then by time.

    Attributes:
        visits: of all zones.
        crossings: of all lines.
        presences: in the picture.
        people: all who count.
        excluded: how many do not.
        last_ms: time of the last observation; -1 if there is none.
    """

    visits: tuple[Visit, ...]
    crossings: tuple[Crossing, ...]
    presences: tuple[Presence, ...]
    people: tuple[PersonSeen, ...]
    excluded: Excluded
    last_ms: int
