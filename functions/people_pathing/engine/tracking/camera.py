"""Undoes the motion of the camera: maps boxes to coordinates in which the background stands still.

    motion = find_camera_motion(detections)
    stable = motion.stabilised(detections)      # the same object if the camera is fixed
    ...                                         # associate, link, fill gaps and smooth `stable`
    boxes = motion.to_picture(boxes, rows)      # rows: positions of the boxes' frames in frame_numbers

A window of the detections has coordinates of its own, which are consistent within the window.

Every camera step is undone, so a person who walks straight does so in stable coordinates, however the camera
turns. Scale and roll, however, return to those of the picture, because their errors would grow without limit,
and a camera that is carried forward enlarges everything for hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.detections import FIXED_CAMERA, Detections
from people_pathing.engine.tracking.settings import CameraSettings

MAPPED_BOXES = 10_000
"""Boxes that are mapped at once."""

Complex = NDArray[np.complex128]
"""x + iy. Multiplying by a complex number turns and scales, and adding one shifts."""


@dataclass(frozen=True, slots=True, eq=False)
class CameraMotion:
    """Maps between the picture and stable coordinates: stable = place + turn * (picture - pivot).

    Attributes:
        is_fixed: whether both are the same in all frames.
        pivot: the place in the picture about which scale and roll return.
        places: (F,) complex128: where the pivot is in stable coordinates.
        turns: (F,) complex128: size in stable coordinates over size in the picture, and roll.
    """

    is_fixed: bool
    pivot: complex
    places: Complex
    turns: Complex

    def stabilised(self, detections: Detections) -> Detections:
        """Returns the detections that `find_camera_motion` received, with boxes in stable coordinates.

        Faces stay in pixels of the picture. If the camera is fixed, the result is the same object.
        """
        if self.is_fixed:
            return detections
        return replace(detections, boxes=self.to_stable(detections.boxes, detections.rows))

    def to_stable(self, boxes: NDArray[np.floating], rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Maps boxes to stable coordinates. Centres move and sizes scale; boxes stay upright.

        Args:
            boxes: (N, 4) xyxy pixels.
            rows: (N,) positions of their frames in frame_numbers.

        Returns:
            (N, 4) float32.
        """
        stable = np.empty(boxes.shape, np.float32)
        for part in _parts(len(boxes)):
            turns = self.turns[rows[part]]
            stable[part] = self._mapped(boxes[part], turns, self.places[rows[part]] - turns * self.pivot)
        return stable

    def to_picture(self, boxes: NDArray[np.floating], rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Maps boxes back to the picture; the inverse of `to_stable`.

        A box may be outside of the picture, if a filled gap is in a part that the camera did not show.
        """
        turns = 1 / self.turns[rows]
        return self._mapped(boxes, turns, self.pivot - turns * self.places[rows])

    def _mapped(self, boxes: NDArray[np.floating], turns: Complex, shifts: Complex) -> NDArray[np.float32]:
        if self.is_fixed:
            return boxes.astype(np.float32, copy=False)
        centres, sizes = _centres_and_sizes(boxes)
        centres = turns * centres + shifts
        middles, halves = np.stack([centres.real, centres.imag], axis=1), np.abs(turns)[:, None] * sizes / 2
        return np.concatenate([middles - halves, middles + halves], axis=1).astype(np.float32)


def find_camera_motion(detections: Detections, settings: CameraSettings | None = None) -> CameraMotion:
    """Returns how the camera moved during the detections.

    The steps of stretches in which it hardly moves are ignored. If these are everything, the camera is fixed.

    Args:
        detections: a stretch of video, with its cuts and camera steps.
        settings: None for the defaults.
    """
    settings = settings or CameraSettings()
    count = len(detections.frame_numbers)
    clear = np.flatnonzero(detections.scores >= settings.clear_score)
    if not len(clear) or not _may_move(detections):
        return CameraMotion(True, 0j, np.zeros(count, complex), np.ones(count, complex))
    centres, heights = np.empty(len(clear), complex), np.empty(len(clear))
    for part in _parts(len(clear)):
        centres[part], sizes = _centres_and_sizes(detections.boxes[clear[part]])
        heights[part] = sizes[:, 1]
    pivot = complex(centres.mean())
    shifts, turns = _steps(detections, pivot, settings)
    height = float(np.median(heights))
    reach = max(float(np.abs(centres - pivot).mean()), settings.zoom_heights * height)
    travel = (np.abs(shifts) + np.abs(turns) * reach) / height
    moving = _moving(travel, detections.timestamps_us, settings)
    acting = moving & ((shifts != 0) | (turns != 0))
    places, scales = _undone(
        np.where(acting, shifts, 0),
        np.where(acting, turns, 0),
        acting,
        detections.timestamps_us,
        detections.cuts,
        settings,
    )
    return CameraMotion(not acting.any(), pivot, pivot + places, scales)


def _parts(count: int) -> Iterator[slice]:
    """Yields parts of `count` boxes. To map all at once would need several times the memory of the result."""
    for start in range(0, count, MAPPED_BOXES):
        yield slice(start, start + MAPPED_BOXES)


def _centres_and_sizes(boxes: NDArray[np.floating]) -> tuple[Complex, NDArray[np.float64]]:
    """Returns the centres, (N,), and the widths and heights, (N, 2), of boxes."""
    wide = boxes.astype(np.float64)
    centres = (wide[:, :2] + wide[:, 2:]) / 2
    return centres[:, 0] + 1j * centres[:, 1], wide[:, 2:] - wide[:, :2]


def _may_move(detections: Detections) -> bool:
    steps = detections.camera_steps
    return bool(
        (np.isfinite(steps).all(axis=1) & (steps != np.array(FIXED_CAMERA, np.float32)).any(axis=1)).any()
    )


def _steps(detections: Detections, pivot: complex, settings: CameraSettings) -> tuple[Complex, Complex]:
    """Returns how each camera step shifts the pivot, (F,), and the logarithm of its scale and roll, (F,)."""
    steps = detections.camera_steps.astype(np.float64)
    steps[detections.cuts] = FIXED_CAMERA
    steps[:1] = FIXED_CAMERA
    known = np.isfinite(steps).all(axis=1) & (steps[:, :2] != 0).any(axis=1)
    steps[~known] = FIXED_CAMERA
    turns, shifts = steps[:, 0] + 1j * steps[:, 1], steps[:, 2] + 1j * steps[:, 3]
    shifts, turns = (turns - 1) * pivot + shifts, np.log(turns)
    if known.all():
        return shifts, turns
    times = detections.timestamps_us.astype(np.float64)
    lasting = np.maximum(np.diff(times, prepend=times[0]), 1)
    at = np.flatnonzero(known)
    following = np.minimum(np.searchsorted(at, np.arange(len(times))), len(at) - 1)
    near = (
        np.maximum(times[at[following]] - times, times - times[at[following - 1]]) <= settings.bridged_s * 1e6
    )
    for column in (shifts, turns):
        rates = np.interp(times, times[known], column[known] / lasting[known])
        column[~known] = np.where(near, rates * lasting, 0)[~known]
    return shifts, turns


def _moving(
    travel: NDArray[np.float64], timestamps_us: NDArray[np.int64], settings: CameraSettings
) -> NDArray[np.bool_]:
    """Returns for each frame, (F,), whether the camera moves around it.

    Args:
        travel: (F,) how far it moves in each step, in body heights.
        timestamps_us: (F,) of the frames.
        settings: how far and for how long.
    """
    enough = _total_near(travel, timestamps_us, settings.moving_s / 2) >= settings.moving_heights
    return _total_near(enough, timestamps_us, settings.slow_s) > 0


def _total_near(
    values: NDArray[np.floating | np.bool_], timestamps_us: NDArray[np.int64], near_s: float
) -> NDArray[np.float64]:
    """Returns for each frame, (F,), the sum of the values of the frames that are no further away in time."""
    total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    first = np.searchsorted(timestamps_us, timestamps_us - 1e6 * near_s, side="left")
    last = np.searchsorted(timestamps_us, timestamps_us + 1e6 * near_s, side="right")
    sums: NDArray[np.float64] = total[last] - total[first]
    return sums


def _undone(
    shifts: Complex,
    turns: Complex,
    acting: NDArray[np.bool_],
    timestamps_us: NDArray[np.int64],
    cuts: NDArray[np.bool_],
    settings: CameraSettings,
) -> tuple[Complex, Complex]:
    """Returns where the steps leave the pivot in stable coordinates, relative to the start, and its turn."""
    lasting = np.diff(timestamps_us, prepend=timestamps_us[:1])
    kept = np.where(acting, np.exp(-lasting / (settings.return_s * 1e6)), 1.0)
    kept[cuts] = 0
    undone = np.empty(len(shifts), complex)
    at = 0j
    for row, (turn, share) in enumerate(zip(turns.tolist(), kept.tolist(), strict=True)):
        undone[row] = before_return = at - turn
        at = before_return * share
    return -np.cumsum(np.exp(undone) * shifts), np.exp(undone * kept)
