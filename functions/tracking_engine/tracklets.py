"""Steps on tracklets: rows of detections believed to be one person.

A tracklet is an ascending (T,) int64 array of positions in the arrays of `Detections`, at most one a frame.
All steps are pure: they take tracklets and give new ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tracking_engine.detection import Detections

Tracklet = NDArray[np.int64]


def times_s(detections: Detections, tracklet: Tracklet) -> NDArray[np.float64]:
    """When the tracklet's detections are shown, (T,) float64 seconds."""
    return detections.timestamps_us[detections.rows[tracklet]] / 1e6


def centres_and_sizes(boxes: NDArray[np.float32]) -> NDArray[np.float64]:
    """(N, 4) float64 rows of centre x, centre y, width, height from (N, 4) xyxy boxes."""
    wide = boxes.astype(np.float64)
    return np.stack(
        [
            (wide[:, 0] + wide[:, 2]) / 2,
            (wide[:, 1] + wide[:, 3]) / 2,
            wide[:, 2] - wide[:, 0],
            wide[:, 3] - wide[:, 1],
        ],
        axis=1,
    )


def drop_doubtful(
    detections: Detections, tracklets: Sequence[Tracklet], *, shortest_s: float, best_score: float
) -> list[Tracklet]:
    """Drop tracklets seen for less than shortest_s or never seen clearly.

    "Clearly" is the mean of the three best scores: a real person is recognised without doubt at least for a
    moment, a lamp post or a reflection hardly ever.
    """
    kept = []
    for tracklet in tracklets:
        times = times_s(detections, tracklet)
        best = np.sort(detections.scores[tracklet])[-3:]
        if times[-1] - times[0] >= shortest_s and best.mean() >= best_score:
            kept.append(tracklet)
    return kept


def fill_gaps(
    rows: NDArray[np.int64],
    boxes: NDArray[np.float64],
    scores: NDArray[np.float64],
    timestamps_us: NDArray[np.int64],
    *,
    longest_s: float,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Add the sampled frames between two sightings at most longest_s apart, interpolated linearly in time.

    Args and result: rows (T,) positions in timestamps_us, boxes (T, 4), scores (T,).
    """
    times = timestamps_us[rows] / 1e6
    wanted = [rows[:1]]
    for before, after in itertools.pairwise(rows.tolist()):
        bridged = (timestamps_us[after] - timestamps_us[before]) / 1e6 <= longest_s
        wanted.append(np.arange(before + 1, after + 1) if bridged else np.array([after]))
    filled = np.concatenate(wanted).astype(np.int64)
    at = timestamps_us[filled] / 1e6
    boxes = np.stack([np.interp(at, times, column) for column in boxes.T], axis=1)
    return filled, boxes, np.interp(at, times, scores)


def smooth(
    times: NDArray[np.float64],
    values: NDArray[np.float64],
    weights: NDArray[np.float64],
    *,
    sigma_s: float,
) -> NDArray[np.float64]:
    """Smooth each column by a local straight line, Gaussian in time (Cleveland's LOESS of degree one).

    A line, unlike a moving average, does not lag at the ends.

    Args:
        times: (T,) seconds, ascending.
        values: (T, K).
        weights: (T,) how far each row is to be trusted.
        sigma_s: standard deviation of the window in seconds.
    """
    reach = 4 * sigma_s
    smoothed = np.empty_like(values)
    first = np.searchsorted(times, times - reach, side="left")
    last = np.searchsorted(times, times + reach, side="right")
    for row, (start, end) in enumerate(zip(first, last, strict=True)):
        since = times[start:end] - times[row]
        weight = weights[start:end] * np.exp(-0.5 * (since / sigma_s) ** 2)
        total, first_moment, second_moment = weight.sum(), (weight * since).sum(), (weight * since**2).sum()
        spread = total * second_moment - first_moment**2
        mean = weight @ values[start:end]
        if spread > 1e-6 * (total * sigma_s) ** 2:
            slope_part = (weight * since) @ values[start:end]
            smoothed[row] = (second_moment * mean - first_moment * slope_part) / spread
        else:
            smoothed[row] = mean / total
    return smoothed
