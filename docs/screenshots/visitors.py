"""Who walks where in the generated shop. Positions are metres on the floor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Position = tuple[float, float]
Colour = tuple[int, int, int]

DURATION_S = 30.0
# A person turns within this time, not at once.
_TURN_S = 0.6
_TURN_SAMPLES = 9

DOOR = (-4.0, 12.7)
LEFT, RIGHT = (-10.5, 9.6), (11.0, 10.6)


@dataclass(frozen=True, slots=True)
class Stop:
    """A place where a visitor goes.

    Attributes:
        position: metres to the right of the camera, and away from it.
        wait_s: how long the visitor stands there.
    """

    position: Position
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Look:
    """How a visitor looks. Colours are red, green and blue."""

    coat: Colour
    trousers: Colour
    hair: Colour
    skin: Colour
    height_m: float


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person who walks from stop to stop at a constant speed."""

    start_s: float
    speed_m_s: float
    stops: Sequence[Stop]
    look: Look

    @property
    def end_s(self) -> float:
        """When the visitor has left."""
        walked = sum(math.dist(a.position, b.position) for a, b in pairwise(self.stops))
        return self.start_s + walked / self.speed_m_s + sum(stop.wait_s for stop in self.stops)

    def is_present(self, at_s: float) -> bool:
        """Whether the visitor is in the shop."""
        return self.start_s <= at_s <= self.end_s

    def position(self, at_s: float) -> Position:
        """Returns where the visitor is. Corners are rounded."""
        times = (at_s + _TURN_S * (number / (_TURN_SAMPLES - 1) - 0.5) for number in range(_TURN_SAMPLES))
        places = [self._on_the_way(time) for time in times]
        return sum(x for x, _ in places) / len(places), sum(y for _, y in places) / len(places)

    def _on_the_way(self, at_s: float) -> Position:
        left_s = min(max(at_s, self.start_s), self.end_s) - self.start_s
        for here, there in pairwise(self.stops):
            if left_s <= here.wait_s:
                return here.position
            left_s -= here.wait_s
            needed_s = math.dist(here.position, there.position) / self.speed_m_s
            if left_s <= needed_s:
                share = left_s / needed_s
                return (
                    here.position[0] + share * (there.position[0] - here.position[0]),
                    here.position[1] + share * (there.position[1] - here.position[1]),
                )
            left_s -= needed_s
        return self.stops[-1].position


_BROWN, _BLACK, _FAIR = (74, 52, 38), (34, 30, 30), (176, 140, 92)
_LIGHT, _TAN, _DARK = (232, 190, 160), (196, 146, 108), (122, 82, 58)
_JEANS, _GREY, _NAVY, _BEIGE = (62, 84, 122), (82, 84, 90), (38, 44, 66), (172, 152, 120)


def _way(*stops: Position | Stop) -> tuple[Stop, ...]:
    return tuple(stop if isinstance(stop, Stop) else Stop(stop) for stop in stops)


VISITORS = (
    # In at the door, to the table, to the till, and out again.
    Visitor(
        0.5,
        1.25,
        _way(
            DOOR, (-3.4, 10.6), Stop((-1.5, 8.4), 3.0), Stop((2.6, 7.0), 6.5), (0.0, 10.8), (-4.2, 11.4), DOOR
        ),
        Look((186, 62, 54), _JEANS, _BROWN, _LIGHT, 1.74),
    ),
    # Waits behind the first one at the till.
    Visitor(
        3.6,
        1.3,
        _way(
            DOOR, (-3.2, 11.0), (0.2, 10.6), Stop((1.2, 6.9), 10.5), Stop((2.6, 7.0), 5.0), (2.9, 9.2), RIGHT
        ),
        Look((226, 172, 60), _NAVY, _BLACK, _TAN, 1.68),
    ),
    # Two who walk together, from the left to the right.
    Visitor(
        1.2,
        1.2,
        _way(LEFT, (-5.0, 8.4), (-1.2, 7.0), (2.4, 9.3), RIGHT),
        Look((58, 112, 96), _BEIGE, _FAIR, _LIGHT, 1.66),
    ),
    Visitor(
        1.9,
        1.2,
        _way((-10.5, 8.7), (-5.0, 7.5), (-1.0, 6.1), (2.8, 8.6), (11.0, 9.6)),
        Look((90, 70, 140), _GREY, _BLACK, _DARK, 1.81),
    ),
    # From the right to the table, and on through the door.
    Visitor(
        0.0,
        1.35,
        _way((7.2, 10.9), (3.0, 10.7), Stop((1.6, 9.7), 4.0), (-1.0, 11.0), (-3.9, 11.4), DOOR),
        Look((60, 98, 168), _BEIGE, _BROWN, _LIGHT, 1.79),
    ),
    # Comes in later, looks at the shelves on the left.
    Visitor(
        8.0,
        1.15,
        _way(DOOR, (-4.6, 10.8), Stop((-5.0, 9.2), 5.5), (-3.4, 7.6), Stop((-1.7, 7.9), 4.0), (-2.6, 2.0)),
        Look((212, 214, 216), _NAVY, _FAIR, _TAN, 1.71),
    ),
    # A pair through the door: to the till.
    Visitor(
        11.0,
        1.2,
        _way(DOOR, (-3.2, 11.2), (0.4, 10.9), Stop((3.4, 9.8), 5.0), (6.0, 10.2), RIGHT),
        Look((196, 96, 128), _GREY, _BROWN, _LIGHT, 1.64),
    ),
    Visitor(
        11.7,
        1.2,
        _way(DOOR, (-3.4, 10.7), (0.2, 10.2), Stop((2.2, 10.4), 5.2), (5.6, 9.5), (11.0, 9.9)),
        Look((48, 52, 60), _JEANS, _BLACK, _DARK, 1.83),
    ),
    # Crosses in front of the camera.
    Visitor(
        13.5,
        1.4,
        _way((6.0, 4.7), (3.2, 4.8), (-2.6, 5.8), (-6.0, 8.0), LEFT),
        Look((232, 122, 58), _NAVY, _BLACK, _TAN, 1.76),
    ),
    # Straight to the till, and waits there.
    Visitor(
        16.5,
        1.4,
        _way(DOOR, (-3.0, 10.9), (0.0, 10.6), Stop((1.0, 7.4), 3.6), Stop((2.5, 7.1), 20.0), (2.9, 9.2)),
        Look((112, 160, 84), _BEIGE, _BROWN, _DARK, 1.72),
    ),
    # In and out of the door at once.
    Visitor(
        20.0,
        1.2,
        _way(DOOR, (-3.6, 11.3), Stop((-3.0, 10.4), 1.5), (-4.3, 11.3), DOOR),
        Look((150, 60, 90), _GREY, _FAIR, _LIGHT, 1.69),
    ),
    Visitor(
        22.0,
        1.3,
        _way((-2.0, 2.4), (-2.4, 5.6), (-4.2, 9.0), (-4.2, 11.4), DOOR),
        Look((70, 130, 170), _NAVY, _BROWN, _TAN, 1.77),
    ),
)
"""All people of the video."""
