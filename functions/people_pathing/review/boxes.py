"""Boxes in pixels of numbered frames, as programs for labelling have them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from people_pathing.results.stored_result import StoredResult
from people_pathing.review.sampled_frames import FrameNumberError, frame_of

Edges = tuple[float, float, float, float]
"""Left, top, right and bottom in pixels."""

DECIMALS_PX = 2
"""As CVAT writes them. Boxes of the service are whole pixels."""


@dataclass(frozen=True, slots=True)
class PersonBox:
    """One person in one frame.

    Attributes:
        person_index: the person's number.
        frame: number of the frame, from 0.
        edges_px: the box.
    """

    person_index: int
    frame: int
    edges_px: Edges

    def towards(self, other: PersonBox, frame: int) -> Edges:
        """Returns the box in a frame between this one and a later one, on a straight path."""
        share = (frame - self.frame) / (other.frame - self.frame)
        left, top, right, bottom = (
            round(mine * (1 - share) + theirs * share, DECIMALS_PX)
            for mine, theirs in zip(self.edges_px, other.edges_px, strict=True)
        )
        return left, top, right, bottom


def person_boxes(stored: StoredResult) -> Iterator[PersonBox]:
    """Yields the boxes of a stored result by person, then by frame. Observations without a box are left out.

    Raises:
        FrameNumberError: a person has two boxes in one frame.
        StoredResultError: the file of observations is damaged.
    """
    before: PersonBox | None = None
    width_px, height_px = stored.frame_width_px, stored.frame_height_px
    for observation in stored.observations():
        if observation.box is None:
            continue
        # The sizes are rounded, not the right and lower edges, because sizes are what is stored.
        left = round(observation.box.left * width_px, DECIMALS_PX)
        top = round(observation.box.top * height_px, DECIMALS_PX)
        right = round(left + round(observation.box.width * width_px, DECIMALS_PX), DECIMALS_PX)
        bottom = round(top + round(observation.box.height * height_px, DECIMALS_PX), DECIMALS_PX)
        frame = frame_of(stored, observation.timestamp_ms)
        box = PersonBox(observation.person_index, frame, (left, top, right, bottom))
        if before and (before.person_index, before.frame) == (box.person_index, box.frame):
            raise FrameNumberError(
                f"person {box.person_index} has two boxes in frame {frame}, at {observation.timestamp_ms} ms"
            )
        yield box
        before = box
