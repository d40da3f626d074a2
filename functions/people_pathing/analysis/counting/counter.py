"""Counts the people of one video, one observation at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from people_pathing.analysis.counting.events import (
    Counted,
    Crossing,
    Excluded,
    Moment,
    PersonSeen,
    Presence,
    Visit,
)
from people_pathing.analysis.counting.geometry import Step, scaled
from people_pathing.analysis.counting.line_crossings import LineCrossings
from people_pathing.analysis.counting.zone_visits import Change, Stay, ZoneVisits
from people_pathing.analysis.floor.walking import WalkedDistance
from people_pathing.analysis.path_points import PathPoint
from people_pathing.analysis.zones_file.sections import Zone, ZonesFile

DECIMALS = 5
"""Of ratios: exact to a tenth of a pixel in a frame of 10,000 pixels."""


class PointOrderError(ValueError):
    """The points are not sorted by person and then by time."""


class Counter:
    """Finds visits and crossings. The memory it needs grows with what it finds, not with the points.

    Args:
        zones_file: what is counted.
        aspect_ratio: width of the frame divided by its height.
    """

    def __init__(self, zones_file: ZonesFile, aspect_ratio: float) -> None:
        self._rules = zones_file.rules
        self._aspect_ratio = aspect_ratio
        self._zones = [
            (zone, ZoneVisits(tuple(scaled(vertex, aspect_ratio) for vertex in zone.polygon), self._rules))
            for zone in zones_file.zones
        ]
        self._lines = [
            (
                line,
                LineCrossings(scaled(line.start, aspect_ratio), scaled(line.end, aspect_ratio), self._rules),
            )
            for line in zones_file.lines
        ]
        self._walked = WalkedDistance(zones_file.calibration) if zones_file.calibration else None
        self._person: _Person | None = None
        self._visits: list[Visit] = []
        self._crossings: list[Crossing] = []
        self._presences: list[Presence] = []
        self._people: list[PersonSeen] = []
        self._excluded = {"staff": 0, "seen_too_short": 0}
        self._last_ms = -1

    def add_all(self, points: Iterable[PathPoint]) -> None:
        """Adds points in the order of the result files: by person, then by time.

        Raises:
            PointOrderError: a point belongs before one that was already added.
        """
        for point in points:
            self._add(point)

    def end(self) -> Counted:
        """Returns what was found. The counter cannot be used afterwards."""
        self._end_person()
        return Counted(
            tuple(self._visits),
            tuple(self._crossings),
            tuple(self._presences),
            tuple(self._people),
            Excluded(**self._excluded),
            self._last_ms,
        )

    def _add(self, point: PathPoint) -> None:
        person, foot = self._person, scaled((point.x, point.y), self._aspect_ratio)
        if person is None or point.person != person.index:
            if person is not None and point.person < person.index:
                raise PointOrderError(f"person {point.person} comes after person {person.index}")
            self._end_person()
            self._person = person = _Person(point.person, point.at_ms)
            step = Step(point.at_ms, point.at_ms, foot, foot)
        elif point.at_ms < person.step.end_ms:
            raise PointOrderError(
                f"person {point.person} at {point.at_ms} ms comes after {person.step.end_ms} ms"
            )
        elif point.at_ms - person.step.end_ms > self._rules.max_gap_ms:
            self._interrupt(person)
            person.stretch_start_ms = point.at_ms
            step = Step(point.at_ms, point.at_ms, foot, foot)
        else:
            step = Step(person.step.end_ms, point.at_ms, person.step.end, foot)
        person.step = step
        self._last_ms = max(self._last_ms, point.at_ms)
        if self._walked:
            self._walked.add(point)
        for zone, visits in self._zones:
            self._keep(person, zone, visits.add(step, point.box_height))
        for line, crossings in self._lines:
            for passage in crossings.add(step, point.box_height):
                moment = self._moment(passage.step, passage.share)
                person.crossings.append(Crossing(line.name, person.index, passage.direction, moment))

    def _interrupt(self, person: _Person) -> None:
        """Ends a stretch of a path."""
        for zone, visits in self._zones:
            self._keep(person, zone, visits.interrupt())
        for _, crossings in self._lines:
            crossings.interrupt()
        if self._walked:
            self._walked.interrupt()
        person.presences.append(Presence(person.index, person.stretch_start_ms, person.step.end_ms))

    def _end_person(self) -> None:
        person = self._person
        if person is None:
            return
        self._interrupt(person)
        distance_m = self._walked.take_total_m() if self._walked else None
        reason = self._exclusion(person)
        if reason:
            self._excluded[reason] += 1
            return
        self._visits += person.visits
        self._crossings += person.crossings
        self._presences += person.presences
        last_ms = person.presences[-1].last_ms
        self._people.append(PersonSeen(person.index, person.first_ms, last_ms, person.seen_ms, distance_m))

    def _exclusion(self, person: _Person) -> Literal["staff", "seen_too_short"] | None:
        for zone, _ in self._zones:
            total_ms = sum(visit.dwell_ms for visit in person.visits if visit.zone == zone.name)
            if zone.staff_after_ms is not None and total_ms > zone.staff_after_ms:
                return "staff"
        return "seen_too_short" if person.seen_ms < self._rules.minimum_seen_ms else None

    def _keep(self, person: _Person, zone: Zone, stay: Stay | None) -> None:
        """Keeps a visit that lasted long enough."""
        if stay is None:
            return
        enter, leave = self._moment_of(stay.enter), self._moment_of(stay.exit)
        if leave.at_ms - enter.at_ms >= zone.minimum_stay_ms:
            person.visits.append(
                Visit(zone.name, person.index, enter, stay.enter_cause, leave, stay.exit_cause)
            )

    def _moment_of(self, change: Change) -> Moment:
        return self._moment(change.step, change.share)

    def _moment(self, step: Step, share: float) -> Moment:
        x, y = step.point_at(share)
        move_x, move_y = step.end[0] - step.start[0], step.end[1] - step.start[1]
        ratio = self._aspect_ratio
        values = (round(value, DECIMALS) for value in (x / ratio, y, move_x / ratio, move_y))
        return Moment(step.ms_at(share), *values)


class _Person:
    """A person whose path is being followed."""

    def __init__(self, index: int, first_ms: int) -> None:
        self.index = index
        self.first_ms = first_ms
        self.stretch_start_ms = first_ms
        self.step = Step(first_ms, first_ms, (0.0, 0.0), (0.0, 0.0))
        self.visits: list[Visit] = []
        self.crossings: list[Crossing] = []
        self.presences: list[Presence] = []

    @property
    def seen_ms(self) -> int:
        """How long the person was seen, without long gaps."""
        return sum(presence.last_ms - presence.first_ms for presence in self.presences)
