"""The job limit: never exceeded, and no slot is lost."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from people_pathing.common.clock import now_ms
from people_pathing.service.protocol.errors import LimitExceededException, ThrottlingException
from tests.unit.service.fakes import Call, client_error
from tests.unit.service.in_memory_service import Service


def test_fifty_concurrent_starts_never_exceed_the_job_limit() -> None:
    service = Service(limit=20)
    service.now_ms, service.sleep = now_ms, time.sleep
    barrier = threading.Barrier(50)

    def start(number: int) -> bool:
        barrier.wait()
        try:
            service.start(f"token-{number}")
        except LimitExceededException:
            return False
        return True

    with ThreadPoolExecutor(50) as pool:
        started = list(pool.map(start, range(50)))

    assert started.count(True) == 20
    assert len(service.states.statuses) == 20


def test_the_first_two_jobs_at_the_same_moment_both_get_a_slot() -> None:
    service = Service()

    def admit_another(call: Call) -> None:
        if call == Call("PutObject", "job-slots.json"):
            service.log.before = lambda _: None
            service.job_slots().admit("another", 2)

    service.log.before = admit_another
    service.job_slots().admit("one", 2)

    with pytest.raises(LimitExceededException):
        service.job_slots().admit("third", 2)


def test_a_slot_is_free_after_its_job_has_ended() -> None:
    service = Service(limit=2)
    first = service.start()
    service.start()
    with pytest.raises(LimitExceededException, match="2 jobs are running"):
        service.start()

    service.end(first)

    assert service.start()
    with pytest.raises(LimitExceededException):
        service.start()


def test_a_start_at_the_job_limit_costs_three_reads_and_no_write() -> None:
    service = Service(limit=1)
    service.start()
    _start_at_limit(service)  # once a minute, this also compares the slots with the running executions
    service.log.calls.clear()

    _start_at_limit(service)

    assert [call.operation for call in service.log.calls] == ["GetObject", "HeadObject", "GetObject"]


def test_slots_of_jobs_that_were_stopped_by_hand_are_released_within_two_minutes() -> None:
    service = Service(limit=2)
    stopped, running = service.start(), service.start()
    service.states.statuses[stopped] = "ABORTED"
    _start_at_limit(service)

    service.wait(61)
    new = service.start()

    assert {running, new} == {name for name, status in service.states.statuses.items() if status == "RUNNING"}
    _start_at_limit(service)


def test_a_new_job_keeps_its_slot_before_its_execution_is_listed() -> None:
    service = Service(limit=1)
    service.job_slots().admit("about-to-start", 1)

    _start_at_limit(service)


def test_running_jobs_are_listed_at_most_once_a_minute() -> None:
    service = Service(limit=1)
    service.start()
    service.wait(120)

    for _ in range(10):
        _start_at_limit(service)

    assert service.log.calls.count(Call("ListExecutions", "")) == 1


def test_a_register_that_other_calls_keep_changing_ends_in_throttling() -> None:
    service = Service()
    service.start()

    def always_lose(call: Call) -> None:
        if call == Call("PutObject", "job-slots.json"):
            raise client_error("PutObject", "ConditionalRequestConflict", 409)

    service.log.before = always_lose
    with pytest.raises(ThrottlingException):
        service.start()


def _start_at_limit(service: Service) -> None:
    with pytest.raises(LimitExceededException):
        service.start()
