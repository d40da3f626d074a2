"""Where a person is between two observations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from people_pathing.annotation.people_paths import BoxSeries

Box = tuple[float, float, float, float]
"""Left, top, right and bottom in ratios of the frame."""

MAX_GAP_MS = 1000
"""No box is drawn in a longer gap: where the person was is not known."""
TRAIL_MS = 2000
"""How long a trail is visible."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The observations next to a time.

    Attributes:
        before: position of the last observation at or before the time; None if there is none.
        after: position of the first observation after the time; None if there is none.
    """

    before: int | None
    after: int | None


def longest_bridged_ms(interval_ms: int) -> int:
    """Returns the longest gap in which a box is interpolated.

    Args:
        interval_ms: usual time between two observations. Twice that is bridged in any case, because videos
            may be sampled less than once a second.
    """
    return max(MAX_GAP_MS, 2 * interval_ms)


def neighbours(series: BoxSeries, at_ms: int) -> Neighbours:
    """Returns the observations next to a time."""
    after = int(np.searchsorted(series.times_ms, at_ms, "right"))
    return Neighbours(after - 1 if after else None, after if after < len(series.times_ms) else None)


def box_at(series: BoxSeries, at_ms: int, bridged_ms: int, kept_ms: int) -> Box | None:
    """Returns the box at a time, or None if it is not known.

    Args:
        series: the observed boxes.
        at_ms: the time.
        bridged_ms: longest gap in which the box is interpolated linearly.
        kept_ms: how long a box stays if there is no other box to move to, before and after it.
    """
    near = neighbours(series, at_ms)
    times_ms, boxes = series.times_ms, series.boxes
    if near.before is not None and near.after is not None:
        start_ms, end_ms = int(times_ms[near.before]), int(times_ms[near.after])
        if at_ms == start_ms or end_ms - start_ms <= bridged_ms:
            share = (at_ms - start_ms) / (end_ms - start_ms)
            return as_box(boxes[near.before] * (1 - share) + boxes[near.after] * share)
    for place in (near.before, near.after):
        if place is not None and abs(at_ms - int(times_ms[place])) <= kept_ms:
            return as_box(boxes[place])
    return None


def trail_at(
    series: BoxSeries, at_ms: int, box: Box | None, bridged_ms: int
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Returns where a person walked recently.

    Args:
        series: the observed boxes.
        at_ms: the time.
        box: where the person is now, which ends the trail; None if that is not known.
        bridged_ms: a longer gap interrupts the trail.

    Returns:
        For each stretch, (N, 2) x and y of the foot points in ratios of the frame, and (N,) their ages from 1
        (new) to 0 (just vanishing). The stretches are in the order of time.
    """
    first, last = np.searchsorted(series.times_ms, [at_ms - TRAIL_MS, at_ms], "right").tolist()
    # The point before the first visible one, so that the trail fades instead of jumping.
    first = max(0, first - 1)
    times_ms = series.times_ms[first:last].astype(np.float64)
    boxes = series.boxes[first:last].astype(np.float64)
    if box is not None and (not len(times_ms) or times_ms[-1] < at_ms):
        times_ms = np.append(times_ms, at_ms)
        boxes = np.vstack((boxes, box))
    points = np.column_stack(((boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]))
    freshness = np.clip(1 - (at_ms - times_ms) / TRAIL_MS, 0, 1)
    breaks = np.flatnonzero(np.diff(times_ms) > bridged_ms) + 1
    stretches = zip(np.split(points, breaks), np.split(freshness, breaks), strict=True)
    return [(some, fresh) for some, fresh in stretches if len(some) > 1]


def as_box(row: NDArray[np.floating]) -> Box:
    """Returns a row of boxes as numbers."""
    left, top, right, bottom = row.tolist()
    return left, top, right, bottom
