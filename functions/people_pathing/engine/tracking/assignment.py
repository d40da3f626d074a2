"""Chooses joins: those with the greatest sum of evidence that use each end and each start at most once.

That is an assignment problem. SciPy solves it in a time that grows with the square of the number of ends, and
an hour of video has a hundred thousand. So joins of neighbouring tracklets are chosen in blocks of time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BLOCK = 2_000
"""A block has at least this many ends. Its joins are decided together with those of the next block.

It also lasts at least `block_s`. A choice affects others through ends that compete for the same starts, and
the effect fades within a few of the longest gaps.
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
    block_s: float,
    block: int = BLOCK,
) -> NDArray[np.int64]:
    """Chooses joins like `choose`, if each start is soon after its end.

    The time grows in proportion to the length of the video. Each block is decided with the one after it, and
    only its own joins are kept. If all ends are in two blocks, the result is that of `choose`.

    Args:
        ends: (J,) int64 numbers of the tracklets that end.
        starts: (J,) int64 numbers of the tracklets that start.
        evidence: (J,) float64, above 0.
        end_s: (J,) when the tracklets end, in seconds.
        block_s: how long a block lasts, at least.
        block: how many ends a block has, at least. The last block may have fewer, and be shorter.

    Returns:
        (K,) int64 ascending positions in these arrays.
    """
    _, first, end = np.unique(ends, return_index=True, return_inverse=True)
    order = np.argsort(end_s[first], kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    ranks = rank[end]
    in_time = np.argsort(ranks, kind="stable")
    borders = _borders(end_s[first][order], block, block_s)
    bounds = np.searchsorted(ranks[in_time], borders)
    is_free = np.ones(starts.max(initial=0) + 1, np.bool_)
    kept = [np.empty(0, np.int64)]
    last = len(borders) - 1
    for number in range(max(last - 1, 1)):
        near = np.sort(in_time[bounds[number] : bounds[min(number + 2, last)]])
        near = near[is_free[starts[near]]]
        chosen = near[choose(ends[near], starts[near], evidence[near])]
        if number + 2 < last:
            chosen = chosen[ranks[chosen] < borders[number + 1]]
        is_free[starts[chosen]] = False
        kept.append(chosen)
    return np.sort(np.concatenate(kept))


def _borders(times_s: NDArray[np.float64], block: int, block_s: float) -> list[int]:
    """Returns where the blocks of these ascending times begin, and where the last one ends."""
    borders = [0]
    while (begin := borders[-1]) < len(times_s):
        lasting = int(np.searchsorted(times_s, times_s[begin] + block_s))
        borders.append(min(max(begin + block, lasting), len(times_s)))
    return borders
