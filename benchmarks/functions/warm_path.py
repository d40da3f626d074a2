"""The processor time of each handler, less that of its AWS calls alone.

This is the pyperf script of `python -m benchmarks.functions warm-path`. No call reaches a network.
"""

from __future__ import annotations

import time

from benchmarks.functions.recorded_calls import Recording
from benchmarks.functions.rounds import runner
from benchmarks.functions.scenarios import Handler, Stack, drop_logs, quietly

SCRIPT = "benchmarks.functions.warm_path"


LEAST_SECONDS = 1e-9
"""pyperf refuses a time of 0 or less, which noise can make of a handler that adds almost nothing."""


def own_seconds(loops: int, recording: Recording, handler: Handler) -> float:
    """Runs the handler and its calls alone in turn, and returns the difference of their times."""
    own = 0.0
    for _ in range(loops):
        recording.rewind()
        begun = time.process_time()
        quietly(handler)
        own += time.process_time() - begun
        assert recording.position == len(recording.answers), "the handler has made other calls"
        begun = time.process_time()
        recording.make_calls()
        own -= time.process_time() - begun
    return max(own, LEAST_SECONDS)


def main() -> None:
    """Runs the benchmarks."""
    pyperf = runner(SCRIPT)
    pyperf.parse_args()
    stack = Stack()
    drop_logs()
    for name, handler in stack.scenarios():
        recording = stack.record(handler)
        operations = ", ".join(operation for _, operation, _ in recording.calls)
        pyperf.bench_time_func(f"{name}: {operations}", own_seconds, recording, handler)


if __name__ == "__main__":
    main()
