"""The tape: every choice of a schedule, as a list of small integers.

A schedule makes no other choices. So a tape replays it exactly, whether a seed, a file or a shrinker wrote
it. 0 always is the dull choice: no fault, the usual delay, one upload. A tape that ends early continues with
zeros, so every prefix of a tape is a valid and simpler schedule.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence


class Tape:
    """Makes choices, either by a seed or by a recorded tape, and records them.

    Args:
        seed: writes a new tape.
        recorded: replays these choices instead, and then zeros.
    """

    def __init__(self, seed: int = 0, recorded: Sequence[int] | None = None) -> None:
        self.values: list[int] = []
        self._random = random.Random(seed)
        self._recorded = recorded

    def choose(self, count: int, chance: float | None = None) -> int:
        """Returns 0..count - 1.

        Args:
            count: how many choices there are.
            chance: how likely a new tape has anything but 0. By default all choices are equally likely.
        """
        return self.draw(count, lambda source: _biased(source, count, chance))

    def draw(self, count: int, sample: Callable[[random.Random], int]) -> int:
        """Returns 0..count - 1. `sample` makes the choice for a new tape."""
        recorded, at = self._recorded, len(self.values)
        if recorded is None:
            value = sample(self._random)
        else:
            value = min(recorded[at], count - 1) if at < len(recorded) else 0
        self.values.append(value)
        return value


def _biased(source: random.Random, count: int, chance: float | None) -> int:
    if chance is None:
        return int(source.random() * count)
    if count < 2 or source.random() >= chance:
        return 0
    return 1 + int(source.random() * (count - 1))
