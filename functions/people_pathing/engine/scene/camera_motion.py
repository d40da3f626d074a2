"""Estimates how the camera moved between two frames, from the background behind the people.

Corners of the background are followed from one small grey image to the next (Shi and Tomasi, "Good features
to track", 1994; Lucas and Kanade's method in a pyramid, Bouguet 2001). The similarity that most of them agree
on is the camera's motion. OpenCV's RANSAC begins each fit with the same random numbers, so the motion is the
same in every thread.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.detections import FIXED_CAMERA
from people_pathing.engine.opencv import cv2_module
from people_pathing.engine.scene.stillness import Grey

Points = NDArray[np.complex64]
"""(P,) complex64: x + iy. Multiplying by a complex number turns and scales, and adding one shifts."""

STILL_PX = 0.1
"""Pixels of the small image. Smaller motions count as none, so that a fixed camera does not drift."""
TILES = (8, 6)
"""Parts of the picture, across and down, that vote on whether anything moves."""
MIN_TEXTURE = 16.0
"""Squared grey levels per pixel. Tiles with less gradient than that do not vote."""
MAX_CHANGE = 0.5
"""A tile whose pixels change more, as a share of their variance, shows something else than before, so the
estimate of its motion means nothing. Chance would give 2, and noise gives less."""
MIN_VOTERS = 6
"""Fewer tiles with texture cannot tell that the camera is fixed."""
STILL_TILES = 0.6
"""Share of the tiles with texture that are still if the camera is."""
MIN_SIDE_PX = 32
"""In smaller images, the motion is unknown."""
MAX_CORNERS = 200
CORNER_DISTANCE_PX = 5
"""Least distance of two corners at half of the resolution, which is enough to find corners."""
CORNER_QUALITY = 0.01
"""Lowest quality of a corner, as a share of the best one's."""
FLOW_WINDOW_PX = 11
FLOW_LEVELS = 4
RETURN_PX = 0.5
"""How far from its place a corner may end if it is followed forward and back again."""
AGREEMENT_PX = 1.0
"""A corner agrees with a motion that predicts its place to within this distance."""
FIXED_SHARE = 0.4
"""If this share of corners is at rest, the camera counts as fixed, even if more of them agree on a motion.
They may be on a bus. If the camera moves, corners are at rest only if they are drawn onto the picture."""
MOST_ZOOM = 2.0
"""No camera zooms by more than this factor from one frame to the next."""
MIN_AGREEING = 12
MIN_AGREEING_SHARE = 0.3
"""With fewer corners, or with a smaller share of them, the motion is unknown."""


def camera_step(
    before: Grey,
    now: Grey,
    boxes_before: NDArray[np.float32],
    boxes_now: NDArray[np.float32],
    scale: float,
    masked: NDArray[np.bool_] | None = None,
) -> NDArray[np.float32]:
    """Returns how the background moved between two frames. It is the same in every thread.

    Args:
        before: the earlier frame; the longer side has at most 480 pixels.
        now: the later frame, of the same size.
        boxes_before: (N, 4) float32 boxes of the people in the earlier frame, xyxy in pixels of the frame as
            displayed.
        boxes_now: (M, 4) float32 boxes of the people in the later frame.
        scale: pixels of the frame as displayed per pixel of the small images.
        masked: (H, W) bool, pixels of the small images that show no background; None for none.

    Returns:
        (4,) float32, a row of `Detections.camera_steps`: NaN if the motion is unknown, FIXED_CAMERA if the
        camera did not move.
    """
    if min(before.shape) < MIN_SIDE_PX:
        return np.full(4, np.nan, np.float32)
    boxes_before, boxes_now = boxes_before / np.float32(scale), boxes_now / np.float32(scale)
    half_before, half_now = _halved(before), _halved(now)
    no_background: list[Any] = [] if masked is None else [_halved(masked.astype(np.uint8)) > 0]
    hidden = [*no_background, *_at_half(boxes_before)]
    if _is_still(half_before, half_now, [*hidden, *_at_half(boxes_now)]):
        return np.array(FIXED_CAMERA, np.float32)
    start, end = _followed(before, now, _corners(half_before, hidden), boxes_now)
    # OpenCV counts from the middle of the first pixel, boxes from its corner.
    middle = complex(before.shape[1] - 1, before.shape[0] - 1) / 2
    fit = _fit(start - np.complex64(middle), end - np.complex64(middle))
    if fit is None:
        return np.full(4, np.nan, np.float32)
    turn, shift = fit
    if abs(shift) + abs(turn - 1) * abs(middle) < STILL_PX:
        return np.array(FIXED_CAMERA, np.float32)
    middle = complex(before.shape[1], before.shape[0]) / 2 * scale
    shift = shift * scale + middle - turn * middle
    return np.array([turn.real, turn.imag, shift.real, shift.imag], np.float32)


def _halved(image: Grey) -> Grey:
    cv2 = cv2_module()
    half = cv2.resize(image, (image.shape[1] // 2, image.shape[0] // 2), interpolation=cv2.INTER_AREA)
    return np.asarray(half, np.uint8)


def _at_half(boxes: NDArray[np.float32]) -> list[tuple[slice, slice]]:
    """Returns the parts of the halved image that boxes in pixels of the small image cover."""
    halves = boxes / np.float32(2)
    sides = np.concatenate([np.floor(halves[:, :2]), np.ceil(halves[:, 2:])], axis=1)
    return [
        (slice(top, bottom), slice(left, right))
        for left, top, right, bottom in np.maximum(sides, 0).astype(int).tolist()
    ]


def _is_still(before: Grey, now: Grey, hidden: list[Any]) -> bool:
    """Whether most of the background is where it was, by a check that takes a tenth of the full estimate.

    One step of Lucas and Kanade's method gives the motion of each tile.

    Args:
        before: the earlier frame at half of the resolution.
        now: the later one.
        hidden: indexes of the parts of both that show people, or no background.
    """
    cv2 = cv2_module()
    change = cv2.subtract(now, before, dtype=cv2.CV_32F)
    across, down = (cv2.Sobel(before, cv2.CV_32F, *order, ksize=3, scale=1 / 8) for order in ((1, 0), (0, 1)))
    for part in hidden:
        for image in (change, across, down):
            image[part] = 0
    grey = before.astype(np.float32)
    pairs = (across, across), (down, down), (across, down), (change, change), (across, change), (down, change)
    xx, yy, xy, tt, xt, yt = (_by_tile(cv2.multiply(*pair)) for pair in pairs)
    variance = _by_tile(cv2.multiply(grey, grey)) - _by_tile(grey) ** 2
    texture = xx + yy
    voters = texture > MIN_TEXTURE
    # A little is added to the diagonal, so that a motion along a tile's only edge counts as none.
    xx, yy = xx + 0.02 * texture, yy + 0.02 * texture
    determinant = np.maximum(xx * yy - xy**2, 1e-9)
    x, y = (xy * yt - yy * xt) / determinant, (xy * xt - xx * yt) / determinant
    still = (np.hypot(x, y) < STILL_PX / 2) & (tt < MAX_CHANGE * variance)
    return bool(voters.sum() >= MIN_VOTERS and still[voters].mean() >= STILL_TILES)


def _by_tile(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Returns the mean of each tile."""
    means = cv2_module().resize(values, TILES, interpolation=cv2_module().INTER_AREA)
    return np.asarray(means, np.float64)


def _corners(image: Grey, hidden: list[Any]) -> Points:
    """Returns corners of the background, (P,), in pixels of the small image, which is twice as large."""
    mask = np.full(image.shape, 255, np.uint8)
    for part in hidden:
        mask[part] = 0
    corners = cv2_module().goodFeaturesToTrack(
        image, MAX_CORNERS, CORNER_QUALITY, CORNER_DISTANCE_PX, mask=mask
    )
    return np.empty(0, np.complex64) if corners is None else _as_complex(2 * corners + np.float32(0.5))


def _followed(
    before: Grey, now: Grey, start: Points, boxes_now: NDArray[np.float32]
) -> tuple[Points, Points]:
    """Returns those corners that are found again, and their places in the later image."""
    if not len(start):
        return start, start
    cv2 = cv2_module()
    window: dict[str, Any] = {"winSize": (FLOW_WINDOW_PX, FLOW_WINDOW_PX), "maxLevel": FLOW_LEVELS}
    corners = start.view(np.float32).reshape(-1, 1, 2)
    there, seen, _ = cv2.calcOpticalFlowPyrLK(before, now, corners, None, **window)
    back, seen_back, _ = cv2.calcOpticalFlowPyrLK(now, before, there, None, **window)
    end = _as_complex(there)
    kept = (seen[:, 0] > 0) & (seen_back[:, 0] > 0) & (np.abs(_as_complex(back) - start) < RETURN_PX)
    for left, top, right, bottom in boxes_now.tolist():
        kept &= (end.real < left) | (end.real > right) | (end.imag < top) | (end.imag > bottom)
    return start[kept], end[kept]


def _as_complex(points: NDArray[np.float32]) -> Points:
    """Returns (P, 1, 2) points as (P,) complex numbers."""
    return np.ascontiguousarray(points, np.float32).view(np.complex64).reshape(-1)


def _fit(start: Points, end: Points) -> tuple[complex, complex] | None:
    """Returns turn and shift, for most points end = turn * start + shift, or None if they are unknown."""
    count = len(start)
    if count < MIN_AGREEING:
        return None
    rests = np.abs(end - start) < AGREEMENT_PX
    if rests.mean() >= FIXED_SHARE:
        start, end = start[rests], end[rests]
    cv2 = cv2_module()
    matrix, agrees = cv2.estimateAffinePartial2D(
        start.view(np.float32).reshape(-1, 2),
        end.view(np.float32).reshape(-1, 2),
        method=cv2.RANSAC,
        ransacReprojThreshold=AGREEMENT_PX,
    )
    if matrix is None or agrees.sum() < max(MIN_AGREEING, MIN_AGREEING_SHARE * count):
        return None
    turn, shift = complex(matrix[0, 0], matrix[1, 0]), complex(matrix[0, 2], matrix[1, 2])
    return (turn, shift) if 1 / MOST_ZOOM < abs(turn) < MOST_ZOOM else None
