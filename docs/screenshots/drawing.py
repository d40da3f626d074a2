"""Draws the generated shop and its visitors."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from docs.screenshots.camera import HEIGHT_PX, WIDTH_PX, length_px, pixel
from docs.screenshots.visitors import Colour, Position, Visitor

Image = npt.NDArray[np.uint8]
Point = tuple[float, float, float]
"""Metres to the right of the camera, away from it, and up."""

WALL_Y_M = 13.0
WALL_UP_M = 3.6
SIDE_M = 11.0
NEAR_Y_M = 2.5
# OpenCV takes coordinates in sixteenths of a pixel.
_SHIFT = 4
_STRIDE_M = 0.7


def draw_room() -> Image:
    """Returns the picture of the empty shop, (height, width, 3), red, green and blue."""
    image: Image = np.full((HEIGHT_PX, WIDTH_PX, 3), (226, 222, 214), np.uint8)
    _polygon(image, _floor(-SIDE_M, NEAR_Y_M, SIDE_M, WALL_Y_M), (198, 190, 178))
    _draw_tiles(image)
    _wall(image, -SIDE_M, SIDE_M, 0, 0.12, (150, 140, 128))
    _draw_door(image)
    for left_m in (-10.6, -8.3, 0.2, 2.6, 5.0, 7.4):
        _draw_shelf(image, left_m)
    # A mat inside the door.
    _polygon(image, _floor(-5.2, 11.9, -2.8, 12.9), (112, 110, 108))
    return image


def draw_frame(room: Image, visitors: Sequence[Visitor], at_s: float) -> Image:
    """Returns a frame of the video, (height, width, 3), red, green and blue."""
    image = room.copy()
    furniture = [(piece.near_m, partial(piece.draw, image)) for piece in (TABLE, TILL)]
    people = [
        (one.position(at_s)[1], partial(_draw_person, image, one, at_s))
        for one in visitors
        if one.is_present(at_s)
    ]
    # What is further away is drawn first.
    for _, draw in sorted([*furniture, *people], key=lambda pair: -pair[0]):
        draw()
    return image


@dataclass(frozen=True, slots=True)
class Furniture:
    """A block on the floor. Lengths are metres to the right of the camera, away from it, and up."""

    left_m: float
    right_m: float
    near_m: float
    far_m: float
    up_m: float
    colour: Colour

    def draw(self, image: Image) -> None:
        """Draws the sides that the camera sees, and the top."""
        left, right, near, far, up = self.left_m, self.right_m, self.near_m, self.far_m, self.up_m
        _polygon(image, _floor(left - 0.1, near - 0.12, right + 0.1, far), _shade((198, 190, 178), 0.88))
        side = right if right < 0 else left
        _polygon(
            image,
            [(side, near, 0), (side, far, 0), (side, far, up), (side, near, up)],
            _shade(self.colour, 0.7),
        )
        _polygon(
            image,
            [(left, near, 0), (right, near, 0), (right, near, up), (left, near, up)],
            _shade(self.colour, 0.84),
        )
        _polygon(image, [(left, near, up), (right, near, up), (right, far, up), (left, far, up)], self.colour)


TABLE = Furniture(-0.9, 0.9, 8.3, 9.5, 0.75, (178, 142, 104))
TILL = Furniture(3.6, 4.6, 5.6, 8.4, 1.0, (120, 134, 146))


def _draw_tiles(image: Image) -> None:
    colour = (186, 178, 166)
    for x_m in np.arange(-SIDE_M, SIDE_M + 0.1, 1.0):
        _line(image, (x_m, NEAR_Y_M, 0), (x_m, WALL_Y_M, 0), colour, 1)
    for y_m in np.arange(3.0, WALL_Y_M, 1.0):
        _line(image, (-SIDE_M, y_m, 0), (SIDE_M, y_m, 0), colour, 1)


def _draw_door(image: Image) -> None:
    _wall(image, -5.3, -2.7, 0, 2.5, (92, 96, 102))
    for left_m in (-5.15, -3.95):
        _wall(image, left_m, left_m + 1.1, 0.05, 2.35, (188, 208, 220))
    _wall(image, -5.3, -2.7, 2.6, 3.0, (58, 104, 88))


def _draw_shelf(image: Image, left_m: float) -> None:
    width_m, up_m = 2.1, 2.0
    _wall(image, left_m, left_m + width_m, 0, up_m, (190, 176, 160))
    colours = ((196, 172, 164), (168, 182, 190), (206, 196, 168), (176, 188, 170), (190, 180, 192))
    for row, low_m in enumerate((0.2, 0.8, 1.4)):
        _wall(image, left_m + 0.08, left_m + width_m - 0.08, low_m, low_m + 0.5, (170, 156, 142))
        for column in range(7):
            from_m = left_m + 0.14 + column * 0.27
            up = low_m + 0.26 + 0.08 * ((column * 7 + row * 5 + round(left_m * 3)) % 3)
            _wall(image, from_m, from_m + 0.2, low_m, up, colours[(column + 2 * row + round(left_m)) % 5])


def _draw_person(image: Image, person: Visitor, at_s: float) -> None:
    x_m, y_m = person.position(at_s)
    heading, speed_m_s = _motion(person, at_s)
    swing = min(1.0, speed_m_s / person.speed_m_s)
    phase = 2 * math.pi * (at_s - person.start_s) * person.speed_m_s / (2 * _STRIDE_M)
    size = person.look.height_m / 1.75
    across = (-heading[1], heading[0])

    def at(forward_m: float, aside_m: float, up_m: float) -> Point:
        return (
            x_m + size * (forward_m * heading[0] + aside_m * across[0]),
            y_m + size * (forward_m * heading[1] + aside_m * across[1]),
            size * up_m,
        )

    look = person.look
    _ellipse(image, (x_m, y_m, 0), 0.3, 0.34, _shade((198, 190, 178), 0.84))
    # The side that is further away is drawn first.
    sides = sorted((-1, 1), key=lambda side: -(side * across[1]))
    for side in sides:
        step = 0.32 * swing * math.sin(phase) * side
        lift = 0.12 * swing * max(0.0, math.cos(phase) * side)
        shade = 0.86 if side == sides[0] else 1.0
        trousers = _shade(look.trousers, shade)
        _limb(
            image,
            [
                at(0, side * 0.09, 0.92),
                at(step * 0.5 + 0.05 * swing, side * 0.09, 0.48 + lift / 2),
                at(step, side * 0.09, 0.08 + lift),
            ],
            0.155 * size,
            trousers,
        )
        _limb(
            image,
            [at(step - 0.03, side * 0.09, 0.05 + lift), at(step + 0.15, side * 0.09, 0.04 + lift)],
            0.09 * size,
            (44, 40, 40),
        )
    for side in sides[:1]:
        _arm(image, at, side, -swing * math.sin(phase), look.coat, look.skin, size, 0.78)
    _limb(image, [at(0, -0.09, 0.93), at(0, 0.09, 0.93)], 0.26 * size, _shade(look.coat, 0.95))
    _polygon(image, [at(0, -0.2, 1.42), at(0, 0.2, 1.42), at(0, 0.15, 0.9), at(0, -0.15, 0.9)], look.coat)
    _limb(image, [at(0, -0.07, 1.36), at(0, 0.07, 1.36)], 0.24 * size, look.coat)
    _limb(image, [at(0, 0, 1.3), at(0, 0, 1.0)], 0.26 * size, look.coat)
    _limb(image, [at(0, 0, 1.44), at(0, 0, 1.52)], 0.1 * size, _shade(look.skin, 0.85))
    for side in sides[1:]:
        _arm(image, at, side, -swing * math.sin(phase), look.coat, look.skin, size, 0.92)
    _ellipse(image, at(0, 0, 1.64), 0.1 * size, 0.125 * size, look.hair)
    if heading[1] < 0.35:
        # The face is visible unless the person walks away from the camera.
        _ellipse(image, at(0.055, 0, 1.62), 0.078 * size, 0.098 * size, look.skin)


def _arm(
    image: Image,
    at: Callable[[float, float, float], Point],
    side: int,
    swing: float,
    coat: Colour,
    skin: Colour,
    size: float,
    shade: float,
) -> None:
    forward = 0.22 * swing * side
    elbow = at(forward * 0.5 - 0.02, side * 0.26, 1.14)
    hand = at(forward + 0.06, side * 0.25, 0.88)
    _limb(image, [at(0, side * 0.21, 1.39), elbow, hand], 0.105 * size, _shade(coat, shade))
    _ellipse(image, hand, 0.045 * size, 0.05 * size, skin)


def _motion(person: Visitor, at_s: float) -> tuple[Position, float]:
    """Returns the direction in which a person walks or looks, and the speed."""
    before, after = person.position(at_s - 0.1), person.position(at_s + 0.1)
    moved = (after[0] - before[0], after[1] - before[1])
    length_m = math.hypot(*moved)
    if length_m > 0.02:
        return (moved[0] / length_m, moved[1] / length_m), length_m / 0.2
    # A person who waits looks to the right, and a little to the camera.
    return (0.8, -0.6), length_m / 0.2


def _floor(left_m: float, near_m: float, right_m: float, far_m: float) -> list[Point]:
    return [(left_m, near_m, 0), (right_m, near_m, 0), (right_m, far_m, 0), (left_m, far_m, 0)]


def _wall(image: Image, left_m: float, right_m: float, low_m: float, high_m: float, colour: Colour) -> None:
    corners = [(left_m, low_m), (right_m, low_m), (right_m, high_m), (left_m, high_m)]
    _polygon(image, [(x_m, WALL_Y_M, up_m) for x_m, up_m in corners], colour)


def _fixed(points: Sequence[Point]) -> npt.NDArray[np.int32]:
    return _in_sixteenths(np.array([pixel(*point) for point in points]))


def _in_sixteenths(points_px: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.int32]:
    rounded: npt.NDArray[np.int32] = np.round(points_px * 2**_SHIFT).astype(np.int32)
    return rounded


def _polygon(image: Image, points: Sequence[Point], colour: Colour) -> None:
    cv2.fillPoly(image, [_fixed(points)], colour, cv2.LINE_AA, _SHIFT)


def _line(image: Image, start: Point, end: Point, colour: Colour, width_px: int) -> None:
    cv2.polylines(image, [_fixed([start, end])], False, colour, width_px, cv2.LINE_AA, _SHIFT)


def _ellipse(image: Image, middle: Point, half_width_m: float, half_height_m: float, colour: Colour) -> None:
    x_px, y_px = pixel(*middle)
    if middle[2] == 0:
        # A shadow lies on the floor.
        half_height_m *= 0.3
    axes = [length_px(half, middle[1], middle[2]) for half in (half_width_m, half_height_m)]
    outline = [
        (x_px + axes[0] * math.cos(turn), y_px + axes[1] * math.sin(turn))
        for turn in np.linspace(0, 2 * math.pi, 40, endpoint=False)
    ]
    cv2.fillPoly(image, [_in_sixteenths(np.array(outline))], colour, cv2.LINE_AA, _SHIFT)


def _limb(image: Image, points: Sequence[Point], width_m: float, colour: Colour) -> None:
    """Draws a bent line with round ends."""
    for start, end in pairwise(points):
        cv2.fillPoly(image, [_capsule(start, end, width_m)], colour, cv2.LINE_AA, _SHIFT)


def _capsule(start: Point, end: Point, width_m: float) -> npt.NDArray[np.int32]:
    ends = np.array([pixel(*start), pixel(*end)])
    radius_px = length_px(width_m, start[1], start[2]) / 2
    circle = [
        (radius_px * math.cos(turn), radius_px * math.sin(turn))
        for turn in np.linspace(0, 2 * math.pi, 24, endpoint=False)
    ]
    rim = np.concatenate([ends[0] + circle, ends[1] + circle]).astype(np.float32)
    hull: npt.NDArray[np.float32] = np.asarray(cv2.convexHull(rim), np.float32)
    return _in_sixteenths(hull)


def _shade(colour: Colour, share: float) -> Colour:
    red, green, blue = (round(part * share) for part in colour)
    return red, green, blue


def frames(visitors: Sequence[Visitor], duration_s: float, frames_per_s: int) -> Iterator[Image]:
    """Yields the frames of the video."""
    room = draw_room()
    for number in range(round(duration_s * frames_per_s)):
        yield draw_frame(room, visitors, number / frames_per_s)
