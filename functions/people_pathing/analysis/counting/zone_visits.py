"""Finds when one person visits one zone."""

from __future__ import annotations

from dataclasses import dataclass

from people_pathing.analysis.counting.events import Cause
from people_pathing.analysis.counting.geometry import (
    Step,
    bounding_box,
    contains,
    distance_to_boundary,
    shares_at_boundary,
)
from people_pathing.analysis.zones_file.sections import Polygon, Rules


@dataclass(frozen=True, slots=True)
class Change:
    """Where a path met the boundary of a zone, or where it began.

    Attributes:
        step: the step of the path.
        share: after which share of the step.
    """

    step: Step
    share: float


@dataclass(frozen=True, slots=True)
class Stay:
    """A visit as it is seen at one zone."""

    enter: Change
    enter_cause: Cause
    exit: Change
    exit_cause: Cause


@dataclass(slots=True)
class _Path:
    """What is known about the path of one person at one zone.

    Attributes:
        change: the last change of sides, confirmed or not; before the first, the start of the path.
        was_inside: whether the last observation was inside.
        last: the step to the last observation.
        since_ms: since when all observations speak for a side that is not confirmed yet.
        is_outside: whether the person is confirmed outside.
        enter: where the visit began; None if the person is not confirmed inside.
        enter_cause: why it began.
    """

    change: Change
    was_inside: bool
    last: Step
    since_ms: int | None = None
    is_outside: bool = False
    enter: Change | None = None
    enter_cause: Cause = "appeared"


class ZoneVisits:
    """Follows one person at one zone.

    Args:
        polygon: the zone, in frame heights.
        rules: when a person enters and exits.
    """

    def __init__(self, polygon: Polygon, rules: Rules) -> None:
        self._polygon = polygon
        self._box = bounding_box(polygon)
        self._rules = rules
        self._path: _Path | None = None

    def add(self, step: Step, box_height: float) -> Stay | None:
        """Adds one observation.

        Args:
            step: from the observation before; its start and end are the same at the first observation.
            box_height: of this observation, in frame heights.

        Returns:
            The visit that is confirmed to have ended.
        """
        inside = self._contains(step)
        path = self._path
        if path is None:
            self._path = path = _Path(Change(step, 1.0), inside, step)
        elif inside != path.was_inside:
            path.change, path.since_ms = self._boundary(step, is_entry=inside), None
        path.was_inside, path.last = inside, step
        if path.enter is not None:
            if not inside and self._has_lasted(path, is_clear=self._is_clear(step, box_height)):
                stay = Stay(path.enter, path.enter_cause, path.change, "crossed")
                path.enter, path.is_outside = None, True
                return stay
        elif inside:
            if self._has_lasted(path, is_clear=True):
                path.enter, path.enter_cause = path.change, "crossed" if path.is_outside else "appeared"
                path.is_outside = False
        elif not path.is_outside:
            path.is_outside = self._has_lasted(path, is_clear=self._is_clear(step, box_height))
        return None

    def interrupt(self) -> Stay | None:
        """Ends the path of a person, or a stretch of it. Returns the visit that ends with it."""
        path, self._path = self._path, None
        if path is None or path.enter is None:
            return None
        end = Change(path.last, 1.0) if path.was_inside else path.change
        return Stay(path.enter, path.enter_cause, end, "vanished")

    def _has_lasted(self, path: _Path, *, is_clear: bool) -> bool:
        """Tells whether the observations have spoken for the new side for long enough."""
        if not is_clear:
            path.since_ms = None
            return False
        if path.since_ms is None:
            path.since_ms = path.last.end_ms
        return path.last.end_ms - path.since_ms >= self._rules.confirm_ms

    def _contains(self, step: Step) -> bool:
        left, top, right, bottom = self._box
        x, y = step.end
        return left <= x <= right and top <= y <= bottom and contains(self._polygon, step.end)

    def _is_clear(self, step: Step, box_height: float) -> bool:
        return distance_to_boundary(self._polygon, step.end) > self._rules.margin * box_height

    def _boundary(self, step: Step, *, is_entry: bool) -> Change:
        """Returns where a step meets the boundary: the last place for an entry, the first for an exit."""
        shares = shares_at_boundary(self._polygon, step)
        if is_entry:
            return Change(step, shares[-1] if shares else 1.0)
        # Without a share, the step starts or ends on the boundary.
        return Change(step, shares[0] if shares else 0.0)
