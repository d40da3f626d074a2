"""Schedules with faults break no rule, and every one can be replayed. docs/simulation.md describes them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation import code_under_test, replacements
from tests.simulation.schedule import run_schedule
from tests.simulation.shrinking import shrunk

RECORDED = json.loads(Path(__file__).with_name("failing_seeds.json").read_text("utf-8"))
SECONDS = 40.0
FIRST_SEED = 1_000_000

DIGEST = """
import hashlib
from tests.simulation import replacements
from tests.simulation.schedule import run_schedule
digest = hashlib.sha256()
with replacements.installed():
    for seed in range(30):
        digest.update("\\n".join(run_schedule(seed, traced=True).trace).encode())
print(digest.hexdigest())
"""


@pytest.fixture(scope="module", autouse=True)
def _simulated() -> Iterator[None]:
    with replacements.installed():
        yield


@pytest.mark.parametrize("entry", RECORDED["seeds"], ids=lambda entry: f"{entry['rule']}-{entry['seed']}")
def test_a_schedule_that_once_broke_a_rule_breaks_none(entry: dict[str, object]) -> None:
    outcome = run_schedule(int(str(entry["seed"])))
    if code_under_test.HAS_JOB_STORE:
        assert outcome.violations == ()
    else:
        # The code before the job store still breaks the rule.
        assert entry["rule"] in outcome.rules


@pytest.mark.skipif(not code_under_test.HAS_JOB_STORE, reason="the code before the job store breaks rules")
def test_no_schedule_breaks_a_rule() -> None:
    seed, deadline_s = FIRST_SEED, time.monotonic() + SECONDS
    while time.monotonic() < deadline_s:
        outcome = run_schedule(seed)
        assert outcome.violations == (), f"python -m tests.simulation --show {seed}"
        seed += 1


def test_an_undisturbed_schedule_meets_no_fault() -> None:
    outcome = run_schedule(recorded=())
    assert (outcome.violations, outcome.incidents) == ((), ())


def test_a_tape_replays_its_schedule_exactly() -> None:
    for seed in range(30):
        first = run_schedule(seed, traced=True)
        again = run_schedule(recorded=first.tape, traced=True)
        assert again == first


def test_a_seed_gives_the_same_schedule_in_every_process() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_the_shrinker_leaves_only_the_choices_that_matter() -> None:
    noisy = [3, 0, 2, 7, 1, 0, 5, 4, 9, 2, 6, 0, 1, 8]
    assert shrunk(noisy, lambda tape: 9 in tape and 5 in tape) == (5, 9)
    assert shrunk(noisy, lambda tape: sum(tape) >= 3 and max(tape) > 1) in {(3,), (2, 1), (1, 2)}


def test_the_shrinker_stops_after_its_runs() -> None:
    tried: list[tuple[int, ...]] = []

    def fails(tape: tuple[int, ...]) -> bool:
        tried.append(tape)
        return False

    shrunk(range(100), fails, max_runs=3)
    assert len(tried) == 3
