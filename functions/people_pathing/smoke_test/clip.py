"""The clip of the smoke test, and what tracking it must find.

Two people are drawn who cross, so that every position is known. HOG, YOLOX nano and SSD find both in each of
the 50 frames: the mean error is at most 5 % of their height with HOG, and 3 % with the others.
tests/stack/smoke_clip.py draws the clip.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import hypot
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("walkers.mp4")
WIDTH_PX, HEIGHT_PX = 640, 480
FRAMES_PER_SECOND = 10
FRAME_COUNT = 50
DURATION_MS = 1000 * FRAME_COUNT // FRAMES_PER_SECOND

MAX_MEAN_ERROR = 0.15
"""Mean distance between the centres of the drawn and the found person ÷ the person's height."""
MIN_SEEN_SHARE = 0.6
"""Time from the first to the last observation ÷ duration of the clip."""


@dataclass(frozen=True, slots=True)
class DrawnPerson:
    """A person who walks along a straight line.

    Attributes:
        start_x_px: horizontal position of the feet in the first frame.
        speed_px: movement to the right from one frame to the next.
        feet_y_px: vertical position of the feet.
        height_px: height of the person.
    """

    start_x_px: float
    speed_px: float
    feet_y_px: float
    height_px: float

    def centre_px(self, at_ms: float) -> tuple[float, float]:
        """Returns the centre of the person."""
        frame = at_ms * FRAMES_PER_SECOND / 1000
        return self.start_x_px + self.speed_px * frame, self.feet_y_px - self.height_px / 2


PEOPLE = (DrawnPerson(90, 6, 300, 210), DrawnPerson(550, -6, 460, 250))

Observations = Sequence[Mapping[str, Any]]
"""Observations of one person, as GetPersonTracking reports them."""


def problem_of(observations: Iterable[Mapping[str, Any]]) -> str | None:
    """Returns how the people that were found differ from those that were drawn, or None if they do not.

    Args:
        observations: the lines of observations.jsonl.gz.
    """
    found: dict[int, list[Mapping[str, Any]]] = {}
    for observation in observations:
        found.setdefault(observation["Person"]["Index"], []).append(observation)
    if len(found) != len(PEOPLE):
        return f"the clip shows {len(PEOPLE)} people, and {len(found)} were found"
    for index, seen in found.items():
        share = (seen[-1]["Timestamp"] - seen[0]["Timestamp"]) / DURATION_MS
        if share < MIN_SEEN_SHARE:
            return (
                f"person {index} was seen for {share:.0%} of the clip, not for at least {MIN_SEEN_SHARE:.0%}"
            )
    # Which of them is which is not known, so the best assignment counts.
    error = min(max(map(_mean_error, PEOPLE, candidates)) for candidates in permutations(found.values()))
    if error > MAX_MEAN_ERROR:
        return (
            f"the path of a person is wrong by {error:.0%} of the height on average, "
            f"and {MAX_MEAN_ERROR:.0%} is allowed"
        )
    return None


def _mean_error(drawn: DrawnPerson, observations: Observations) -> float:
    """Returns the mean distance between the centres ÷ the height of the drawn person."""
    errors = []
    for observation in observations:
        box = observation["Person"]["BoundingBox"]
        x_px, y_px = drawn.centre_px(observation["Timestamp"])
        found_x_px = (box["Left"] + box["Width"] / 2) * WIDTH_PX
        found_y_px = (box["Top"] + box["Height"] / 2) * HEIGHT_PX
        errors.append(hypot(found_x_px - x_px, found_y_px - y_px) / drawn.height_px)
    return sum(errors) / len(errors)
