"""Steps on tracklets: rows of detections believed to be one person.

A tracklet is an ascending (T,) int64 array of positions in the arrays of `Detections`, at most one a frame.
All steps are pure: they take tracklets and give new ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.detections import Detections

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
    detections: Detections,
    tracklets: Sequence[Tracklet],
    *,
    shortest_s: float,
    best_score: float,
    still_heights: float,
    still_score: float,
) -> list[Tracklet]:
    """Drop tracklets seen too shortly, never clearly, or of things that stand still and are unclear mostly.

    A real person is recognised without doubt at least for a moment, a reflection hardly ever. A thing that
    looks somewhat like a person does so for hours, and has a good moment now and then, but never moves.

    Args:
        shortest_s: from the first to the last sighting.
        best_score: mean of the three best scores.
        still_heights: who keeps within so many body heights stands still.
        still_score: mean score expected of who stands still.
    """
    kept = []
    for tracklet in tracklets:
        times = times_s(detections, tracklet)
        scores = detections.scores[tracklet]
        seen_well = times[-1] - times[0] >= shortest_s and np.sort(scores)[-3:].mean() >= best_score
        if seen_well and (scores.mean() >= still_score or _range(detections, tracklet) > still_heights):
            kept.append(tracklet)
    return kept


def _range(detections: Detections, tracklet: Tracklet) -> float:
    """How far apart the tracklet's places are, in body heights, a tenth of outliers left out."""
    shapes = centres_and_sizes(detections.boxes[tracklet])
    low, high = np.percentile(shapes[:, :2], [5, 95], axis=0)
    return float(np.hypot(*(high - low)) / np.median(shapes[:, 3]))


def drop_covered_at_gaps(
    detections: Detections, tracklet: Tracklet, *, gap_s: float, covered_share: float
) -> Tracklet:
    """Drop sightings next to a gap that show only part of a person.

    Who walks behind somebody shrinks to the part still visible, and who comes out grows from it: such boxes
    tell neither where the person is nor where he is heading, of all places where it matters most.

    Args:
        gap_s: shorter gaps are left alone; beside longer ones no more than this is dropped.
        covered_share: share of a box that lies behind a nearer person.
    """
    times = times_s(detections, tracklet)
    kept = np.ones(len(tracklet), bool)
    for last in np.flatnonzero(np.diff(times) >= gap_s).tolist():
        for edge, away, stop in ((last, -1, -1), (last + 1, 1, len(tracklet))):
            for at in range(edge, stop, away):
                near = abs(times[at] - times[edge]) < gap_s
                if not near or covered(detections, int(tracklet[at])) <= covered_share:
                    break
                kept[at] = False
    return tracklet[kept] if kept.sum() > 1 else tracklet


def covered(detections: Detections, index: int, *, clear_score: float = 0.4) -> float:
    """The largest share of this detection's box that lies behind one other person, 0..1.

    On the ground the nearer of two people has the lower feet.
    """
    row = detections.rows[index]
    start, end = np.searchsorted(detections.rows, [row, row + 1])
    box, others = detections.boxes[index], detections.boxes[start:end]
    nearer = (others[:, 3] > box[3]) & (detections.scores[start:end] >= clear_score)
    width, height = np.clip(
        np.minimum(box[2:], others[nearer, 2:]) - np.maximum(box[:2], others[nearer, :2]), 0, None
    ).T
    area = float((box[2] - box[0]) * (box[3] - box[1]))
    return float((width * height).max(initial=0)) / area if area > 0 else 0.0


def fill_gaps(
    rows: NDArray[np.int64],
    shapes: NDArray[np.float64],
    scores: NDArray[np.float64],
    timestamps_us: NDArray[np.int64],
    *,
    heading_s: float,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Add the sampled frames between two sightings.

    The way between is a cubic Hermite curve whose tangents lie halfway between the straight way and the
    headings seen before and after: over a second or two people keep some of their heading, but not all.
    Sizes and scores change linearly.

    Args and result:
        rows: (T,) positions in timestamps_us, ascending.
        shapes: (T, 4) centre x, centre y, width, height.
        scores: (T,).
        heading_s: a heading is the straight line through this much of the track.
    """
    times = timestamps_us[rows] / 1e6
    filled = np.arange(rows[0], rows[-1] + 1)
    at = timestamps_us[filled] / 1e6
    result = np.stack([np.interp(at, times, column) for column in shapes.T], axis=1)
    for last in np.flatnonzero(np.diff(rows) > 1).tolist():
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
    """Velocity (2,) of the straight line through what is seen in since..until, if that is enough to tell."""
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
    *,
    sigma_s: float,
) -> NDArray[np.float64]:
    """Smooth each column by a local straight line, Gaussian in time (Cleveland's LOESS of degree one).

    A line, unlike a moving average, does not lag at the ends.

    Args:
        times: (T,) seconds, ascending.
        values: (T, K).
        weights: (T,) how far each row is to be trusted, above zero.
        sigma_s: standard deviation of the window in seconds.
    """
    count = len(times)
    total, first_moment, second_moment = np.zeros((3, count, 1))
    mean, slope = np.zeros((2, *values.shape))
    for offset in range(count):
        since = (times[offset:] - times[: count - offset])[:, None]
        near = np.where(since <= 4 * sigma_s, np.exp(-0.5 * (since / sigma_s) ** 2), 0)
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
