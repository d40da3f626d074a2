"""Which joins are chosen: all at once, and in blocks of time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from people_pathing.engine.tracking.assignment import choose, choose_in_blocks

Joins = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]


def test_the_chosen_joins_have_the_greatest_sum() -> None:
    # The single best join, 0 to 0, would leave end 1 alone and reduce the sum.
    ends, starts = np.array([0, 0, 1]), np.array([0, 1, 0])
    assert choose(ends, starts, np.array([5.0, 4.0, 4.0])).tolist() == [1, 2]


def test_every_end_and_every_start_is_used_at_most_once() -> None:
    ends, starts = np.array([0, 1, 2, 2]), np.array([7, 7, 7, 8])
    chosen = choose(ends, starts, np.array([1.0, 3.0, 2.0, 0.5]))
    assert chosen.tolist() == [1, 3]


def test_no_joins_are_chosen_from_none() -> None:
    nothing = np.empty(0, np.int64)
    assert len(choose(nothing, nothing, np.empty(0))) == 0


def competing_joins(count: int, seed: int) -> Joins:
    """Makes ends that compete for the starts that come soon after them, one end and one start a second.

    Their numbers are in no order of time, as those of tracklets.

    Returns:
        The arguments of `choose_in_blocks`.
    """
    rng = np.random.default_rng(seed)
    second, later = np.divmod(np.arange(count * 4), 4)
    made = rng.random(count * 4) < 0.6
    second, later = second[made], later[made]
    numbers = rng.permutation(count + 3)
    return numbers[second], numbers[second + later], rng.exponential(5, len(second)), second.astype(float)


@given(count=st.integers(1, 40), seed=st.integers(0, 1000))
def test_two_blocks_are_decided_as_one(count: int, seed: int) -> None:
    ends, starts, evidence, end_s = competing_joins(count, seed)
    at_once = choose(ends, starts, evidence)
    assert choose_in_blocks(ends, starts, evidence, end_s, block_s=0, block=20).tolist() == at_once.tolist()


@pytest.mark.parametrize("seed", range(5))
def test_blocks_choose_the_same_joins_as_all_at_once(seed: int) -> None:
    ends, starts, evidence, end_s = competing_joins(1000, seed)
    at_once = choose(ends, starts, evidence)
    assert len(at_once) > 500
    assert choose_in_blocks(ends, starts, evidence, end_s, block_s=0, block=60).tolist() == at_once.tolist()


@given(count=st.integers(1, 60), block=st.integers(1, 10), seed=st.integers(0, 1000))
def test_blocks_use_every_end_and_every_start_at_most_once(count: int, block: int, seed: int) -> None:
    ends, starts, evidence, end_s = competing_joins(count, seed)
    chosen = choose_in_blocks(ends, starts, evidence, end_s, block_s=0, block=block)
    assert len(set(ends[chosen])) == len(set(starts[chosen])) == len(chosen)


def test_no_joins_are_chosen_from_none_in_blocks() -> None:
    nothing = np.empty(0, np.int64)
    assert len(choose_in_blocks(nothing, nothing, np.empty(0), np.empty(0), block_s=1)) == 0


def test_a_block_lasts_some_time_however_many_ends_it_has() -> None:
    # A thousand ends a second. A start that is five seconds later is worth more to its second end.
    ends = np.concatenate([[0], np.arange(1, 5000), [5000]])
    starts = np.concatenate([[9000], np.arange(9001, 14000), [9000]])
    evidence = np.concatenate([[2.0], np.ones(4999), [3.0]])
    at_once = choose(ends, starts, evidence).tolist()
    assert choose_in_blocks(ends, starts, evidence, ends / 1000, block_s=10, block=100).tolist() == at_once
    assert choose_in_blocks(ends, starts, evidence, ends / 1000, block_s=0, block=100).tolist() != at_once
