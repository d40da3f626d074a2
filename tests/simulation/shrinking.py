"""Makes a tape that breaks a rule as simple as possible: few choices that are not 0, and small ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Tape = tuple[int, ...]


def shrunk(tape: Sequence[int], fails: Callable[[Tape], bool], max_runs: int = 2000) -> Tape:
    """Returns a simpler tape that still fails.

    It zeroes and deletes ever smaller blocks, then lowers single numbers, until nothing more can be removed.

    Args:
        tape: a tape that fails.
        fails: runs a tape, and tells whether it breaks the same rule.
        max_runs: how many tapes may be tried.
    """
    best, runs = _without_end(tape), 0

    def accepts(candidate: Tape) -> bool:
        nonlocal best, runs
        candidate = _without_end(candidate)
        if candidate == best or runs >= max_runs:
            return False
        runs += 1
        if not fails(candidate):
            return False
        best = candidate
        return True

    before = None
    while before != best and runs < max_runs:
        before = best
        size = max(len(best) // 2, 1)
        while size:
            position = len(best) - size
            while position > -size:
                start, end = max(position, 0), max(position, 0) + size
                is_zeroed = any(best[start:end]) and accepts((*best[:start], *[0] * size, *best[end:]))
                if not is_zeroed:
                    accepts(best[:start] + best[end:])
                position -= size
            size //= 2
        for position in range(len(best)):
            while position < len(best) and best[position] > 1:
                if not accepts((*best[:position], best[position] - 1, *best[position + 1 :])):
                    break
    return best


def _without_end(tape: Sequence[int]) -> Tape:
    length = len(tape)
    while length and tape[length - 1] == 0:
        length -= 1
    return tuple(tape[:length])
