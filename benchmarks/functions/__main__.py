"""Measures the Lambda functions as processor time, with pyperf, and prints tables.

    python -m benchmarks.functions [cold-start warm-path results worker-start] [--rounds N] [--short]

--short shows in a minute or two that the benchmarks run. Its figures mean nothing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.engine.tables import machine, markdown, write_table
from benchmarks.files import DETECTOR, REIDENTIFIER, SAMPLE, skip_reason
from benchmarks.functions import cold_start, collecting, long_result, warm_path, worker_start
from benchmarks.functions.rounds import measure, median_ms, median_ratio
from benchmarks.functions.zips import build_zips, lambda_python, without_bytecode

CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Effort:
    """How long the measurements may take.

    Attributes:
        rounds: how often each benchmark is run, in turn with the others.
        loops: how often a warm handler runs in a round.
        pages: pages of the collected result.
        memory: results whose collection is compared in memory, each as its observations and its people.
    """

    rounds: int
    loops: int
    pages: int
    memory: tuple[tuple[int, int], ...]


MEMORY = ((10_000, 50), (200_000, 50), (200_000, 100_000), (1_500_000, 50))
SHORT = Effort(rounds=1, loops=1, pages=2, memory=((1_000, 50), (2_000, 50)))


def cold_start_table(effort: Effort) -> str:
    """Compares the initialization of each function with that of a bare handler, with bytecode and without."""
    python = lambda_python()
    with tempfile.TemporaryDirectory() as folder:
        zips = Path(folder) / "zips"
        build_zips((*cold_start.FUNCTIONS, "Dependencies"), zips)
        contents = [("no", zips)]
        if any(zips.rglob("*.pyc")):
            contents = [("yes", zips), ("no", without_bytecode(zips, Path(folder) / "without"))]
        rows = []
        for bytecode, content in contents:
            clients = {
                function: cold_start.clients_of(function, python, content)
                for function in cold_start.FUNCTIONS
            }
            listed = [f"{function}={','.join(created)}" for function, created in clients.items()]
            arguments = ["--interpreter", python, "--zips", str(content), "--clients", *listed]
            times = measure(cold_start.SCRIPT, effort.rounds, 1, arguments)
            for function, created in clients.items():
                own, bare = times[f"{function}, function"], times[f"{function}, bare"]
                cells = f"{median_ms(own):.0f}", f"{median_ratio(own, bare):.2f}"
                rows.append((function, ", ".join(created), bytecode, *cells))
    header = ("function", "clients", "bytecode", "ms", "times a bare handler")
    return f"{_version(python)}\n\n{markdown(header, rows)}"


def warm_path_table(effort: Effort) -> str:
    """Lists what each handler adds to its AWS calls."""
    times = measure(warm_path.SCRIPT, effort.rounds, effort.loops)
    rows = []
    for name, own in times.items():
        handler, operations = name.split(": ")
        rows.append((handler, str(len(operations.split(", "))), operations, f"{median_ms(own):.1f}"))
    return markdown(("handler", "calls", "operations", "own ms"), rows)


def results_table(effort: Effort) -> str:
    """Compares collecting with botocore's reading of the same pages, and large results with small ones."""
    times = measure(collecting.SCRIPT, effort.rounds, 1, ["--pages", str(effort.pages)])
    observations = effort.pages * 1000
    own, alone = times["CollectResults"], times["botocore alone"]
    rows = [
        ("botocore reads the pages", f"{_rate(observations, alone)}", "1.00"),
        ("CollectResults", f"{_rate(observations, own)}", f"{median_ratio(alone, own):.2f}"),
    ]
    table = markdown(("", "observations a second and core", "rate, of botocore's"), rows)
    ends = measure(long_result.SCRIPT, effort.rounds, effort.loops)
    ratio = median_ratio(ends["last page"], ends["first page"])
    pages = f"the last page takes {ratio:.2f} times as long as the first"
    peaks = [
        f"{observations:,} observations of {people:,} people: {_peak_mb(observations, people):.0f} MB"
        for observations, people in effort.memory
    ]
    return (
        f"{table}\nPeak memory of collecting: {'; '.join(peaks)}.\n"
        f"GetPersonTracking of {long_result.OBSERVATION_COUNT:,} observations: {pages}.\n"
    )


def worker_start_table(effort: Effort) -> str:
    """Lists what passes until a new worker has detected people in its first frame."""
    arguments = ["--video", str(SAMPLE), "--detector", str(DETECTOR), "--reidentifier", str(REIDENTIFIER)]
    times = measure(worker_start.SCRIPT, effort.rounds, 1, arguments)
    rows = [(stage, f"{median_ms(values):.0f}") for stage, values in times.items()]
    rows.append(("all", f"{sum(median_ms(values) for values in times.values()):.0f}"))
    return markdown(("stage", "ms"), rows)


TABLES: dict[str, Callable[[Effort], str]] = {
    "cold-start": cold_start_table,
    "warm-path": warm_path_table,
    "results": results_table,
    "worker-start": worker_start_table,
}


NEEDS = {"worker-start": (SAMPLE, DETECTOR, REIDENTIFIER)}
"""The files without which a table cannot be measured."""


def tables(names: Sequence[str], effort: Effort) -> Iterator[tuple[str, str]]:
    """Yields the name and the text of each table that can be measured, and says why others are skipped."""
    for name in names:
        if reason := skip_reason(NEEDS.get(name, ())):
            print(f"{name}: {reason}", file=sys.stderr)
            continue
        print(f"measuring: {name}", file=sys.stderr)
        yield name, f"{machine()}\n\n{TABLES[name](effort)}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    # argparse checks an empty list of tables against the choices, too.
    parser.add_argument(
        "tables", nargs="*", choices=[*TABLES, []], help="the tables to measure (default: all)"
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each benchmark is run")
    parser.add_argument("--short", action="store_true", help="only show that the benchmarks run")
    parser.add_argument("--write", type=Path, help="document whose tables are replaced")
    options = parser.parse_args(arguments)
    effort = SHORT if options.short else Effort(options.rounds, 20, 40, MEMORY)
    for name, text in tables(options.tables or list(TABLES), effort):
        print(text, flush=True)
        if options.write:
            write_table(options.write, name, text)


def _rate(observations: int, times: Sequence[float]) -> str:
    return f"{observations / (median_ms(times) / 1000):,.0f}"


def _peak_mb(observations: int, people: int) -> float:
    ran = subprocess.run(  # noqa: S603 - a module of this checkout
        [sys.executable, "-m", "tests.faults.memory", str(observations), str(people)],
        cwd=CHECKOUT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return float(ran.stdout.split()[1])


def _version(python: str) -> str:
    return subprocess.run([python, "--version"], check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603


if __name__ == "__main__":
    main()
