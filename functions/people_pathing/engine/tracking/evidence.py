"""Weighs the evidence for a join of two tracklets: does the end of one continue as the start of the other?

An end and a later start belong either to the same person or to two people. Everything that is known of both
is weighed as the logarithm of the likelihood ratio of these two explanations, so different kinds of evidence
can be added, and zero means undecided. There are four terms:

- motion: the distance from the start to where the person was heading, and from the end to where the start
  came from. The uncertainty grows with the gap. The alternative is a start at a random place, so in a crowd
  (`starts_per_area`) and after a long gap even a good match counts for less.
- height: people keep their height in the picture for a few seconds. The alternative is any other height.
- appearance: descriptors of one person are more similar than those of two people.
- leaving: a person who left the picture comes back more rarely than a hidden one reappears, so a join counts
  less for each of its sides at the border.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.tracking.settings import LinkSettings
from people_pathing.engine.tracking.tracklets import Tracklet

PAIRS_AT_ONCE = 100_000
"""Each pair needs more than a kilobyte while it is weighed."""


@dataclass(frozen=True, slots=True)
class End:
    """The first or the last moment of a tracklet.

    Attributes:
        time_s: seconds after the video's first frame.
        position: (2,) centre of the box, pixels.
        velocity: (2,) pixels per second; zero if the tracklet is too short to tell.
        height: pixels.
    """

    time_s: float
    position: NDArray[np.float64]
    velocity: NDArray[np.float64]
    height: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A tracklet that may be joined, and what linking needs to know about it.

    Attributes:
        tracklet: the detections.
        start: the first moment.
        end: the last moment.
        appearance: (D,) float32, sum of unit descriptors.
    """

    tracklet: Tracklet
    start: End
    end: End
    appearance: NDArray[np.float32]


def weigh(
    candidates: Sequence[Candidate], frame_size: tuple[int, int], settings: LinkSettings
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Weighs all possible joins and returns those that are more likely than not.

    Args:
        candidates: the tracklets so far.
        frame_size: width and height of the picture in pixels.
        settings: how people move and look.

    Returns:
        (J,) int64 positions in `candidates` of the tracklet that ends, (J,) int64 of the one that starts, and
        (J,) float64 evidence, a logarithm of a likelihood ratio above 0.
    """
    ends, starts = (
        _ends([candidate.end for candidate in candidates]),
        _ends([candidate.start for candidate in candidates]),
    )
    vectors = np.stack([candidate.appearance for candidate in candidates])
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    leaving = _at_border(
        ends.position + settings.leaving_s * ends.velocity, ends.height, frame_size, settings
    )
    entering = _at_border(
        starts.position - settings.leaving_s * starts.velocity, starts.height, frame_size, settings
    )
    found = [
        _weighed(
            a,
            b,
            ends,
            starts,
            vectors,
            settings,
            settings.leaving_cost * (leaving[a].astype(float) + entering[b]),
        )
        for a, b in _pairs(ends.time_s, starts.time_s, settings.longest_gap_s)
    ]
    a, b, evidence = (np.concatenate(column) for column in zip(*found, strict=True))
    return a, b, evidence


def _weighed(
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    ends: _Ends,
    starts: _Ends,
    vectors: NDArray[np.float32],
    settings: LinkSettings,
    leaving_cost: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Returns those pairs of an end and a start that are more likely than not, and their evidence."""
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
        + _appearance_evidence(1 - np.einsum("nd,nd->n", vectors[a], vectors[b]), settings)
        - leaving_cost
    )
    likely = evidence > 0
    return a[likely], b[likely], evidence[likely]


@dataclass(frozen=True, slots=True)
class _Ends:
    """The starts, or the ends, of N tracklets; see `End`: (N,), (N, 2), (N, 2), (N,)."""

    time_s: NDArray[np.float64]
    position: NDArray[np.float64]
    velocity: NDArray[np.float64]
    height: NDArray[np.float64]


def _ends(ends: Sequence[End]) -> _Ends:
    return _Ends(
        np.array([end.time_s for end in ends]),
        np.array([end.position for end in ends]),
        np.array([end.velocity for end in ends]),
        np.array([end.height for end in ends]),
    )


def _pairs(
    end_s: NDArray[np.float64], start_s: NDArray[np.float64], longest_gap_s: float
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yields all pairs (end, start) whose start is after the end and within the longest gap.

    Sorting by time keeps the number of pairs far below the product of both counts. They are yielded in parts,
    because in a crowd there are millions of them.
    """
    order = np.argsort(start_s, kind="stable")
    first = np.searchsorted(start_s[order], end_s, side="right")
    last = np.searchsorted(start_s[order], end_s + longest_gap_s, side="right")
    total = np.concatenate([[0], np.cumsum(last - first)])
    part = 0
    while part < len(end_s):
        until = max(part + 1, int(np.searchsorted(total, total[part] + PAIRS_AT_ONCE)) - 1)
        count = (last - first)[part:until]
        nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        yield np.repeat(np.arange(part, until), count), order[nth + np.repeat(first[part:until], count)]
        part = until


def _motion_evidence(
    forward_miss: NDArray[np.float64],
    backward_miss: NDArray[np.float64],
    gap_s: NDArray[np.float64],
    settings: LinkSettings,
) -> NDArray[np.float64]:
    """Weighs the miss of a prediction: a Gaussian, against a start at a random place.

    Both directions of time count equally.

    Args:
        forward_miss: (N, 2) body heights from the start to where the end was heading.
        backward_miss: (N, 2) body heights from the end to where the start came from.
        gap_s: (N,) seconds.
        settings: spreads of positions and speeds, and the density of other starts.
    """
    variance = settings.position_spread**2 + (settings.speed_spread * gap_s) ** 2
    miss = ((forward_miss**2).sum(axis=1) + (backward_miss**2).sum(axis=1)) / 2
    evidence: NDArray[np.float64] = -0.5 * miss / variance
    return evidence - np.log(2 * np.pi * variance * settings.starts_per_area)


def _height_evidence(log_ratio: NDArray[np.float64], settings: LinkSettings) -> NDArray[np.float64]:
    """Weighs the logarithm of two heights' ratio: a Gaussian, against any ratio within a factor of e."""
    spread = settings.height_spread
    return -0.5 * (log_ratio / spread) ** 2 - math.log(math.sqrt(2 * math.pi) * spread)


def _appearance_evidence(distance: NDArray[np.float32], settings: LinkSettings) -> NDArray[np.float64]:
    """Weighs a distance of descriptors, exponentially distributed for one person and for two."""
    same, different = settings.same_appearance, settings.different_appearance
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
