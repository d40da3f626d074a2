"""Chooses joins: those with the greatest sum of evidence that use each end and each start at most once.

That is an assignment problem. SciPy solves it in a time that grows with the square of the number of ends, and
an hour of video has a hundred thousand. So joins of neighbouring tracklets are chosen in blocks of time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BLOCK = 2_000
"""Ends that are decided at once. As many later ones are considered with them.

A choice affects others through ends that compete for the same starts, and the effect fades with the distance.
For an hour of video with eight people in the picture, blocks of 500 choose the same joins as one block, and
blocks of 250 do not (measured once).
"""


def choose(
    ends: NDArray[np.int64], starts: NDArray[np.int64], evidence: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Chooses the joins with the greatest sum of evidence that use no end and no start twice.

    Args:
        ends: (J,) int64 numbers of the tracklets that end.
        starts: (J,) int64 numbers of the tracklets that start.
        evidence: (J,) float64, above 0.

    Returns:
        (K,) int64 ascending positions in these arrays.
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
    chosen = np.empty(len(rows), np.int64)
    matched, partners = min_weight_full_bipartite_matching(cost.tocsr())
    chosen[matched] = partners
    return np.flatnonzero(chosen[row] == column)


def choose_in_blocks(
    ends: NDArray[np.int64],
    starts: NDArray[np.int64],
    evidence: NDArray[np.float64],
    end_s: NDArray[np.float64],
    *,
    block: int = BLOCK,
) -> NDArray[np.int64]:
    """Chooses joins like `choose`, if each start is soon after its end. The time is linear in the video's.

    Each block is decided with the one after it, and only its own joins are kept. Up to two blocks of ends are
    decided together, so the result is then that of `choose`.

    Args:
        ends: (J,) int64 numbers of the tracklets that end.
        starts: (J,) int64 numbers of the tracklets that start.
        evidence: (J,) float64, above 0.
        end_s: (J,) when the tracklets end, in seconds.
        block: how many ends a block has.

    Returns:
        (K,) int64 ascending positions in these arrays.
    """
    numbers, first, end = np.unique(ends, return_index=True, return_inverse=True)
    rank = np.empty(len(numbers), np.int64)
    rank[np.argsort(end_s[first], kind="stable")] = np.arange(len(numbers))
    ranks = rank[end]
    in_time = np.argsort(ranks, kind="stable")
    bounds = np.searchsorted(ranks[in_time], np.arange(0, len(numbers) + block, block))
    is_free = np.ones(starts.max(initial=0) + 1, np.bool_)
    kept = [np.empty(0, np.int64)]
    for number in range(max(len(bounds) - 2, 1)):
        near = np.sort(in_time[bounds[number] : bounds[min(number + 2, len(bounds) - 1)]])
        near = near[is_free[starts[near]]]
        chosen = near[choose(ends[near], starts[near], evidence[near])]
        if number + 2 < len(bounds) - 1:
            chosen = chosen[ranks[chosen] < (number + 1) * block]
        is_free[starts[chosen]] = False
        kept.append(chosen)
    return np.sort(np.concatenate(kept))
