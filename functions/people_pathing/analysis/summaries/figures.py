"""Percentiles and occupancy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from people_pathing.analysis.counting.geometry import rounded

Stretch = tuple[int, int]
"""A time from a start to an end, in milliseconds; its end does not belong to it."""


@dataclass(frozen=True, slots=True)
class Occupancy:
    """How many people were present.

    Attributes:
        mean: over the time.
        maximum: at one time.
    """

    mean: float
    maximum: int


def percentile(values: Sequence[int], share: float) -> int | None:
    """Returns a percentile, interpolated linearly between the two nearest values and rounded.

    Args:
        values: in any order.
        share: 0.5 for the median.

    Returns:
        None if there are no values.
    """
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return rounded(ordered[below] + (place - below) * (ordered[above] - ordered[below]))


def occupancy(stretches: Sequence[Stretch], start_ms: int, end_ms: int) -> Occupancy:
    """Returns how many of the stretches overlap between two times.

    Args:
        stretches: in any order; they can reach beyond the two times.
        start_ms: the first time.
        end_ms: the second; it does not belong to the time.
    """
    total_ms, changes = 0, []
    for begin, end in stretches:
        begin, end = max(begin, start_ms), min(end, end_ms)
        if begin < end:
            total_ms += end - begin
            changes += [(begin, 1), (end, -1)]
    present = maximum = 0
    # Ends come before starts at the same time.
    for _, change in sorted(changes):
        present += change
        maximum = max(maximum, present)
    length_ms = end_ms - start_ms
    return Occupancy(total_ms / length_ms if length_ms > 0 else 0.0, maximum)
