"""Fills the gaps of a path and smooths it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def fill_gaps(
    rows: NDArray[np.int64],
    shapes: NDArray[np.float64],
    scores: NDArray[np.float64],
    timestamps_us: NDArray[np.int64],
    *,
    heading_s: float,
    bent_s: float,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Adds a row for each sampled frame that a path misses.

    In longer gaps, the place follows a cubic Hermite curve. Its tangents are halfway between the straight
    line and the headings before and after the gap: over a second or two, people keep part of their heading,
    but not all. Sizes and scores change linearly, and so do places in short gaps.

    Args:
        rows: (T,) int64, ascending positions in timestamps_us.
        shapes: (T, 4) centre x, centre y, width, height, in pixels.
        scores: (T,) 0..1.
        timestamps_us: (F,) microseconds of the sampled frames.
        heading_s: a heading is the straight line through this much of the path.
        bent_s: gaps from this length on are longer.

    Returns:
        rows, shapes and scores without gaps.
    """
    times = timestamps_us[rows] / 1e6
    filled = np.arange(rows[0], rows[-1] + 1)
    at = timestamps_us[filled] / 1e6
    result = np.stack([np.interp(at, times, column) for column in shapes.T], axis=1)
    for last in np.flatnonzero((np.diff(rows) > 1) & (np.diff(times) >= bent_s)).tolist():
        between = slice(int(rows[last] - rows[0]) + 1, int(rows[last + 1] - rows[0]))
        duration = times[last + 1] - times[last]
        share = ((at[between] - times[last]) / duration)[:, None]
        chord = (shapes[last + 1, :2] - shapes[last, :2]) / duration
        before = _heading(times, shapes, times[last] - heading_s, times[last], chord)
        after = _heading(times, shapes, times[last + 1], times[last + 1] + heading_s, chord)
        bend = share * (1 - share) * ((before - chord) * (1 - share) - (after - chord) * share)
        result[between, :2] += bend * duration / 2
    return filled, result, np.interp(at, times, scores)


def _heading(
    times: NDArray[np.float64],
    shapes: NDArray[np.float64],
    since: float,
    until: float,
    otherwise: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Returns the velocity (2,), in pixels per second, of the straight line through since..until.

    Returns `otherwise` if fewer than three rows are in that time.
    """
    start, end = np.searchsorted(times, since, side="left"), np.searchsorted(times, until, side="right")
    if end - start < 3:
        return otherwise
    offsets = times[start:end] - times[start:end].mean()
    velocity: NDArray[np.float64] = offsets @ shapes[start:end, :2] / (offsets**2).sum()
    return velocity


def smooth(
    times: NDArray[np.float64],
    values: NDArray[np.float64],
    weights: NDArray[np.float64],
    paths: NDArray[np.int64],
    *,
    sigma_s: float,
) -> NDArray[np.float64]:
    """Smooths each column by a local straight line with Gaussian weights in time (Cleveland's LOESS, 1979).

    Unlike a moving average, a line does not lag behind at the ends. Many paths are smoothed at once, because
    NumPy needs about the same time for a short array as for one of a thousand rows.

    Args:
        times: (T,) seconds, ascending within each path.
        values: (T, K).
        weights: (T,) how reliable each row is, above 0.
        paths: (T,) int64 the number of each row's path. The rows of a path follow each other.
        sigma_s: standard deviation of the weights in seconds.

    Returns:
        (T, K) float64.
    """
    count = len(times)
    total, first_moment, second_moment = np.zeros((3, count, 1))
    mean, slope = np.zeros((2, *values.shape))
    for offset in range(count):
        since = (times[offset:] - times[: count - offset])[:, None]
        is_near = (since <= 4 * sigma_s) & (paths[offset:] == paths[: count - offset])[:, None]
        near = np.where(is_near, np.exp(-0.5 * (since / sigma_s) ** 2), 0)
        if not near.any():
            break
        earlier, later = slice(0, count - offset), slice(offset, count)
        directions = [(earlier, later, since)] + [(later, earlier, -since)] * (offset > 0)
        for here, there, distance in directions:
            weight = near * weights[there, None]
            total[here] += weight
            first_moment[here] += weight * distance
            second_moment[here] += weight * distance**2
            mean[here] += weight * values[there]
            slope[here] += weight * distance * values[there]
    spread = total * second_moment - first_moment**2
    straight = spread > 1e-6 * (total * sigma_s) ** 2
    line = (second_moment * mean - first_moment * slope) / np.where(straight, spread, 1)
    smoothed: NDArray[np.float64] = np.where(straight, line, mean / total)
    return smoothed
