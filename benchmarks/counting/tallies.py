"""Counts of each cell of the grid, and how far two of them are apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 2000
"""Samples of the bootstrap."""
LOWEST, HIGHEST = 2.5, 97.5
"""Percentiles of the interval."""


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """What one method counts on one sequence.

    Attributes:
        short_crossings: (L, 2) for each line of one side of a cell: in, out.
        whole_crossings: (M, 2) for each line through the frame: in, out.
        visits: (Z,) for each zone.
        occupancy: (Z, T) people in each zone at each frame.
        dwell_s: (Z,) sum of the visits to each zone, in seconds.
    """

    short_crossings: NDArray[np.float64]
    whole_crossings: NDArray[np.float64]
    visits: NDArray[np.float64]
    occupancy: NDArray[np.float64]
    dwell_s: NDArray[np.float64]


FIGURES = ("short lines", "whole lines", "visits", "occupancy", "dwell")


@dataclass(frozen=True, slots=True)
class Error:
    """A counting error in percent: the sum of all differences divided by the sum of the truth.

    Attributes:
        percent: over all cells.
        low: lower end of the bootstrap interval over cells.
        high: upper end.
        truth: the sum of the truth.
    """

    percent: float
    low: float
    high: float
    truth: float


def errors(found: Sequence[Tally], truth: Sequence[Tally]) -> dict[str, Error]:
    """Returns the error of each figure over the cells of all sequences.

    Args:
        found: of each sequence.
        truth: of the same sequences.
    """
    differences: dict[str, list[NDArray[np.float64]]] = {name: [] for name in FIGURES}
    totals: dict[str, list[NDArray[np.float64]]] = {name: [] for name in FIGURES}
    for mine, right in zip(found, truth, strict=True):
        for name, one, other in (
            ("short lines", mine.short_crossings, right.short_crossings),
            ("whole lines", mine.whole_crossings, right.whole_crossings),
            ("visits", mine.visits[:, None], right.visits[:, None]),
            ("occupancy", mine.occupancy, right.occupancy),
            ("dwell", mine.dwell_s[:, None], right.dwell_s[:, None]),
        ):
            differences[name].append(np.abs(one - other).sum(axis=1))
            totals[name].append(other.sum(axis=1))
    return {name: _error(np.concatenate(differences[name]), np.concatenate(totals[name])) for name in FIGURES}


def _error(differences: NDArray[np.float64], totals: NDArray[np.float64]) -> Error:
    """Returns the error over cells, and its bootstrap interval: cells are drawn with replacement."""
    chance = np.random.default_rng(1)
    drawn = chance.integers(0, len(totals), (DRAWS, len(totals)))
    sums = totals[drawn].sum(axis=1)
    ratios = differences[drawn].sum(axis=1)[sums > 0] / sums[sums > 0]
    low, high = np.percentile(100 * ratios, [LOWEST, HIGHEST])
    return Error(100 * differences.sum() / totals.sum(), float(low), float(high), float(totals.sum()))
