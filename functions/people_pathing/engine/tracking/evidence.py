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
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.tracking.candidates import Candidates
from people_pathing.engine.tracking.settings import LinkSettings

PAIRS_AT_ONCE = 100_000
COMPARED_AT_ONCE = 10_000
"""Each pair needs more than a kilobyte while its appearances are compared."""
ROUNDING = 0.001
"""Rounding changes the evidence of float32 vectors by less."""


class Joins(NamedTuple):
    """Possible joins that are more likely than not, by the tracklet that ends and by the time of the start.

    Attributes:
        ends: (J,) int64 positions in the candidates of the tracklet that ends.
        starts: (J,) int64 of the one that starts.
        evidence: (J,) float64, a logarithm of a likelihood ratio above 0.
    """

    ends: NDArray[np.int64]
    starts: NDArray[np.int64]
    evidence: NDArray[np.float64]


def weigh(candidates: Candidates, settings: LinkSettings) -> Joins:
    """Weighs all possible joins and returns those that are more likely than not.

    Args:
        candidates: the tracklets.
        settings: how people move and look.
    """
    found = [_weighed(candidates, a, b, settings) for a, b in _pairs_in_scenes(candidates, settings)]
    return _in_order(candidates, found)


def weigh_new(
    candidates: Candidates, settings: LinkSettings, known: Joins, is_new: NDArray[np.bool_]
) -> Joins:
    """Returns what `weigh` returns, if only some candidates are new. The evidence of the others is known.

    Args:
        candidates: the tracklets.
        settings: how people move and look.
        known: the joins of candidates that are not new.
        is_new: (C,) which candidates are new.
    """
    found = [known]
    for a, b in _pairs_in_scenes(candidates, settings):
        unknown = is_new[a] | is_new[b]
        found.append(_weighed(candidates, a[unknown], b[unknown], settings))
    return _in_order(candidates, found)


def _in_order(candidates: Candidates, found: Sequence[Joins]) -> Joins:
    a, b, evidence = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((b, candidates.starts.time_s[b], a))
    return Joins(a[order], b[order], evidence[order])


def _weighed(
    candidates: Candidates, a: NDArray[np.int64], b: NDArray[np.int64], settings: LinkSettings
) -> Joins:
    """Returns those pairs of an end and a start that are more likely than not.

    Comparing appearances takes most of the time. So it is done last, for pairs that it can still decide.
    """
    ends, starts = candidates.ends, candidates.starts
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
    evidence = evidence[undecided] + (_appearance_evidence(candidates, a, b, settings) - leaving[undecided])
    likely = evidence > 0
    return Joins(a[likely], b[likely], evidence[likely])


def _pairs_in_scenes(
    candidates: Candidates, settings: LinkSettings
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yields those pairs of `_pairs` whose end and start are in the same scene."""
    scenes = candidates.scenes
    for a, b in _pairs(candidates.ends.time_s, candidates.starts.time_s, settings.longest_gap_s):
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
        -0.5 * (miss[:, 0] ** 2 + miss[:, 1] ** 2) / variance
        - np.log(2 * np.pi * variance * settings.starts_per_area)
        for miss, variance in ((forward_miss, forward_variance), (backward_miss, backward_variance))
    )
    evidence: NDArray[np.float64] = (forward + backward) / 2
    return evidence


def _height_evidence(log_ratio: NDArray[np.float64], settings: LinkSettings) -> NDArray[np.float64]:
    """Weighs the logarithm of two heights' ratio: a Gaussian, against any ratio within a factor of e."""
    spread = settings.height_spread
    return -0.5 * (log_ratio / spread) ** 2 - math.log(math.sqrt(2 * math.pi) * spread)


def _appearance_evidence(
    candidates: Candidates, a: NDArray[np.int64], b: NDArray[np.int64], settings: LinkSettings
) -> NDArray[np.float64]:
    """Weighs how alike two tracklets look: by their embeddings if both have one, else by their colours.

    Distances of colours are exponentially distributed for one person and for two. The weights of embeddings
    come from a logistic regression over pairs of tracklets.
    """
    evidence = np.zeros(len(a))
    for start in range(0, len(a), COMPARED_AT_ONCE):
        part = slice(start, start + COMPARED_AT_ONCE)
        used, at = np.unique(np.concatenate([a[part], b[part]]), return_inverse=True)
        first, second = np.split(at, 2)
        found = candidates.appearances.of(candidates.keys[used])
        appearances, embeddings = (_units(vectors) for vectors in found)
        has_embedding, has_colours = (np.any(vectors != 0, axis=1) for vectors in (embeddings, appearances))
        by_embedding = has_embedding[first] & has_embedding[second]
        by_colour = has_colours[first] & has_colours[second] & ~by_embedding
        weighed = evidence[part]
        distances = _distances(embeddings, first[by_embedding], second[by_embedding])
        weighed[by_embedding] = np.clip(
            settings.embedding_weight * (settings.embedding_middle - distances),
            settings.embedding_least,
            settings.embedding_most,
        )
        distances = _distances(appearances, first[by_colour], second[by_colour])
        same, different = settings.same_appearance, settings.different_appearance
        weighed[by_colour] = math.log(different / same) - distances * (1 / same - 1 / different)
    return evidence


def _distances(
    units: NDArray[np.float32], first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Returns the cosine distances of pairs of vectors."""
    products: NDArray[np.float32] = np.einsum("nd,nd->n", units[first], units[second])
    return 1 - products.astype(np.float64)


def _most_appearance_evidence(settings: LinkSettings) -> float:
    """Returns at least the evidence of two people who look exactly the same."""
    by_colour = math.log(settings.different_appearance / settings.same_appearance)
    return max(by_colour, settings.embedding_most, 0.0) + ROUNDING


def _units(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    units: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    return units
