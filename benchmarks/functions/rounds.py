"""Runs the benchmarks of a pyperf script in alternating rounds.

pyperf measures one benchmark to its end, and then the next. On a machine that does other work, too, only
times that were taken shortly after each other can be compared. So each round runs the script once, with one
value for each benchmark, and a ratio is the median of the ratios of the rounds.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyperf  # type: ignore[import-untyped]

Times = Mapping[str, Sequence[float]]
"""Seconds of processor time by the name of the benchmark, one value for each round."""


def measure(script: str, rounds: int, loops: int, arguments: Sequence[str] = ()) -> Times:
    """Runs the benchmarks of a script.

    Args:
        script: the module.
        rounds: how many values each benchmark has.
        loops: how often each benchmark repeats what it measures, for one value.
        arguments: the script's own arguments.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "times.json"
        once = ("--processes=1", "--values=1", "--warmups=1", f"--loops={loops}", "--quiet")
        for _ in range(rounds):
            command = [sys.executable, "-m", script, *once, "--append", str(file), *arguments]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        suite = pyperf.BenchmarkSuite.load(str(file))
        return {benchmark.get_name(): benchmark.get_values() for benchmark in suite.get_benchmarks()}


def runner(script: str, **options: Any) -> pyperf.Runner:
    """Returns the runner of a script, which is a module."""
    return pyperf.Runner(program_args=("-m", script), **options)


def median_ms(times: Sequence[float]) -> float:
    """Returns the median in milliseconds."""
    return statistics.median(times) * 1000


def median_ratio(times: Sequence[float], base: Sequence[float]) -> float:
    """Returns the median of the ratios of the rounds."""
    return statistics.median(one / other for one, other in zip(times, base, strict=True))
