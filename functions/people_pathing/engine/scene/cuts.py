"""Finds scene cuts: frames that do not continue the picture of the sampled frame before.

There are two kinds. Either the place is another one: hardly any part of the picture before is found in the
picture now, not even shifted. Or the place is the same, but the time is not, as in a recording that was
joined from parts: suddenly much more changes than in the frames before, and the people are elsewhere.

The decision depends on the last few sampled frames only, at most `memory_us` old.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.interfaces import Boxes, FrameDetections
from people_pathing.engine.opencv import cv2_module
from people_pathing.engine.scene.stillness import Grey

Cells = NDArray[np.float32]
"""(H, W) float32: the mean grey level of each cell of a small image."""

CELL_PX = 8
CHANGED_LEVELS = 8.0
"""A cell of the small image has changed if its mean grey level differs by more than this."""
LEAST_CHANGE = 0.02
"""Share of the cells that one person changes who appears. Less is no cut."""
LARGE_CHANGE = 0.5
"""If more of the cells have changed, the place may be another one."""
JUMP = 1.5
"""A jump in time changes this many times as much as the steps before. Measured on walking people at ten
frames per second: nine of ten jumps change more, and one of twenty steps does."""
JUMP_STEPS = 2
JUMP_US = 250_000
"""After a longer step, people may be elsewhere because they walked, so they do not show a jump in time."""
BLANK_LEVELS = 6.0
"""A picture with a smaller standard deviation is black, white or a fade and shows no place."""

PATCH_PX = 12
SEARCHED_PX = 2
PATCH_SCALE = 4
"""Patches are compared in a quarter of the small image's resolution, so their side is 48 of its pixels."""
PATCH_TEXTURE = 4.0
"""Least standard deviation of a patch. Plain ones look alike everywhere."""
PATCH_LIKENESS = 0.7
"""Least correlation of a patch that is found again. It does not depend on brightness or contrast."""
BURNT_OUT = 245.0
"""Mean grey level above which a flash leaves no texture."""
FEWEST_PATCHES = 8
SAME_PLACE = 0.25
"""Share of the patches that are found again if the place is the same. Measured: at most 0.21 between
different places or mirrored pictures; at least 0.37 with three times the light, pans by a third of the width,
or blur."""

SURE_SCORE = 0.5
"""People who score this much are compared. They may match anybody, because scores vary."""
SAME_PERSON_IOU = 0.3
STAYING_SHARE = 0.45
"""Share of the people who are near their places if the time continues. Measured on ten frames per second: at
least 0.57, and at most 0.5 in 99 of 100 pairs of frames from different times."""


class Resemblance(NamedTuple):
    """How much of one picture is found in another.

    Attributes:
        share: of its patches; 1 if it has too few with texture.
        shift: (2,) float64: how far they moved in x and y, in pixels of the small images.
    """

    share: float
    shift: NDArray[np.float64]


Patches = dict[tuple[int, int], bool]
"""Whether the patch with a certain left and top was found again."""

Frame = TypeVar("Frame")


@dataclass(frozen=True, slots=True)
class Suspicion(Generic[Frame]):
    """A frame that may begin another scene.

    Attributes:
        before: the frame to compare it with: the last one that is not blank.
        earlier: small grey image of the one before that; None if it is long ago.
        is_jump: whether suddenly more changed than in the steps before.
    """

    before: Frame
    earlier: Grey | None
    is_jump: bool


class _Step(NamedTuple):
    begin_us: int
    share: float


class CutWatch(Generic[Frame]):
    """Looks at all sampled frames in order and suspects some of beginning another scene."""

    def __init__(self, memory_us: int) -> None:
        """Starts before the first frame. Frames that are older than memory_us are forgotten."""
        self._memory_us = memory_us
        self._steps: deque[_Step] = deque(maxlen=JUMP_STEPS)
        self._last: tuple[int, Grey, Cells, Frame] | None = None
        self._earlier: tuple[int, Grey] | None = None

    def look(self, timestamp_us: int, grey: Grey, frame: Frame) -> Suspicion[Frame] | None:
        """Looks at the next frame.

        Args:
            timestamp_us: its time.
            grey: the small grey image.
            frame: what stands for the frame in the suspicion of a later one.

        Returns:
            None if the frame continues the scene, else the suspicion, which `is_cut` decides.
        """
        if is_blank(grey):
            return None
        cells = cell_levels(grey)
        last, self._last = self._last, (timestamp_us, grey, cells, frame)
        oldest_us = timestamp_us - self._memory_us
        if last is None or last[0] < oldest_us:
            return None
        begin_us, before, cells_before, frame_before = last
        earlier, self._earlier = self._earlier, (begin_us, before)
        share = changed_share(cells_before, cells)
        shares = [step.share for step in self._steps if step.begin_us >= oldest_us]
        self._steps.append(_Step(begin_us, share))
        usual = max(shares, default=1.0)
        is_jump = timestamp_us - begin_us <= JUMP_US and share >= max(LEAST_CHANGE, JUMP * usual)
        if not is_jump and share < LARGE_CHANGE:
            return None
        is_recent = earlier is not None and earlier[0] >= oldest_us
        return Suspicion(frame_before, earlier[1] if earlier and is_recent else None, is_jump)


def is_blank(grey: Grey) -> bool:
    """Whether a small grey image shows nothing."""
    return float(cv2_module().meanStdDev(grey)[1][0, 0]) < BLANK_LEVELS


def cell_levels(grey: Grey) -> Cells:
    """Returns the mean grey level of each cell of a small image."""
    cv2 = cv2_module()
    size = (max(1, grey.shape[1] // CELL_PX), max(1, grey.shape[0] // CELL_PX))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.float32)


def changed_share(before: Cells, now: Cells) -> float:
    """Returns the share of the cells whose grey level changed, apart from a change of the whole picture."""
    change = (now - before).ravel()
    middle = change.size // 2
    usual = np.partition(change, middle)[middle]
    return np.count_nonzero(np.abs(change - usual) > CHANGED_LEVELS) / change.size


def is_cut(
    before: Grey,
    now: Grey,
    people_before: FrameDetections,
    people_now: FrameDetections,
    *,
    earlier: Grey | None,
    is_jump: bool,
) -> bool:
    """Decides whether a suspected frame begins another scene.

    Args:
        before: small grey image of the frame that `CutWatch` compared.
        now: small grey image of the frame.
        people_before: the people in the frame before, in pixels of the small image.
        people_now: the people in the frame, likewise.
        earlier: see `Suspicion`.
        is_jump: see `Suspicion`.
    """
    found = resemblance(before, now)
    if found.share < SAME_PLACE:
        # After a flash, the picture resembles the one before the flash.
        return earlier is None or resemblance(earlier, now).share < SAME_PLACE
    return is_jump and not people_stay(people_before, people_now, found.shift)


def resemblance(before: Grey, now: Grey) -> Resemblance:
    """Finds the patches of one picture in another, at their places and shifted by the camera's motion."""
    cv2 = cv2_module()
    size = (max(1, now.shape[1] // PATCH_SCALE), max(1, now.shape[0] // PATCH_SCALE))
    first, second = (
        cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        for picture in (before, now)
    )
    resting = _found_again(first, second, (0, 0))
    if _share(resting) >= 2 * SAME_PLACE:
        return Resemblance(_share(resting), np.zeros(2))
    details = [picture - cv2.GaussianBlur(picture, (0, 0), 3) for picture in (first, second)]
    (x, y), _ = cv2.phaseCorrelate(*details, cv2.createHanningWindow(size, cv2.CV_32F))
    moved = _found_again(first, second, (round(x), round(y)))
    if len(moved) < FEWEST_PATCHES:
        return Resemblance(_share(resting), np.zeros(2))
    # Parts may move while others rest, for example a train and the platform.
    either = {patch: is_found or resting.get(patch, False) for patch, is_found in moved.items()}
    either |= {patch: True for patch, is_found in resting.items() if is_found}
    shift = np.array([x, y]) * PATCH_SCALE if sum(moved.values()) > sum(resting.values()) else np.zeros(2)
    return Resemblance(_share(either), shift)


def people_stay(before: FrameDetections, now: FrameDetections, shift: NDArray[np.float64]) -> bool:
    """Whether enough people of one frame are near their places in the other, or there are none to compare."""
    moved = before.boxes + np.tile(shift, 2).astype(np.float32)
    sure_before, sure_now = before.scores >= SURE_SCORE, now.scores >= SURE_SCORE
    if not (sure_before.any() and sure_now.any()):
        return True
    # Those whom a turning camera follows stay at their places in the picture. Others move with the camera.
    overlaps = np.maximum(_overlaps(before.boxes, now.boxes), _overlaps(moved, now.boxes))
    near: NDArray[np.bool_] = overlaps > SAME_PERSON_IOU
    found = near[sure_before].any(axis=1).sum() + near[:, sure_now].any(axis=0).sum()
    return bool(found >= STAYING_SHARE * (sure_before.sum() + sure_now.sum()))


def _found_again(first: Any, second: Any, shift: tuple[int, int]) -> Patches:
    """Finds the patches of the first picture in the second.

    Patches without texture, beyond the edge, or where the second picture is burnt out do not count.
    """
    cv2 = cv2_module()
    height, width = first.shape
    patches: Patches = {}
    for y in range(0, height - PATCH_PX + 1, PATCH_PX):
        for x in range(0, width - PATCH_PX + 1, PATCH_PX):
            left, top = x + shift[0], y + shift[1]
            if min(left, top) < 0 or left + PATCH_PX > width or top + PATCH_PX > height:
                continue
            patch = first[y : y + PATCH_PX, x : x + PATCH_PX]
            around = second[
                max(top - SEARCHED_PX, 0) : top + PATCH_PX + SEARCHED_PX,
                max(left - SEARCHED_PX, 0) : left + PATCH_PX + SEARCHED_PX,
            ]
            if patch.std() < PATCH_TEXTURE or around.mean() > BURNT_OUT:
                continue
            likeness = cv2.matchTemplate(around, patch, cv2.TM_CCOEFF_NORMED).max()
            patches[x, y] = bool(likeness > PATCH_LIKENESS)
    return patches


def _share(patches: Patches) -> float:
    """Returns the share of the patches that were found; 1 if there are too few to tell."""
    return sum(patches.values()) / len(patches) if len(patches) >= FEWEST_PATCHES else 1.0


def _overlaps(one: Boxes, other: Boxes) -> NDArray[np.float32]:
    """Returns the (N, M) intersections over union."""
    corner = np.minimum(one[:, None, 2:], other[None, :, 2:]) - np.maximum(
        one[:, None, :2], other[None, :, :2]
    )
    shared = np.clip(corner, 0, None).prod(axis=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (one, other)]
    return np.asarray(shared / np.maximum(areas[0][:, None] + areas[1][None] - shared, 1e-9), np.float32)
