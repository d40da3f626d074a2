"""Where a point of the shop is in the picture: a pinhole camera over the floor."""

from __future__ import annotations

import math

WIDTH_PX, HEIGHT_PX = 1280, 720
_FOCAL_LENGTH_PX = 1050.0
_HEIGHT_M = 3.2
_PITCH = math.radians(20)


def depth_m(y_m: float, up_m: float = 0.0) -> float:
    """Returns how far a point is from the camera, along the direction in which the camera looks.

    Args:
        y_m: distance over the floor, away from the camera.
        up_m: height over the floor.
    """
    return y_m * math.cos(_PITCH) + (_HEIGHT_M - up_m) * math.sin(_PITCH)


def pixel(x_m: float, y_m: float, up_m: float = 0.0) -> tuple[float, float]:
    """Returns where a point is in the picture, in pixels from the top left corner.

    Args:
        x_m: distance to the right of the camera.
        y_m: distance over the floor, away from the camera.
        up_m: height over the floor.
    """
    down_m = (_HEIGHT_M - up_m) * math.cos(_PITCH) - y_m * math.sin(_PITCH)
    depth = depth_m(y_m, up_m)
    return (
        WIDTH_PX / 2 + _FOCAL_LENGTH_PX * x_m / depth,
        HEIGHT_PX / 2 + _FOCAL_LENGTH_PX * down_m / depth,
    )


def length_px(length_m: float, y_m: float, up_m: float = 0.0) -> float:
    """Returns how long a length across the line of sight is in the picture."""
    return length_m * _FOCAL_LENGTH_PX / depth_m(y_m, up_m)


def ratio(x_m: float, y_m: float) -> list[float]:
    """Returns where a point of the floor is, in ratios of the frame, as zones.json has it."""
    x_px, y_px = pixel(x_m, y_m)
    return [round(x_px / WIDTH_PX, 4), round(y_px / HEIGHT_PX, 4)]
