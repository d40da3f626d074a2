"""The simulated load keeps the slots busy, and the calls for a job do not grow with the queue."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator

import pytest

from benchmarks.load import QUOTAS, Demand, Load, burst, item_bytes, run
from tests.simulation import replacements

SLOTS, WORK_S = 10, 60.0


@pytest.fixture(scope="module", autouse=True)
def _simulated() -> Iterator[None]:
    with replacements.installed():
        yield


def test_slots_are_idle_for_at_most_two_percent_of_a_long_queue() -> None:
    alone = run(Load(1, 1.0, SLOTS, WORK_S))
    many = run(Load(150, 5.0, SLOTS, WORK_S))

    assert many.ended == {"SUCCEEDED": 150}
    assert many.most_slots == SLOTS
    ideal_s = 150 * alone.job_s[0] / SLOTS
    assert ideal_s < many.total_s < 1.02 * ideal_s


def test_a_longer_queue_makes_no_more_calls_for_each_job() -> None:
    shorter, longer = (run(Load(uploads, uploads / 30, 5, WORK_S, spread=0.5)) for uploads in (40, 120))

    assert longer.calls.total / 120 < 1.1 * shorter.calls.total / 40
    assert max(longer.calls.by_upload.values()) <= 1.5 * max(shorter.calls.by_upload.values())


def test_no_job_waits_behind_the_limit_when_there_are_slots_for_all() -> None:
    observed = run(Load(5, 1.0, SLOTS, WORK_S))

    assert observed.most_slots == 5
    assert observed.total_s < 2 * WORK_S


def test_uploads_at_the_same_moment_compete_for_the_waiting_jobs_only_for_a_moment() -> None:
    uploads = 300
    observed = run(Load(uploads, 0.3, 20, WORK_S), until_s=5.0)

    assert sum(observed.demand[Demand.TABLE_WRITES].values()) < 15 * uploads
    assert sum(observed.demand[Demand.INDEX_READS].values()) < 10 * uploads


def test_an_upload_that_waits_reads_few_of_the_waiting_jobs() -> None:
    observed = run(Load(300, 30.0, 2, WORK_S), until_s=30.0)

    reads = list(observed.demand[Demand.INDEX_READS].values())
    assert statistics.mean(reads[-10:]) < 30


def test_a_new_environment_takes_time_to_start_and_is_used_again() -> None:
    cold, warm = (run(Load(2, 30.0, SLOTS, WORK_S, start_s=start_s)) for start_s in (5.0, 0.0))

    assert sum(cold.demand[Demand.ENVIRONMENTS].values()) == 1
    assert cold.total_s > warm.total_s + 5.0


def test_a_condition_that_fails_counts_as_a_write_to_the_table() -> None:
    observed = run(Load(40, 0.01, SLOTS, WORK_S), until_s=5.0)

    writes = sum(
        count
        for (role, _, operation), count in observed.operations.items()
        if operation == "PutItem" and role == "StartTracking"
    )
    assert sum(observed.demand[Demand.TABLE_WRITES].values()) == writes
    # An upload is recorded, leased and started, or refused.
    assert writes > 3 * 40


def test_a_burst_is_compared_with_the_quotas() -> None:
    table = burst(30, SLOTS)

    for demand, quota in QUOTAS.items():
        assert re.search(rf"^\| {demand} \| [\d,]+ \| [\d,]+ \| {quota} \|$", table, re.MULTILINE)


def test_an_item_has_the_size_of_its_names_and_values() -> None:
    assert item_bytes({"state": {"S": "WAITING"}, "due_ms": {"N": "12"}}) == 5 + 7 + 6 + 2
