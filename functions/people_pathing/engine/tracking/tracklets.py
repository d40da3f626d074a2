"""Tracklets: building them from successors, and dropping those, or those detections, that are doubtful.

A tracklet is an ascending (T,) int64 array of positions in the arrays of `Detections`, at most one per frame,
that are believed to show the same person. The functions never change their arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.detections import Detections
from people_pathing.engine.tracking.association import Successors
from people_pathing.engine.tracking.frames import scene_duration_s, scene_numbers, search_interval_s
from people_pathing.engine.tracking.settings import TrackerSettings

Tracklet = NDArray[np.int64]


class Tracklets:
    """Tracklets in two arrays, so that millions of short ones need little memory."""

    def __init__(self, positions: NDArray[np.int64], lengths: NDArray[np.int64]) -> None:
        """Keeps the detections of all tracklets, one tracklet after the other.

        Args:
            positions: (M,) int64 positions in the arrays of `Detections`.
            lengths: (C,) int64 numbers of detections.
        """
        self._positions = positions
        self._bounds = np.concatenate([[0], np.cumsum(lengths)])

    @classmethod
    def of(cls, tracklets: Iterable[Tracklet], lone: NDArray[np.int64] | None = None) -> Tracklets:
        """Collects tracklets, and then lone detections."""
        given = list(tracklets)
        alone = np.empty(0, np.int64) if lone is None else lone
        lengths = [len(tracklet) for tracklet in given]
        return cls(np.concatenate([*given, alone]), np.array(lengths + [1] * len(alone), np.int64))

    def __len__(self) -> int:
        """Returns the number of tracklets."""
        return len(self._bounds) - 1

    def __getitem__(self, number: int) -> Tracklet:
        """Returns one tracklet."""
        return self._positions[self._bounds[number] : self._bounds[number + 1]]

    def __iter__(self) -> Iterator[Tracklet]:
        """Yields the tracklets."""
        return (self[number] for number in range(len(self)))

    @property
    def lengths(self) -> NDArray[np.int64]:
        """The number of detections of each tracklet, (C,)."""
        lengths: NDArray[np.int64] = np.diff(self._bounds)
        return lengths

    @property
    def firsts(self) -> NDArray[np.int64]:
        """The first detection of each tracklet, (C,)."""
        firsts: NDArray[np.int64] = self._positions[self._bounds[:-1]]
        return firsts

    def grouped(self, order: NDArray[np.int64], sizes: NDArray[np.int64]) -> Tracklets:
        """Joins tracklets.

        Args:
            order: (C,) their numbers; those of one group follow each other.
            sizes: (G,) how many tracklets each group has.
        """
        lengths = self.lengths[order]
        shifts = self._bounds[order] - (np.cumsum(lengths) - lengths)
        positions = self._positions[np.arange(len(self._positions)) + np.repeat(shifts, lengths)]
        return Tracklets(positions, np.add.reduceat(lengths, np.cumsum(sizes) - sizes))


def tracklets_from(successors: Successors) -> list[Tracklet]:
    """Returns the tracklets of at least two detections that successors form.

    The results of two neighbouring windows can disagree and lead from two detections to the same one. The
    shorter of the two steps is used.
    """
    # A long video has millions of detections, and half of the bytes are enough to count them.
    sources = np.flatnonzero(successors).astype(np.int32)
    targets = sources + successors[sources]
    previous = np.full(len(successors), -1, np.int32)
    previous[targets] = sources  # of two sources, NumPy keeps the later one, which is nearer
    following = np.full(len(successors), -1, np.int32)
    used = previous[targets] == sources
    following[sources[used]] = targets[used]
    tracklets = []
    for head in np.flatnonzero((following >= 0) & (previous < 0)).tolist():
        positions = [head]
        while (head := int(following[head])) >= 0:
            positions.append(head)
        tracklets.append(np.array(positions, np.int64))
    return tracklets


def lone_detections(
    detections: Detections, tracklets: Sequence[Tracklet], settings: TrackerSettings
) -> NDArray[np.int64]:
    """Returns the clear detections that are in none of the tracklets, (L,) int64 ascending.

    A detection that overlaps a detection of a given tracklet much is left out. It is a second box around the
    same person. Where people are searched very often, it has to be clearer: association hardly ever misses a
    person who is found twice within a few hundredths of a second.
    """
    frequent = max(0.0, 1 - search_interval_s(detections) / settings.lone_interval_s)
    lowest_score = settings.lone_score + (1 - settings.lone_score) * frequent
    is_known = np.zeros(len(detections), np.bool_)
    for tracklet in tracklets:
        is_known[tracklet] = True
    alone = np.flatnonzero(~is_known & (detections.scores >= lowest_score))
    kept = np.ones(len(alone), np.bool_)
    rows = detections.rows[alone]
    firsts, ends = np.searchsorted(detections.rows, rows), np.searchsorted(detections.rows, rows, "right")
    for number, (position, first, end) in enumerate(zip(alone, firsts, ends, strict=True)):
        others = detections.boxes[first:end][is_known[first:end]]
        overlap = _overlaps(detections.boxes[position], others).max(initial=0)
        kept[number] = overlap < settings.lone_overlap
    return alone[kept]


def _overlaps(box: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the intersection over union of a box (4,) with others (N, 4), (N,) 0..1."""
    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    shared = np.clip(sides, 0, None).prod(axis=1)
    united = (box[2:] - box[:2]).prod() + (others[:, 2:] - others[:, :2]).prod(axis=1) - shared
    overlaps: NDArray[np.float32] = shared / np.maximum(united, np.float32(1e-6))
    return overlaps


def times_s(detections: Detections, tracklet: Tracklet) -> NDArray[np.float64]:
    """Returns the times at which the tracklet's detections are shown, (T,) float64 seconds."""
    return detections.timestamps_us[detections.rows[tracklet]] / 1e6


def centres_and_sizes(boxes: NDArray[np.float32]) -> NDArray[np.float64]:
    """Converts (N, 4) xyxy boxes to (N, 4) float64 rows of centre x, centre y, width and height."""
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
    detections: Detections, tracklets: Iterable[Tracklet], settings: TrackerSettings
) -> list[Tracklet]:
    """Drops tracklets that are too short, rarely found or never clear, and unclear ones that stand still.

    A tracklet whose person is rarely found where the path leads was joined from the detections of several. A
    person is detected with a high score at least for a moment; a reflection almost never is. An object that
    resembles a person is detected for hours, sometimes with a high score, but it never moves.

    Args:
        detections: all detections of the video.
        tracklets: the tracklets to check.
        settings: the limits.
    """
    interval_s = search_interval_s(detections)
    scenes = scene_numbers(detections)
    searches = np.cumsum(detections.searched, dtype=np.int64)
    kept = []
    for tracklet in tracklets:
        # In a scene that is hardly longer than the limit, half of its duration is enough.
        scene_s = scene_duration_s(detections, scenes, int(detections.rows[tracklet[0]]))
        times = times_s(detections, tracklet)
        scores = detections.scores[tracklet]
        is_long = times[-1] - times[0] + interval_s >= min(settings.shortest_s, scene_s / 2)
        found_share = _found_share(searches[detections.rows[tracklet]], times, settings.filled_s)
        is_found = is_long and found_share >= settings.found_share
        is_clear = is_found and np.sort(scores)[-3:].mean() >= settings.best_score
        if is_clear and (
            scores.mean() >= settings.still_score or _range(detections, tracklet) > settings.still_heights
        ):
            kept.append(tracklet)
    return kept


def _found_share(searches: NDArray[np.int64], times: NDArray[np.float64], filled_s: float) -> float:
    """Returns in which share of the searched frames a tracklet's person was found, outside of long gaps.

    Args:
        searches: (T,) numbers of the searched frames in which the person was found.
        times: (T,) seconds.
        filled_s: longer gaps are not counted.
    """
    is_gap = np.diff(times) > filled_s
    return len(searches) / (1 + int(np.where(is_gap, 1, np.diff(searches)).sum()))


def _range(detections: Detections, tracklet: Tracklet) -> float:
    """Returns how far apart the tracklet's places are, in body heights, without a tenth of outliers."""
    shapes = centres_and_sizes(detections.boxes[tracklet])
    low, high = np.percentile(shapes[:, :2], [5, 95], axis=0)
    return float(np.hypot(*(high - low)) / np.median(shapes[:, 3]))


def drop_covered_at_gaps(
    detections: Detections, tracklet: Tracklet, *, gap_s: float, covered_share: float
) -> Tracklet:
    """Drops detections beside a gap that show only part of a person.

    The box of a person who walks behind another shrinks to the visible part, and grows again on the other
    side. Such boxes misstate the place and the heading exactly where linking and gap filling rely on them.

    Args:
        detections: all detections of the video.
        tracklet: the tracklet to clean.
        gap_s: shorter gaps are ignored. At most this much is dropped on each side of a longer one.
        covered_share: share of a box that may be hidden by a nearer person.

    Returns:
        The tracklet without these detections, or unchanged if fewer than two would remain.
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
    """Returns the largest share of a detection's box that one nearer person hides, 0..1.

    On flat ground, the nearer of two people has the lower feet.

    Args:
        detections: all detections of the video.
        index: position of the detection.
        clear_score: weaker detections are ignored, because they may not be people.
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
