"""Finds where one person crosses one line."""

from __future__ import annotations

from dataclasses import dataclass

from people_pathing.analysis.counting.events import Direction
from people_pathing.analysis.counting.geometry import Step, cross, distance_to_segment, share_at_segment
from people_pathing.analysis.zones_file.sections import Point, Rules


@dataclass(frozen=True, slots=True)
class Passage:
    """A step of a path that leads through a line.

    Attributes:
        direction: from right to left is `in`.
        step: the step.
        share: after which share of the step it meets the line.
    """

    direction: Direction
    step: Step
    share: float


class LineCrossings:
    """Follows one person at one line.

    Args:
        start: of the line, in frame heights.
        end: of the line, in frame heights.
        rules: when a crossing counts.
    """

    def __init__(self, start: Point, end: Point, rules: Rules) -> None:
        self._start = start
        self._end = end
        self._rules = rules
        self._is_confirmed = False
        # Passages since the last confirmation. They all have one direction, because opposite ones cancel.
        self._passages: list[Passage] = []
        self._clear_since_ms: int | None = None

    def interrupt(self) -> None:
        """Forgets the path: a person or a stretch of a path begins."""
        self._is_confirmed, self._passages, self._clear_since_ms = False, [], None

    def add(self, step: Step, box_height: float) -> list[Passage]:
        """Adds one observation.

        Args:
            step: from the observation before; its start and end are the same at the first observation.
            box_height: of this observation, in frame heights.

        Returns:
            The crossings that are confirmed now.
        """
        share = share_at_segment(step, self._start, self._end)
        if share is not None:
            self._pass(Passage("in" if cross(self._start, self._end, step.end) < 0 else "out", step, share))
        if self._is_confirmed and not self._passages:
            return []
        if not self._has_settled(step, box_height):
            return []
        crossings = self._passages if self._is_confirmed else []
        self._is_confirmed, self._passages = True, []
        return crossings

    def _pass(self, passage: Passage) -> None:
        self._clear_since_ms = None
        if self._passages and self._passages[-1].direction != passage.direction:
            self._passages.pop()
        else:
            self._passages.append(passage)

    def _has_settled(self, step: Step, box_height: float) -> bool:
        """Tells whether the person has been clear of the line for long enough."""
        if distance_to_segment(self._start, self._end, step.end) <= self._rules.margin * box_height:
            self._clear_since_ms = None
            return False
        if self._clear_since_ms is None:
            self._clear_since_ms = step.end_ms
        return step.end_ms - self._clear_since_ms >= self._rules.confirm_ms
