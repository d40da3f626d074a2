"""The job limit: never exceeded, and no slot is lost."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from people_pathing.common.clock import now_ms
from people_pathing.service.item_conflicts import MAX_ATTEMPTS
from people_pathing.service.protocol.errors import LimitExceededException, ThrottlingException
from tests.fakes.aws_errors import client_error
from tests.unit.service.fakes import Call
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


def test_a_slot_is_free_after_its_job_has_ended() -> None:
    service = Service(limit=2)
    first = service.start()
    service.start()
    with pytest.raises(LimitExceededException, match=r"^2 open Jobs .* Maximum limit: 2"):
        service.start()

    service.end(first)

    assert service.start()
    with pytest.raises(LimitExceededException):
        service.start()


def test_a_start_at_the_job_limit_costs_three_reads_and_no_write() -> None:
    service = Service(limit=1)
    service.start()
    service.log.calls.clear()

    _start_at_limit(service)

    assert [call.operation for call in service.log.calls] == ["GetItem", "HeadObject", "GetItem"]


def test_the_last_slot_is_given_once_although_two_starts_saw_it_free() -> None:
    service = Service(limit=1)

    def start_another(call: Call) -> None:
        if call.operation == "TransactWriteItems":
            service.log.before = lambda _: None
            service.start("another")

    service.log.before = start_another
    with pytest.raises(LimitExceededException, match=r"^1 open Jobs .* Maximum limit: 1"):
        service.start("one")
    assert len(service.states.statuses) == 1


def test_a_lowered_limit_stops_no_job_and_waits_until_enough_have_ended() -> None:
    service = Service(limit=3)
    jobs = [service.start() for _ in range(3)]

    service.limit = 2
    service.end(jobs[0])
    _start_at_limit(service)
    service.end(jobs[1])

    assert service.start()


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError"])
def test_a_transaction_that_meets_another_one_is_tried_again(code: str) -> None:
    service = Service()
    conflicts = [code] * 3

    def conflict(call: Call) -> None:
        if call.operation == "TransactWriteItems" and conflicts:
            raise _cancelled(conflicts.pop())

    service.log.before = conflict

    assert service.start("token") in service.states.statuses


def test_a_table_that_other_calls_keep_changing_ends_in_throttling() -> None:
    service = Service()

    def conflict(call: Call) -> None:
        if call.operation == "TransactWriteItems":
            raise _cancelled("TransactionConflict")

    service.log.before = conflict
    with pytest.raises(ThrottlingException):
        service.start("token")
    assert len([call for call in service.log.calls if call.operation == "TransactWriteItems"]) == MAX_ATTEMPTS


def test_a_release_that_meets_a_transaction_is_tried_again() -> None:
    service = Service()
    job_id = service.start()
    conflicts = ["TransactionConflictException"] * 3

    def conflict(call: Call) -> None:
        if call == Call("UpdateItem", "#register") and conflicts:
            raise client_error(conflicts.pop(), "UpdateItem")

    service.log.before = conflict
    service.end(job_id)

    assert service.jobs.register().running == frozenset()


def test_a_repeated_call_is_not_rejected_for_the_slot_of_its_own_job() -> None:
    """Both calls read the token before either of them stores the job."""
    for operation in ("HeadObject", "GetItem", "TransactWriteItems"):
        service = Service(limit=1)
        started: list[str] = []

        def start_the_same(
            call: Call,
            service: Service = service,
            operation: str = operation,
            started: list[str] = started,
        ) -> None:
            is_first_read = call.operation == "GetItem" and call.key != "#register"
            if call.operation == operation and not is_first_read:
                service.log.before = lambda _: None
                started.append(service.start("token"))

        service.log.before = start_the_same

        assert [service.start("token")] == started, operation


def test_a_full_register_is_no_answer_while_the_tokens_own_item_is_in_conflict() -> None:
    service = Service(limit=1)

    def conflict(call: Call) -> None:
        if call.operation == "TransactWriteItems":
            service.log.before = lambda _: None
            service.start("token")
            error = _cancelled("ConditionalCheckFailed")
            error.response["CancellationReasons"][0] = {"Code": "TransactionConflict"}
            raise error

    service.log.before = conflict

    assert service.start("token") in service.states.statuses


def test_the_pauses_between_attempts_grow_and_none_follows_the_last_attempt() -> None:
    service = Service()
    pauses_s: list[float] = []
    service.sleep = pauses_s.append

    def conflict(call: Call) -> None:
        if call.operation == "TransactWriteItems":
            raise _cancelled("TransactionConflict")

    service.log.before = conflict
    with pytest.raises(ThrottlingException):
        service.start("token")

    assert len(pauses_s) == MAX_ATTEMPTS - 1
    assert sum(pauses_s) > 1
    assert all(pause_s <= 0.02 * 2 ** (number + 1) for number, pause_s in enumerate(pauses_s))


def _cancelled(code: str) -> ClientError:
    error = client_error("TransactionCanceledException", "TransactWriteItems")
    error.response["CancellationReasons"] = [{"Code": "None"}, {"Code": code}]
    return error


def _start_at_limit(service: Service) -> None:
    with pytest.raises(LimitExceededException):
        service.start()
