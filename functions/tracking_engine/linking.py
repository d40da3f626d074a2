"""Joining tracklets over gaps: which end continues as which start.

Every pair of an end and a later start gets a cost from motion, size and appearance; the cheapest set of
joins, each end and each start used at most once, is found as an assignment problem (the formulation of
Huang, Wu, Nevatia, "Robust object tracking by hierarchical association of detection responses", ECCV 2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from tracking_engine import appearance
from tracking_engine.detection import Detections
from tracking_engine.tracklets import Tracklet, centres_and_sizes, times_s

GALLERY = 32
"""Sightings of a tracklet that its looks are averaged over."""


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """What may be joined; lengths in body heights, times in seconds."""

    longest_gap_s: float = 3.0
    farthest_heights: float = 0.75
    height_log_ratio: float = 0.25
    appearance_distance: float = 0.36
    damping_per_s: float = 1.5
    velocity_window_s: float = 1.0


@dataclass(frozen=True, slots=True)
class _Ends:
    """Both ends of every tracklet: (N,) and (N, 2) arrays."""

    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    start_xy: NDArray[np.float64]
    end_xy: NDArray[np.float64]
    start_velocity: NDArray[np.float64]
    end_velocity: NDArray[np.float64]
    start_height: NDArray[np.float64]
    end_height: NDArray[np.float64]
    looks: NDArray[np.float32]


def link(
    detections: Detections, tracklets: Sequence[Tracklet], settings: LinkSettings
) -> list[Tracklet]:
    """Join tracklets until nothing more fits."""
    current = list(tracklets)
    while len(current) > 1:
        ends = _describe_ends(detections, current, settings)
        following = _assign(*_candidates(ends, settings), len(current))
        if not following:
            break
        current = _join(current, following)
    return current


def _describe_ends(detections: Detections, tracklets: Sequence[Tracklet], settings: LinkSettings) -> _Ends:
    start_s, end_s, start_xy, end_xy, start_v, end_v, start_h, end_h, looks = ([] for _ in range(9))
    for tracklet in tracklets:
        times = times_s(detections, tracklet)
        shapes = centres_and_sizes(detections.boxes[tracklet])
        head = times <= times[0] + settings.velocity_window_s
        tail = times >= times[-1] - settings.velocity_window_s
        start_s.append(times[0])
        end_s.append(times[-1])
        start_xy.append(shapes[0, :2])
        end_xy.append(shapes[-1, :2])
        start_v.append(_velocity(times[head], shapes[head, :2]))
        end_v.append(_velocity(times[tail], shapes[tail, :2]))
        start_h.append(np.median(shapes[head, 3]))
        end_h.append(np.median(shapes[tail, 3]))
        looks.append(_looks(detections, tracklet))
    return _Ends(*(np.array(column) for column in (start_s, end_s, start_xy, end_xy, start_v, end_v, start_h, end_h, looks)))


def _velocity(times: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    since = times - times.mean()
    spread = (since**2).sum()
    return since @ points / spread if spread > 0 else np.zeros(2)


def _looks(detections: Detections, tracklet: Tracklet) -> NDArray[np.float32]:
    clearest = tracklet[np.argsort(-detections.scores[tracklet], kind="stable")[:GALLERY]]
    mean = appearance.decode(detections.descriptors[np.sort(clearest)]).mean(axis=0)
    norm = np.linalg.norm(mean)
    return mean / norm if norm > 0 else mean


def _candidates(
    ends: _Ends, settings: LinkSettings
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    order = np.argsort(ends.start_s, kind="stable")
    starts = ends.start_s[order]
    first = np.searchsorted(starts, ends.end_s, side="right")
    last = np.searchsorted(starts, ends.end_s + settings.longest_gap_s, side="right")
    count = last - first
    a = np.repeat(np.arange(len(starts)), count)
    b = order[np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)]
    gap = ends.start_s[b] - ends.end_s[a]
    height = (ends.end_height[a] + ends.start_height[b]) / 2
    ratio = np.abs(np.log(ends.end_height[a] / ends.start_height[b]))
    # nobody keeps walking straight on for ever: the speed is expected to fade during the gap
    walked = (1 - np.exp(-settings.damping_per_s * gap)) / settings.damping_per_s
    forward = ends.end_xy[a] + ends.end_velocity[a] * walked[:, None] - ends.start_xy[b]
    backward = ends.start_xy[b] - ends.start_velocity[b] * walked[:, None] - ends.end_xy[a]
    distance = (np.hypot(*forward.T) + np.hypot(*backward.T)) / 2 / height
    limit = settings.farthest_heights * (1 + 0.5 * gap)
    unlike = 1 - np.einsum("nd,nd->n", ends.looks[a], ends.looks[b])
    fits = (
        (ratio <= settings.height_log_ratio)
        & (distance <= limit)
        & (unlike <= settings.appearance_distance)
    )
    cost = distance / limit + 0.5 * ratio + 0.1 * gap / settings.longest_gap_s + unlike
    return a[fits], b[fits], cost[fits]


def _assign(
    a: NDArray[np.int64], b: NDArray[np.int64], cost: NDArray[np.float64], count: int
) -> dict[int, int]:
    """The joins (end of a, start of b) of least total cost, as many as possible, solved group by group."""
    dear = 1e3
    graph = coo_array((np.ones(len(a)), (a, b + count)), shape=(2 * count, 2 * count))
    _, group = connected_components(graph, directed=False)
    following: dict[int, int] = {}
    by_group = np.argsort(group[a], kind="stable")
    for members in np.split(by_group, np.flatnonzero(np.diff(group[a][by_group])) + 1):
        rows, row = np.unique(a[members], return_inverse=True)
        columns, column = np.unique(b[members], return_inverse=True)
        costs = np.full((len(rows), len(columns)), dear)
        costs[row, column] = cost[members]
        for i, j in zip(*linear_sum_assignment(costs), strict=True):
            if costs[i, j] < dear:
                following[int(rows[i])] = int(columns[j])
    return following


def _join(tracklets: Sequence[Tracklet], following: dict[int, int]) -> list[Tracklet]:
    continued = set(following.values())
    joined = []
    for head in range(len(tracklets)):
        if head not in continued:
            chain = [head]
            while chain[-1] in following:
                chain.append(following[chain[-1]])
            joined.append(np.concatenate([tracklets[part] for part in chain]))
    return joined
