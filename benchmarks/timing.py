"""Measures times so that they can be compared: in turn, in one run, on the clock and of the processors."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


class Seconds(NamedTuple):
    """Elapsed time and processor time in seconds. Other processes hardly change the second.

    Attributes:
        wall: elapsed time.
        processor: time that all processors spent on this process.
    """

    wall: float
    processor: float

    @classmethod
    def now(cls) -> Seconds:
        """Reads both clocks."""
        return cls(time.perf_counter(), time.process_time())

    def since(self, earlier: Seconds) -> Seconds:
        """Returns the difference."""
        return Seconds(self.wall - earlier.wall, self.processor - earlier.processor)

    def plus(self, other: Seconds) -> Seconds:
        """Returns the sum."""
        return Seconds(self.wall + other.wall, self.processor + other.processor)

    def over(self, other: Seconds) -> Seconds:
        """Returns the ratios."""
        return Seconds(self.wall / other.wall, self.processor / other.processor)


def timed(action: Callable[[], object]) -> Seconds:
    """Returns the time that an action takes."""
    started = Seconds.now()
    action()
    return Seconds.now().since(started)


def interleaved(actions: Mapping[str, Callable[[], Seconds]], rounds: int) -> dict[str, list[Seconds]]:
    """Runs all actions in turn, several times, and returns the time that each reports for each round."""
    times: dict[str, list[Seconds]] = {name: [] for name in actions}
    for _ in range(rounds):
        for name, action in actions.items():
            times[name].append(action())
    return times


def median(times: Sequence[Seconds]) -> Seconds:
    """Returns the median of each clock."""
    return Seconds(
        statistics.median(one.wall for one in times), statistics.median(one.processor for one in times)
    )


def median_ratio(times: Sequence[Seconds], base: Sequence[Seconds]) -> Seconds:
    """Returns the median of the ratios of each round, which the load of the machine changes least."""
    return median([one.over(other) for one, other in zip(times, base, strict=True)])
