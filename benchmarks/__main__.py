"""Runs all benchmarks, and writes their tables into the docs.

    python -m benchmarks [--short]

The videos of the accuracy benchmarks are in the folder TRACKING_DATA, and the models are the files that
TRACKING_MODEL and REIDENTIFICATION_MODEL name. A benchmark that lacks what it needs is skipped with the
reason, and its table stays as it is. All of them take about an hour on two quiet processors.

--short only shows that some benchmarks run, in a minute or two. It needs no such file and writes nothing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.files import DATA, DETECTOR, REIDENTIFIER, SAMPLE, skip_reason

DOCUMENT, SCALING, COSTS = "docs/benchmarks.md", "docs/scaling.md", "docs/costs.md"
MODELS = (DETECTOR, REIDENTIFIER)
BOTH_MODELS = ("--model", str(DETECTOR), "--reidentification-model", str(REIDENTIFIER))


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One benchmark.

    Attributes:
        command: its module and arguments.
        short: the arguments that make it quick and let it write nothing, or None if it cannot be quick.
        needs: files without which it cannot run, unless it is short.
    """

    command: tuple[str, ...]
    short: tuple[str, ...] | None = None
    needs: tuple[Path, ...] = ()


BENCHMARKS = (
    Benchmark(("benchmarks.functions", "--write", DOCUMENT), short=("warm-path", "results", "--short")),
    Benchmark(
        ("benchmarks.scaling", "--measure", str(SAMPLE), *BOTH_MODELS, "--write", SCALING),
        short=("--short",),
        needs=(SAMPLE, *MODELS),
    ),
    Benchmark(("benchmarks.costs", "--write", COSTS), short=()),
    Benchmark(
        ("benchmarks.speed", str(SAMPLE), *BOTH_MODELS, "--write", DOCUMENT),
        needs=(SAMPLE, *MODELS),
    ),
    Benchmark(("benchmarks.decoding", "--model", str(DETECTOR), "--write", DOCUMENT), needs=(DETECTOR,)),
    Benchmark(("benchmarks.work", "--model", str(DETECTOR)), needs=(DETECTOR,)),
    Benchmark(("benchmarks.memory",), short=("--minutes", "1")),
    Benchmark(("benchmarks.bookkeeping",)),
    Benchmark(("benchmarks.report_page",)),
    Benchmark(("benchmarks.counting", "--write", DOCUMENT), needs=(DATA, *MODELS)),
    Benchmark(("benchmarks.load", "--write", SCALING), short=("--uploads", "25", "--burst", "100")),
    Benchmark(("benchmarks.engine", "--write", DOCUMENT), needs=(DATA, *MODELS)),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmarks. Returns 1 if one has failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--short", action="store_true", help="only show that the benchmarks run")
    options = parser.parse_args(arguments)
    failed = []
    for benchmark in BENCHMARKS:
        module, *more = benchmark.command
        if options.short:
            if benchmark.short is None:
                continue
            more = list(benchmark.short)
        elif reason := skip_reason(benchmark.needs):
            print(f"{module}: {reason}", flush=True)
            continue
        print(f"{module}: running", flush=True)
        begun_s = time.monotonic()
        ran = subprocess.run(  # noqa: S603 - a module of this folder
            [sys.executable, "-m", module, *more], stdout=subprocess.DEVNULL if options.short else None
        )
        print(f"{module}: {time.monotonic() - begun_s:.0f} s", flush=True)
        if ran.returncode:
            failed.append(module)
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
