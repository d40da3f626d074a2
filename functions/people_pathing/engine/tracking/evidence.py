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
"""Each pair needs more than a kilobyte while its appearances are compared."""
ROUNDING = 0.001
"""Rounding changes the evidence of float32 vectors by less."""


@dataclass(frozen=True, slots=True)
class End:
    """The first or the last moment of a tracklet.

    Attributes:
        time_s: seconds after the video's first frame.
        position: (2,) centre of the box, pixels.
        velocity: (2,) pixels per second, as likely as it is known: zero for a single detection.
        speed_spread: standard deviation of the velocity soon after, in heights per second and direction.
        height: pixels.
        is_at_border: whether the person is about to leave the picture, or has just entered it.
    """

    time_s: float
    position: NDArray[np.float64]
    velocity: NDArray[np.float64]
    speed_spread: float
    height: float
    is_at_border: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A tracklet that may be joined, and what linking needs to know about it.

    Attributes:
        tracklet: the detections.
        start: the first moment.
        end: the last moment.
        scene: number of its scene.
        appearance: (D,) float32, sum of unit descriptors; zeros if they are unknown.
        embedding: (W,) float32, sum of unit embeddings; zeros if none is known.
    """

    tracklet: Tracklet
    start: End
    end: End
    scene: int
    appearance: NDArray[np.float32]
    embedding: NDArray[np.float32]


def weigh(
    candidates: Sequence[Candidate], settings: LinkSettings
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Weighs all possible joins and returns those that are more likely than not.

    Args:
        candidates: the tracklets so far.
        settings: how people move and look.

    Returns:
        (J,) int64 positions in `candidates` of the tracklet that ends, (J,) int64 of the one that starts, and
        (J,) float64 evidence, a logarithm of a likelihood ratio above 0.
    """
    ends, starts = (
        _ends([candidate.end for candidate in candidates]),
        _ends([candidate.start for candidate in candidates]),
    )
    appearances = _units([candidate.appearance for candidate in candidates])
    embeddings = _units([candidate.embedding for candidate in candidates])
    scenes = np.array([candidate.scene for candidate in candidates])
    found = [
        _weighed(a, b, ends, starts, appearances, embeddings, settings)
        for a, b in _pairs_in_scenes(ends.time_s, starts.time_s, scenes, settings.longest_gap_s)
    ]
    a, b, evidence = (np.concatenate(column) for column in zip(*found, strict=True))
    return a, b, evidence


def _weighed(
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    ends: _Ends,
    starts: _Ends,
    appearances: NDArray[np.float32],
    embeddings: NDArray[np.float32],
    settings: LinkSettings,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Returns those pairs of an end and a start that are more likely than not, and their evidence.

    Comparing appearances takes most of the time. So it is done last, for pairs that it can still decide.
    """
    gap = starts.time_s[b] - ends.time_s[a]
    height = (ends.height[a] + starts.height[b]) / 2
    evidence = _motion_evidence(
        (ends.position[a] + ends.velocity[a] * gap[:, None] - starts.position[b]) / height[:, None],
        (starts.position[b] - starts.velocity[b] * gap[:, None] - ends.position[a]) / height[:, None],
        settings.position_spread**2 + (ends.speed_spread[a] * gap) ** 2,
        settings.position_spread**2 + (starts.speed_spread[b] * gap) ** 2,
        settings,
    ) + _height_evidence(np.log(ends.height[a] / starts.height[b]), settings)
    leaving = settings.leaving_cost * (ends.is_at_border[a].astype(float) + starts.is_at_border[b])
    undecided = evidence + (_most_appearance_evidence(settings) - leaving) > 0
    a, b = a[undecided], b[undecided]
    evidence = evidence[undecided] + (
        _appearance_evidence(appearances, embeddings, a, b, settings) - leaving[undecided]
    )
    likely = evidence > 0
    return a[likely], b[likely], evidence[likely]


@dataclass(frozen=True, slots=True)
class _Ends:
    """The starts, or the ends, of N tracklets; see `End`: (N,), (N, 2), (N, 2), (N,), (N,), (N,)."""

    time_s: NDArray[np.float64]
    position: NDArray[np.float64]
    velocity: NDArray[np.float64]
    speed_spread: NDArray[np.float64]
    height: NDArray[np.float64]
    is_at_border: NDArray[np.bool_]


def _ends(ends: Sequence[End]) -> _Ends:
    return _Ends(
        np.array([end.time_s for end in ends]),
        np.array([end.position for end in ends]),
        np.array([end.velocity for end in ends]),
        np.array([end.speed_spread for end in ends]),
        np.array([end.height for end in ends]),
        np.array([end.is_at_border for end in ends]),
    )


def _pairs_in_scenes(
    end_s: NDArray[np.float64],
    start_s: NDArray[np.float64],
    scenes: NDArray[np.int64],
    longest_gap_s: float,
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yields those pairs of `_pairs` whose end and start are in the same scene."""
    for a, b in _pairs(end_s, start_s, longest_gap_s):
        same = scenes[a] == scenes[b]
        yield a[same], b[same]


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
    forward_variance: NDArray[np.float64],
    backward_variance: NDArray[np.float64],
    settings: LinkSettings,
) -> NDArray[np.float64]:
    """Weighs the misses of both predictions: a Gaussian, against a start at a random place.

    Both directions of time count equally.

    Args:
        forward_miss: (N, 2) body heights from the start to where the end was heading.
        backward_miss: (N, 2) body heights from the end to where the start came from.
        forward_variance: (N,) square heights, of each coordinate.
        backward_variance: (N,) likewise.
        settings: the density of other starts.
    """
    forward, backward = (
        -0.5 * (miss**2).sum(axis=1) / variance - np.log(2 * np.pi * variance * settings.starts_per_area)
        for miss, variance in ((forward_miss, forward_variance), (backward_miss, backward_variance))
    )
    evidence: NDArray[np.float64] = (forward + backward) / 2
    return evidence


def _height_evidence(log_ratio: NDArray[np.float64], settings: LinkSettings) -> NDArray[np.float64]:
    """Weighs the logarithm of two heights' ratio: a Gaussian, against any ratio within a factor of e."""
    spread = settings.height_spread
    return -0.5 * (log_ratio / spread) ** 2 - math.log(math.sqrt(2 * math.pi) * spread)


def _appearance_evidence(
    appearances: NDArray[np.float32],
    embeddings: NDArray[np.float32],
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    settings: LinkSettings,
) -> NDArray[np.float64]:
    """Weighs how alike two tracklets look: by their embeddings if both have one, else by their colours.

    Distances of colours are exponentially distributed for one person and for two. The weights of embeddings
    come from a logistic regression over pairs of tracklets.
    """
    distance = 1 - np.einsum("nd,nd->n", appearances[a], appearances[b]).astype(np.float64)
    same, different = settings.same_appearance, settings.different_appearance
    by_colour = math.log(different / same) - distance * (1 / same - 1 / different)
    by_colour[~(appearances[a].any(axis=1) & appearances[b].any(axis=1))] = 0
    embedding_distance = 1 - np.einsum("nd,nd->n", embeddings[a], embeddings[b]).astype(np.float64)
    by_embedding = np.clip(
        settings.embedding_weight * (settings.embedding_middle - embedding_distance),
        settings.embedding_least,
        settings.embedding_most,
    )
    has_both = embeddings[a].any(axis=1) & embeddings[b].any(axis=1)
    evidence: NDArray[np.float64] = np.where(has_both, by_embedding, by_colour)
    return evidence


def _most_appearance_evidence(settings: LinkSettings) -> float:
    """Returns at least the evidence of two people who look exactly the same."""
    by_colour = math.log(settings.different_appearance / settings.same_appearance)
    return max(by_colour, settings.embedding_most, 0.0) + ROUNDING


def _units(vectors: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    rows = np.stack(vectors)
    units: NDArray[np.float32] = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    return units
