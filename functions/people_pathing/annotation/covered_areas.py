"""Which parts of a frame are covered, so that people or faces cannot be recognised.

Everything here rather covers too much than too little. A box is off by some pixels, people move between two
observations, and an arm or a face can be outside its box.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from people_pathing.annotation.choices import AllBut, Blur
from people_pathing.annotation.interpolation import (
    Box,
    as_box,
    box_at,
    longest_bridged_ms,
    neighbours,
)
from people_pathing.annotation.people_paths import BoxSeries, PeoplePaths, PersonPath

MARGIN = 0.1
"""The enlargement of a person's box on every side, as a share of its height. Edges of detected boxes are
usually off by 2 to 3 percent, and stretched arms and legs reach out."""
FACE_MARGIN = 0.3
"""The enlargement of a face's box on every side, as a share of its longer side: hair, ears and chin."""
HEAD_HEIGHT = 0.25
"""Share of a person's box from its top that can show the head of a person who stands."""
HEAD_WIDTH = 0.5
"""The part for the head is at least so high, as a share of the width of the box. People who sit, bend or are
cut off by the edge of the frame have wide boxes, and their heads take more of the height."""
KEPT_MS = 1000
"""How long a person is covered before the first and after the last observation: detection is late."""
BRIDGED_MS = 5000
"""In a gap of up to this length, everything between the two boxes is covered."""
MOTION_MS = 500
"""How much of a path before its end tells how the person moves on."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Decides what is covered.

    Attributes:
        paths: the people.
        blur: what must not be recognisable.
        aspect_ratio: width of the frame divided by its height.
    """

    paths: PeoplePaths
    blur: Blur
    aspect_ratio: float

    def at(self, at_ms: int) -> list[Box]:
        """Returns the boxes that are covered at a time. They may overlap and reach out of the frame."""
        kept_ms = max(KEPT_MS, 2 * self.paths.interval_ms)
        near = self.paths.around(at_ms, kept_ms, kept_ms)
        chosen = (person for person in near if self.blur != AllBut(person.index))
        return [area for person in chosen for area in self._areas(person, at_ms, kept_ms)]

    def _areas(self, person: PersonPath, at_ms: int, kept_ms: int) -> Iterator[Box]:
        bridged_ms = longest_bridged_ms(self.paths.interval_ms)
        boxes = _possible_boxes(person.observed, at_ms, bridged_ms, kept_ms)
        if boxes and self.blur != "faces":
            hull = _hull(boxes)
            yield _grown(hull, MARGIN * (hull[3] - hull[1]), self.aspect_ratio)
            return
        if boxes:
            # The detector of faces misses faces, so the head is always covered.
            margins = (MARGIN * (box[3] - box[1]) for box in boxes)
            yield _grown(_hull([self._head(box) for box in boxes]), max(margins), self.aspect_ratio)
        # The API may report a face without a box of the person.
        face = box_at(person.faces, at_ms, bridged_ms, kept_ms)
        if face is not None:
            longer_side = max(face[3] - face[1], (face[2] - face[0]) * self.aspect_ratio)
            yield _grown(face, FACE_MARGIN * longer_side, self.aspect_ratio)

    def _head(self, box: Box) -> Box:
        left, top, right, bottom = box
        height = max(HEAD_HEIGHT * (bottom - top), HEAD_WIDTH * (right - left) * self.aspect_ratio)
        return left, top, right, min(bottom, top + height)


def _possible_boxes(series: BoxSeries, at_ms: int, bridged_ms: int, kept_ms: int) -> list[Box]:
    """Returns boxes that together contain the person at a time; none if the person is away."""
    near = neighbours(series, at_ms)
    times_ms, boxes = series.times_ms, series.boxes
    if near.before is not None and near.after is not None:
        gap_ms = int(times_ms[near.after] - times_ms[near.before])
        if at_ms != times_ms[near.before] and bridged_ms < gap_ms <= max(BRIDGED_MS, bridged_ms):
            return [as_box(boxes[near.before]), as_box(boxes[near.after])]
    known = box_at(series, at_ms, bridged_ms, 0)
    if known is not None:
        return [known]
    kept = []
    if near.before is not None and at_ms - times_ms[near.before] <= kept_ms:
        kept += _moved(series, near.before, at_ms, -1)
    if near.after is not None and times_ms[near.after] - at_ms <= kept_ms:
        kept += _moved(series, near.after, at_ms, 1)
    return kept


def _moved(series: BoxSeries, place: int, at_ms: int, direction: int) -> list[Box]:
    """Returns an outermost box of a stretch, and where it would be if the person kept moving.

    Args:
        series: the observed boxes.
        place: position of the box.
        at_ms: the time.
        direction: 1 if the stretch begins with the box, -1 if it ends with it.
    """
    times_ms, boxes = series.times_ms, series.boxes
    other = place
    while (
        0 <= other + direction < len(times_ms)
        and abs(int(times_ms[other + direction] - times_ms[place])) <= MOTION_MS
    ):
        other += direction
    observed = as_box(boxes[place])
    span_ms = int(times_ms[other] - times_ms[place])
    if span_ms == 0:
        return [observed]
    share = (at_ms - int(times_ms[place])) / span_ms
    move = (boxes[other] - boxes[place]) * share
    # The person keeps its size: a box that shrinks at the edge of the frame must not vanish.
    x, y = float(move[0] + move[2]) / 2, float(move[1] + move[3]) / 2
    left, top, right, bottom = observed
    return [observed, (left + x, top + y, right + x, bottom + y)]


def _hull(boxes: list[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _grown(box: Box, margin: float, aspect_ratio: float) -> Box:
    """Returns a box with a margin on all sides, in frame heights."""
    left, top, right, bottom = box
    return left - margin / aspect_ratio, top - margin, right + margin / aspect_ratio, bottom + margin
