"""Joins tracklets across gaps: chooses the joins that are best supported by the evidence.

The chosen joins have the greatest sum of evidence such that each end and each start is used at most once,
which is an assignment problem (Huang, Wu, Nevatia, "Robust object tracking by hierarchical association of
detection responses", ECCV 2008).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.detections import Detections
from people_pathing.engine.tracking import appearance
from people_pathing.engine.tracking.evidence import Candidate, End, weigh
from people_pathing.engine.tracking.settings import LinkSettings
from people_pathing.engine.tracking.tracklets import Tracklet, centres_and_sizes, times_s

APPEARANCE_DETECTIONS = 64
"""How many of a tracklet's clearest detections its appearance is averaged over."""


def link(
    detections: Detections,
    tracklets: Sequence[Tracklet],
    frame_size: tuple[int, int],
    settings: LinkSettings,
) -> list[Tracklet]:
    """Joins tracklets until no join is likely any more.

    Each round makes only the more certain half of the possible joins. Joined tracklets tell more about a
    person's heading and appearance, which helps to decide the rest.

    Args:
        detections: all detections of the video.
        tracklets: what association found.
        frame_size: width and height of the picture in pixels.
        settings: how people move and look.

    Returns:
        Joined tracklets.
    """
    candidates = [_candidate(detections, tracklet, settings) for tracklet in tracklets]
    while len(candidates) > 1:
        ends, starts, evidence = weigh(candidates, frame_size, settings)
        joins = choose(ends, starts, evidence)
        if not len(joins):
            break
        certain = joins[evidence[joins] >= np.median(evidence[joins])]
        candidates = _join(
            candidates, dict(zip(ends[certain].tolist(), starts[certain].tolist(), strict=True))
        )
    return [candidate.tracklet for candidate in candidates]


def choose(
    ends: NDArray[np.int64], starts: NDArray[np.int64], evidence: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Chooses the joins with the greatest sum of evidence that use no end and no start twice.

    Args:
        ends: (J,) int64, as `weigh` returns them.
        starts: (J,) int64, as `weigh` returns them.
        evidence: (J,) float64, as `weigh` returns it.

    Returns:
        (K,) int64 positions in these arrays.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    if not len(ends):
        return np.empty(0, np.int64)
    rows, row = np.unique(ends, return_inverse=True)
    columns, column = np.unique(starts, return_inverse=True)
    # Every end may also stay alone. That is a column of its own, which costs more than any join.
    alone = evidence.max() + 1
    cost = coo_array(
        (
            np.concatenate([alone - evidence, np.full(len(rows), alone)]),
            (
                np.concatenate([row, np.arange(len(rows))]),
                np.concatenate([column, len(columns) + np.arange(len(rows))]),
            ),
        ),
        shape=(len(rows), len(columns) + len(rows)),
    )
    chosen = dict(
        zip(*(side.tolist() for side in min_weight_full_bipartite_matching(cost.tocsr())), strict=True)
    )
    return np.flatnonzero(
        np.array([chosen[r] == c for r, c in zip(row.tolist(), column.tolist(), strict=True)])
    )


def _candidate(detections: Detections, tracklet: Tracklet, settings: LinkSettings) -> Candidate:
    times = times_s(detections, tracklet)
    shapes = centres_and_sizes(detections.boxes[tracklet])
    by_score = np.argsort(-detections.scores[tracklet], kind="stable")
    clearest = np.sort(tracklet[by_score[:APPEARANCE_DETECTIONS]])
    return Candidate(
        tracklet,
        start=_end(times, shapes, times <= times[0] + settings.heading_s, 0),
        end=_end(times, shapes, times >= times[-1] - settings.heading_s, -1),
        appearance=appearance.decode(detections.descriptors[clearest]).sum(axis=0),
    )


def _end(times: NDArray[np.float64], shapes: NDArray[np.float64], near: NDArray[np.bool_], which: int) -> End:
    at = times[which]
    since = times[near] - times[near].mean()
    centre = shapes[near, :2].mean(axis=0)
    height = float(np.median(shapes[near, 3]))
    if near.sum() < 3:
        return End(at, shapes[which, :2], np.zeros(2), height)
    velocity = since @ shapes[near, :2] / (since**2).sum()
    return End(at, centre + velocity * (at - times[near].mean()), velocity, height)


def _join(candidates: Sequence[Candidate], following: dict[int, int]) -> list[Candidate]:
    continued = set(following.values())
    joined = []
    for head in range(len(candidates)):
        if head in continued:
            continue
        parts = [candidates[head]]
        at = head
        while at in following:
            at = following[at]
            parts.append(candidates[at])
        joined.append(
            Candidate(
                np.concatenate([part.tracklet for part in parts]),
                parts[0].start,
                parts[-1].end,
                np.sum([part.appearance for part in parts], axis=0),
            )
        )
    return joined
