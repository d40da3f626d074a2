"""Runs schedules until the time is over: python -m tests.simulation --seconds 60 --seed 1

Prints every broken rule with the first seed that breaks it, and the shrunk schedule of one seed per rule.
`--show SEED` prints all calls of one schedule instead.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.simulation import replacements
from tests.simulation.schedule import Outcome, remember_undisturbed_results, run_schedule
from tests.simulation.shrinking import shrunk

FOREVER = 10**9
SHOWN_SEEDS = 5
MAX_SCHEDULES_PER_MUTATION = 4000


@dataclass(slots=True)
class Summary:
    """What some schedules showed.

    Attributes:
        schedules: how many there were.
        failing: how many of them broke a rule.
        calls: how many calls they made.
        choices: how many choices they made.
        executions: how many executions they started.
        faults: how many faults hit calls, by kind.
        broken: how many schedules broke each rule.
        seeds: the seeds that broke each rule, the first few.
    """

    schedules: int = 0
    failing: int = 0
    calls: int = 0
    choices: int = 0
    executions: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    seeds: dict[str, list[int]] = field(default_factory=dict)

    def add(self, seed: int, outcome: Outcome) -> None:
        """Adds a schedule."""
        self.schedules += 1
        self.failing += bool(outcome.violations)
        self.calls += outcome.call_count
        self.choices += len(outcome.tape)
        self.executions += outcome.execution_count
        self.faults.update(incident.fault for incident in outcome.incidents)
        for rule in outcome.rules:
            self.broken[rule] += 1
            self.seeds.setdefault(rule, []).append(seed)

    def merge(self, other: Summary) -> None:
        """Adds the schedules of another summary."""
        self.schedules += other.schedules
        self.failing += other.failing
        self.calls += other.calls
        self.choices += other.choices
        self.executions += other.executions
        self.faults += other.faults
        self.broken += other.broken
        for rule, seeds in other.seeds.items():
            self.seeds[rule] = sorted({*self.seeds.get(rule, ()), *seeds})[:SHOWN_SEEDS]


@dataclass(frozen=True, slots=True)
class Share:
    """What one process runs: every n-th seed, until the time or the seeds are over.

    Attributes:
        seeds: the seeds.
        deadline_s: when to stop, by `time.monotonic`.
    """

    seeds: range
    deadline_s: float


def run_share(share: Share) -> Summary:
    """Runs the schedules of one process."""
    summary = Summary()
    with replacements.installed():
        for seed in share.seeds:
            if time.monotonic() > share.deadline_s:
                break
            summary.add(seed, run_schedule(seed))
    return summary


def explain(seed: int, rule: str) -> str:
    """Returns the simplest schedule that breaks the rule as a seed does, as text."""
    outcome = run_schedule(seed)
    tape = shrunk(outcome.tape, lambda tape: rule in run_schedule(recorded=tape).rules)
    simple = run_schedule(recorded=tape)
    details = [violation.detail for violation in simple.violations if violation.rule == rule]
    happenings = [
        f"{happening.name} after {after_s:.0f} s" for happening, after_s in simple.scenario.happenings
    ]
    troubles = [f"{trouble} after {after_s:.0f} s" for after_s, trouble in simple.scenario.troubles]
    lines = [f"seed {seed}: {rule}", *details, f"{len(simple.scenario.uploads)} uploads", *happenings]
    lines += [*troubles, *map(str, simple.incidents)]
    lines += [f"tape ({sum(map(bool, tape))} of {len(tape)} choices are not 0): {list(tape)}"]
    return "\n  ".join(lines)


def recorded(total: Summary) -> str:
    """Returns the first seeds that break each rule, as JSON with one seed per line."""
    entries = []
    for rule in sorted(total.seeds):
        for seed in total.seeds[rule]:
            details = [one.detail for one in run_schedule(seed).violations if one.rule == rule]
            entries.append({"seed": seed, "rule": rule, "detail": details[0]})
    lines = ",\n    ".join(map(json.dumps, entries))
    broken = json.dumps(dict(total.broken.most_common()))
    return (
        f'{{\n  "schedules": {total.schedules},\n  "broken": {broken},\n  "seeds": [\n    {lines}\n  ]\n}}\n'
    )


def main() -> int:
    """Runs the command. Returns 1 if a rule was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long to run (default: 60)")
    parser.add_argument("--seed", type=int, default=1, help="the first seed (default: 1)")
    parser.add_argument("--schedules", type=int, help="run so many schedules instead")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--record", metavar="FILE", help="write what fails to a file, see failing_seeds.json")
    parser.add_argument("--mutations", action="store_true", help="find each deliberate mistake instead")
    parser.add_argument("--show", type=int, metavar="SEED", help="print all calls of one schedule")
    options = parser.parse_args()
    if options.show is not None:
        with replacements.installed():
            return _show(options.show)
    if options.mutations:
        with replacements.installed():
            return _find_mutations(options.schedules or MAX_SCHEDULES_PER_MUTATION)
    began_s = time.monotonic()
    total = Summary()
    end = options.seed + (options.schedules or FOREVER)
    deadline_s = began_s + (FOREVER if options.schedules else options.seconds)
    shares = [
        Share(range(options.seed + index, end, options.processes), deadline_s)
        for index in range(options.processes)
    ]
    with multiprocessing.Pool(options.processes) as pool:
        for summary in pool.imap_unordered(run_share, shares):
            total.merge(summary)
    _print(total, time.monotonic() - began_s, options.processes)
    with replacements.installed():
        for rule, seeds in total.seeds.items():
            print(f"\n{explain(seeds[0], rule)}")
        if options.record:
            Path(options.record).write_text(recorded(total), "utf-8")
    return 1 if total.broken else 0


def _show(seed: int) -> int:
    outcome = run_schedule(seed, traced=True)
    print(*outcome.trace, *outcome.violations, sep="\n")
    return 1 if outcome.violations else 0


def _find_mutations(schedules: int) -> int:
    """Prints the first seed that shows each mutation. Returns 1 if one is not found."""
    # Their modules do not exist in the code before the job store.
    from tests.simulation.mutations import MUTATIONS, first_seed

    remember_undisturbed_results()
    found = []
    for mutation in MUTATIONS:
        with pytest.MonkeyPatch.context() as patch:
            mutation.apply(patch.setattr)
            found.append(first_seed(mutation, range(1, schedules + 1)))
        print(f"{found[-1] or 'not found':>9}  {mutation.name}", flush=True)
    return 1 if None in found else 0


def _print(total: Summary, elapsed_s: float, processes: int) -> None:
    per_schedule_ms = elapsed_s * processes * 1000 / max(total.schedules, 1)
    print(f"{total.schedules:,} schedules in {elapsed_s:.0f} s, {per_schedule_ms:.1f} ms each on one core")
    print(f"{total.calls:,} calls, {total.executions:,} executions, {total.choices:,} choices")
    print(f"{total.faults.total():,} faults: {dict(total.faults.most_common())}")
    print(f"{total.failing:,} schedules broke a rule")
    for rule, count in total.broken.most_common():
        print(f"  {count:6,}  {rule} (seeds {', '.join(map(str, total.seeds[rule]))})")


if __name__ == "__main__":
    sys.exit(main())
