"""`make faults`: every case of fault injection, a line each; exit status 1 if a case was not survived."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

# Before the app is imported: here the cases speak, not its log.
os.environ.update(POWERTOOLS_LOG_LEVEL="CRITICAL", POWERTOOLS_TRACE_DISABLED="true")

BURST_UPLOADS = 2000
DEADLY_UPLOADS = 100
FEW, MANY = 10_000, 500_000
MEMORY_MARGIN_MB = 20


class Tally:
    """Prints a line a case and counts."""

    def __init__(self) -> None:
        self.survived = self.lost = 0

    def add(self, done: str, expected: str, run: Callable[[], str]) -> None:
        begin_s = time.monotonic()
        try:
            happened, verdict = run(), "ok  "
            self.survived += 1
        except Exception as error:
            happened, verdict = f"{type(error).__name__}: {error}", "LOST"
            self.lost += 1
        seconds = time.monotonic() - begin_s
        print(
            f"{verdict} {seconds:5.1f} s | {done} | expected: {expected} | happened: {happened}", flush=True
        )


def main() -> int:
    tally = Tally()
    print("---- with fakes around the app", flush=True)
    add_faked_cases(tally)
    tally.add(
        f"{BURST_UPLOADS} uploads at once, 20 jobs at a time, 5 % of calls failing, 1 % of notices lost",
        "all SUCCEEDED, each started once, no dead letter",
        burst,
    )
    tally.add(
        f"{DEADLY_UPLOADS} uploads at once, and at 1 of 100 calls the function that makes it dies",
        "after the redrive all SUCCEEDED, each started once, with the same results",
        deadly_burst,
    )
    tally.add(
        f"{MANY} observations instead of {FEW}",
        f"at most {MEMORY_MARGIN_MB} MB more memory",
        collecting_memory,
    )
    print("---- in the deployed template", flush=True)
    add_stack_cases(tally)
    print(f"{tally.survived + tally.lost} cases, {tally.survived} survived")
    return 1 if tally.lost else 0


def add_faked_cases(tally: Tally) -> None:
    from moto import mock_aws

    from tests.faults.cases import CASES, Case, new_app, uninterrupted_results

    uninterrupted_results()

    def run(case: Case) -> str:
        with mock_aws():
            return case.run(new_app())

    for case in CASES:
        tally.add(case.done, case.expected, lambda case=case: run(case))  # type: ignore[misc]


def burst() -> str:
    from tests.faults.burst import Burst

    report = Burst(BURST_UPLOADS).run()
    counts = (report.succeeded, report.jobs, report.dead_letters)
    assert counts == (BURST_UPLOADS, BURST_UPLOADS, 0), report
    return (
        f"{report.succeeded} SUCCEEDED, {report.jobs} jobs, {report.dead_letters} dead letters; "
        f"{report.start_calls_per_job:.2f} start calls and {report.get_calls_per_job:.2f} get calls a job; "
        f"while jobs waited {report.idle_slot_share:.2%} of the slot time was idle, "
        f"all slots at once for {report.all_idle_s:.1f} of {report.duration_s:.0f} s"
    )


def deadly_burst() -> str:
    from tests.faults.burst import Burst

    run = Burst(DEADLY_UPLOADS, dying=0.01, page_size=1)
    report = run.run()
    redriven = 0
    while report.dead_letters:
        redriven += report.dead_letters
        report = run.redrive()
    assert (report.succeeded, report.jobs) == (DEADLY_UPLOADS, DEADLY_UPLOADS), report
    files = run.results()
    for name in ("observations.jsonl.gz", "people.json"):
        assert len({one[name] for one in files}) == 1, f"{name} is not the same for all"
    return (
        f"{report.succeeded} SUCCEEDED, {report.jobs} jobs, {len(files)} times the same files; "
        f"{report.deaths} deaths, {redriven} events redriven"
    )


def collecting_memory() -> str:
    few_mb, many_mb = (_peak_mb(count) for count in (FEW, MANY))
    assert many_mb - few_mb <= MEMORY_MARGIN_MB, f"{few_mb:.0f} MB, then {many_mb:.0f} MB"
    return f"{few_mb:.0f} MB, then {many_mb:.0f} MB"


def _peak_mb(observation_count: int) -> float:
    command = [sys.executable, "-m", "tests.faults.memory", str(observation_count)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(output.split()[1])


def add_stack_cases(tally: Tally) -> None:
    from devstack.stack import LocalStack
    from tests.faults.stack_cases import PARAMETERS, STACK_CASES, Deployment, StackCase, make_clip

    def run(case: StackCase, deployment: Deployment) -> str:
        return case.run(deployment)

    with tempfile.TemporaryDirectory() as folder, LocalStack(parameters=PARAMETERS) as stack:
        deployment = Deployment(stack, make_clip(Path(folder)))
        for case in STACK_CASES:
            tally.add(case.done, case.expected, lambda case=case: run(case, deployment))  # type: ignore[misc]


if __name__ == "__main__":
    raise SystemExit(main())
