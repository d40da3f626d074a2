"""Joining tracklets over gaps: which end goes on as which start.

Every end and every later start are either the same person or not. What is seen of both (where they are and
where they were heading, how tall they are, what they look like) is weighed as a logarithm of the likelihood
ratio of the two explanations, so that terms of different kinds add up and zero means undecided. The set of
joins with the greatest sum, each end and each start used at most once, is an assignment problem (Huang, Wu,
Nevatia, "Robust object tracking by hierarchical association of detection responses", ECCV 2008).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from people_pathing.engine.detections import Detections
from people_pathing.engine.tracking import appearance
from people_pathing.engine.tracking.tracklets import Tracklet, centres_and_sizes, times_s

SIGHTINGS = 64
"""How many of a tracklet's clearest sightings its looks are averaged over."""


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """What people do between two sightings; lengths in body heights, times in seconds.

    longest_gap_s       nobody is waited for longer
    heading_s           a heading is the straight line through this much of a tracklet
    position_spread     how far a detector's box is off
    speed_spread        how much people change their velocity, heights a second
    starts_per_area     how many other people start on an area of one square height during a gap
    height_spread       how much the logarithm of a person's height in the picture changes
    same_looks, different_looks     mean distance of descriptors of one person, of two people
    border              closer to the picture's edge than this is the way out
    leaving_s           who is at the border this long after the last sighting has left
    leaving_cost        how much less likely it is to come back from there
    """

    longest_gap_s: float = 5.0
    heading_s: float = 0.8
    position_spread: float = 0.08
    speed_spread: float = 0.35
    starts_per_area: float = 0.08
    height_spread: float = 0.1
    same_looks: float = 0.05
    different_looks: float = 0.27
    border: float = 0.25
    leaving_s: float = 0.5
    leaving_cost: float = 2.5


@dataclass(frozen=True, slots=True)
class End:
    """The first or last moment of a tracklet: seconds, pixels, pixels a second, pixels."""

    time_s: float
    position: NDArray[np.float64]
    velocity: NDArray[np.float64]
    height: float


@dataclass(frozen=True, slots=True)
class Person:
    """A tracklet with what linking needs to know of it; looks is a sum of unit descriptors, (D,) float32."""

    tracklet: Tracklet
    start: End
    end: End
    looks: NDArray[np.float32]


def link(
    detections: Detections,
    tracklets: Sequence[Tracklet],
    frame_size: tuple[int, int],
    settings: LinkSettings,
) -> list[Tracklet]:
    """Join tracklets until nothing more fits.

    Only the surer half of the possible joins is made at a time: joined tracklets show more of a person's
    heading and looks, on which the doubtful half can then be decided.

    Args:
        frame_size: width and height of the picture in pixels.
    """
    people = [_person(detections, tracklet, settings) for tracklet in tracklets]
    while len(people) > 1:
        ends, starts, evidence = weigh(people, frame_size, settings)
        joins = choose(ends, starts, evidence)
        if not len(joins):
            break
        sure = joins[evidence[joins] >= np.median(evidence[joins])]
        people = _join(people, dict(zip(ends[sure].tolist(), starts[sure].tolist(), strict=True)))
    return [person.tracklet for person in people]


def weigh(
    people: Sequence[Person], frame_size: tuple[int, int], settings: LinkSettings
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """The evidence for each join that is more likely than not.

    Returns:
        (J,) int64 positions of who ends, (J,) int64 of who starts, (J,) float64 log likelihood ratio > 0.
    """
    ends, starts = (
        _column([person.end for person in people]),
        _column([person.start for person in people]),
    )
    looks = np.stack([person.looks for person in people])
    looks /= np.maximum(np.linalg.norm(looks, axis=1, keepdims=True), 1e-6)
    leaving = _at_border(
        ends.position + settings.leaving_s * ends.velocity, ends.height, frame_size, settings
    )
    entering = _at_border(
        starts.position - settings.leaving_s * starts.velocity, starts.height, frame_size, settings
    )
    a, b = _pairs(ends.time_s, starts.time_s, settings.longest_gap_s)
    gap = starts.time_s[b] - ends.time_s[a]
    height = (ends.height[a] + starts.height[b]) / 2
    evidence = (
        _motion_evidence(
            (ends.position[a] + ends.velocity[a] * gap[:, None] - starts.position[b]) / height[:, None],
            (starts.position[b] - starts.velocity[b] * gap[:, None] - ends.position[a]) / height[:, None],
            gap,
            settings,
        )
        + _height_evidence(np.log(ends.height[a] / starts.height[b]), settings)
        + _looks_evidence(1 - np.einsum("nd,nd->n", looks[a], looks[b]), settings)
        - settings.leaving_cost * (leaving[a].astype(float) + entering[b])
    )
    likely = evidence > 0
    return a[likely], b[likely], evidence[likely]


def choose(
    ends: NDArray[np.int64], starts: NDArray[np.int64], evidence: NDArray[np.float64]
) -> NDArray[np.int64]:
    """The joins with the greatest sum of evidence in which no end and no start is used twice.

    Args and result: as `weigh` returns them; (K,) int64 positions in these.
    """
    if not len(ends):
        return np.empty(0, np.int64)
    rows, row = np.unique(ends, return_inverse=True)
    columns, column = np.unique(starts, return_inverse=True)
    # every end may also stay alone: a column of its own, dearer than any join
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


def _person(detections: Detections, tracklet: Tracklet, settings: LinkSettings) -> Person:
    times = times_s(detections, tracklet)
    shapes = centres_and_sizes(detections.boxes[tracklet])
    clearest = np.sort(tracklet[np.argsort(-detections.scores[tracklet], kind="stable")[:SIGHTINGS]])
    return Person(
        tracklet,
        start=_end(times, shapes, times <= times[0] + settings.heading_s, 0),
        end=_end(times, shapes, times >= times[-1] - settings.heading_s, -1),
        looks=appearance.decode(detections.descriptors[clearest]).sum(axis=0),
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


@dataclass(frozen=True, slots=True)
class _Column:
    """The same end of many: (N,), (N, 2), (N, 2), (N,)."""

    time_s: NDArray[np.float64]
    position: NDArray[np.float64]
    velocity: NDArray[np.float64]
    height: NDArray[np.float64]


def _column(ends: Sequence[End]) -> _Column:
    return _Column(
        np.array([end.time_s for end in ends]),
        np.array([end.position for end in ends]),
        np.array([end.velocity for end in ends]),
        np.array([end.height for end in ends]),
    )


def _pairs(
    end_s: NDArray[np.float64], start_s: NDArray[np.float64], longest_gap_s: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All (end, start) with the start after the end and within the gap, found by sorting in time."""
    order = np.argsort(start_s, kind="stable")
    first = np.searchsorted(start_s[order], end_s, side="right")
    last = np.searchsorted(start_s[order], end_s + longest_gap_s, side="right")
    count = last - first
    nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(np.arange(len(end_s)), count), order[nth + np.repeat(first, count)]


def _motion_evidence(
    forward_miss: NDArray[np.float64],
    backward_miss: NDArray[np.float64],
    gap_s: NDArray[np.float64],
    settings: LinkSettings,
) -> NDArray[np.float64]:
    """Mean over both directions of time of: Gaussian around the prediction, against a start anywhere.

    Args:
        forward_miss: (N, 2) heights from where the end was heading to the start; backward_miss likewise.
    """
    variance = settings.position_spread**2 + (settings.speed_spread * gap_s) ** 2
    miss = ((forward_miss**2).sum(axis=1) + (backward_miss**2).sum(axis=1)) / 2
    evidence: NDArray[np.float64] = -0.5 * miss / variance
    return evidence - np.log(2 * np.pi * variance * settings.starts_per_area)


def _height_evidence(log_ratio: NDArray[np.float64], settings: LinkSettings) -> NDArray[np.float64]:
    """Gaussian in the logarithm of the heights' ratio, against any height within about a factor of e."""
    spread = settings.height_spread
    return -0.5 * (log_ratio / spread) ** 2 - math.log(math.sqrt(2 * math.pi) * spread)


def _looks_evidence(distance: NDArray[np.float32], settings: LinkSettings) -> NDArray[np.float64]:
    """Distances of one person and of two are taken as exponentially distributed about their means."""
    same, different = settings.same_looks, settings.different_looks
    return math.log(different / same) - np.asarray(distance, np.float64) * (1 / same - 1 / different)


def _at_border(
    positions: NDArray[np.float64],
    heights: NDArray[np.float64],
    frame_size: tuple[int, int],
    settings: LinkSettings,
) -> NDArray[np.bool_]:
    margin = (settings.border * heights)[:, None]
    near = (positions < margin) | (positions > np.array(frame_size) - margin)
    return near[:, 0] | near[:, 1]


def _join(people: Sequence[Person], following: dict[int, int]) -> list[Person]:
    continued = set(following.values())
    joined = []
    for head in range(len(people)):
        if head in continued:
            continue
        chain = [people[head]]
        at = head
        while at in following:
            at = following[at]
            chain.append(people[at])
        joined.append(
            Person(
                np.concatenate([part.tracklet for part in chain]),
                chain[0].start,
                chain[-1].end,
                np.sum([part.looks for part in chain], axis=0),
            )
        )
    return joined
