"""One token, one job: repeated, concurrent, interrupted and expired starts."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from people_pathing.common.clock import now_ms
from people_pathing.service.protocol.errors import (
    IdempotentParameterMismatchException,
    LimitExceededException,
)
from tests.fakes.aws_errors import client_error
from tests.unit.service.fakes import Call, Crash
from tests.unit.service.in_memory_service import CHANNEL, Service
from tests.unit.service.world import VIDEO_BUCKET, VIDEO_NAME

DAY_S = 24 * 3600
WRITES = ("TransactWriteItems", "StartExecution", "UpdateItem", "PutItem", "PutObject")


def test_a_start_makes_six_calls() -> None:
    service = Service()

    service.start("token", NotificationChannel=CHANNEL)

    assert [call.operation for call in _calls(service)] == [
        "GetItem",
        "HeadObject",
        "AssumeRole",
        "GetItem",
        "TransactWriteItems",
        "StartExecution",
    ]


def test_a_repeated_call_is_one_read_returns_the_same_job_and_starts_none() -> None:
    service = Service()
    first = service.start("token", JobTag="a")
    service.log.calls.clear()

    assert service.start("token", JobTag="a") == first

    assert [call.operation for call in service.log.calls] == ["GetItem"]
    assert list(service.states.statuses) == [first]


def test_a_repeated_call_returns_its_job_after_the_video_is_deleted_and_the_limit_is_reached() -> None:
    service = Service(limit=1)
    first = service.start("token")
    service.s3.delete_object(Bucket=VIDEO_BUCKET, Key=VIDEO_NAME)

    assert service.start("token") == first


def test_the_same_token_with_other_parameters_is_rejected() -> None:
    service = Service()
    service.start("token", JobTag="a")

    with pytest.raises(IdempotentParameterMismatchException):
        service.start("token", JobTag="b")


def test_a_client_token_is_valid_for_seven_days_after_the_end_of_its_job() -> None:
    service = Service()
    first = service.start("token")
    service.wait(DAY_S)
    service.end(first)

    service.wait(7 * DAY_S - 1)
    assert service.start("token") == first
    service.wait(1)
    assert service.start("token", JobTag="other parameters now") != first


def test_the_token_of_a_running_job_never_expires() -> None:
    service = Service()
    first = service.start("token")

    service.wait(9 * DAY_S)

    assert service.start("token") == first


def test_two_accounts_can_use_the_same_token() -> None:
    service = Service()

    assert service.start("token") != service.start("token", account="999999999999")


def test_a_call_without_a_token_starts_a_job_each_time() -> None:
    service = Service()

    assert service.start() != service.start()


def test_all_attempts_of_one_call_without_a_token_are_one_job() -> None:
    service = Service()

    assert service.start(call_id="uuid") == service.start(call_id="uuid")
    assert service.start(call_id="uuid") != service.start(call_id="uuid", JobTag="another call after all")


def test_a_client_token_never_means_a_call_without_a_token() -> None:
    service = Service()
    generated = service.start(call_id="uuid")

    assert service.start("uuid") != generated


def test_fifty_concurrent_identical_calls_start_one_job() -> None:
    service = Service()
    service.now_ms, service.sleep = now_ms, time.sleep
    barrier = threading.Barrier(50)

    def start(_: int) -> str:
        barrier.wait()
        return service.start("token", NotificationChannel=CHANNEL)

    with ThreadPoolExecutor(50) as pool:
        job_ids = set(pool.map(start, range(50)))

    assert len(job_ids) == 1
    assert set(service.states.statuses) == job_ids
    assert service.jobs.register().running == job_ids


@pytest.mark.parametrize("repeat", [True, False])
def test_a_start_that_crashes_at_any_call_runs_exactly_if_it_was_accepted(repeat: bool) -> None:
    """Crashes after each call to AWS in turn. Then the caller repeats the start, or only the sweep runs."""
    for step in range(6):
        service = Service()
        _crash_after(service, step)
        with pytest.raises(Crash):
            service.start("token", NotificationChannel=CHANNEL)
        _restart(service)
        is_accepted = len(service.jobs.register().running) == 1

        assert is_accepted == (step >= 4), "only the transaction accepts a job"
        if repeat:
            job_id = service.start("token", NotificationChannel=CHANNEL)
            is_accepted = True
        service.sweep()

        assert len(service.states.statuses) == is_accepted, f"after a crash at call {step}"
        if is_accepted:
            (job_id,) = service.states.statuses
            assert service.start("token", NotificationChannel=CHANNEL) == job_id
            service.end(job_id)
        assert service.jobs.register().running == frozenset()


def test_a_start_that_fails_before_or_after_any_call_is_completed_by_the_next_start() -> None:
    for step in range(6):
        for moment in ("before", "after"):
            service = Service()
            begun = len(service.log.calls)

            def fail(made: Call, service: Service = service, wanted: int = begun + step + 1) -> None:
                if len(service.log.calls) == wanted:
                    raise client_error("InternalError", made.operation, 500)

            setattr(service.log, moment, fail)
            _ignore_failure(service)
            _restart(service)

            job_id = service.start("token", NotificationChannel=CHANNEL)
            service.sweep()

            assert list(service.states.statuses) == [job_id], (step, moment)
            service.end(job_id)
            assert service.jobs.register().running == frozenset(), (step, moment)


@pytest.mark.parametrize(
    "error",
    [
        client_error("ServiceUnavailable", "StartExecution", 503),
        ReadTimeoutError(endpoint_url="https://states"),
    ],
)
def test_a_failing_start_of_the_execution_does_not_refuse_the_job(error: Exception) -> None:
    service = Service()

    def fail(call: Call) -> None:
        if call.operation == "StartExecution":
            raise error

    service.log.before = fail
    job_id = service.start("token")
    assert service.states.statuses == {}

    _restart(service)
    service.sweep()

    assert service.states.statuses == {job_id: "RUNNING"}


def test_the_lost_reply_of_the_transaction_still_means_acceptance() -> None:
    """The SDK repeats the transaction. The second try finds the item of the first."""
    service = Service(limit=1)
    transact = service.dynamodb.as_client().transact_write_items

    def twice(**arguments: object) -> object:
        transact(**arguments)  # type: ignore[arg-type]
        return transact(**arguments)  # type: ignore[arg-type]

    service.dynamodb.transact_write_items = twice  # type: ignore[attr-defined]

    job_id = service.start("token")

    assert list(service.states.statuses) == [job_id]


def test_a_refused_start_has_written_nothing() -> None:
    service = Service(limit=1)
    first = service.start("first")
    service.log.calls.clear()
    with pytest.raises(LimitExceededException):
        service.start("second", JobTag="a")

    assert not [call for call in service.log.calls if call.operation in WRITES]
    service.end(first)
    assert service.start("second", JobTag="b") in service.states.statuses


def test_a_late_repeated_call_does_not_start_an_ended_job_again() -> None:
    service = Service()
    job_id = service.start("token")
    service.end(job_id)
    service.wait(40)

    assert service.start("token") == job_id
    assert service.states.statuses == {job_id: "SUCCEEDED"}


def test_a_late_last_step_of_an_expired_job_leaves_the_new_job_of_its_token_alone() -> None:
    service = Service()
    old = service.start("token")
    service.end(old, "FAILED", "old")
    service.wait(8 * DAY_S)
    new = service.start("token", NotificationChannel=CHANNEL)
    before = service.jobs.get(new)
    assert before is not None

    late = service.jobs.end(old, "SUCCEEDED", None, "execution")
    service.jobs.record_published(old)
    service.publish(old)
    assert (late.job, late.is_first) == (None, False)
    assert not service.jobs.delete(old)

    assert service.jobs.get(new) == before
    assert service.jobs.get_even_expired(old) is None
    assert service.jobs.register().running == {new}


def test_dynamodb_may_delete_an_item_after_fifteen_days_counted_in_seconds() -> None:
    service = Service()
    job_id = service.start("token")

    item = service.dynamodb.as_client().get_item(TableName=service.table, Key={"pk": {"S": job_id[:32]}})[
        "Item"
    ]

    assert int(item["ttl"]["N"]) == int(service.clock.now_s) + 15 * DAY_S


def test_jobs_are_read_consistently() -> None:
    service = Service()
    get_item, reads = service.dynamodb.as_client().get_item, []

    def read(**arguments: Any) -> Any:
        reads.append(arguments["ConsistentRead"])
        return get_item(**arguments)

    service.dynamodb.get_item = read  # type: ignore[attr-defined]
    service.start("token")

    assert reads == [True, True]


def test_errors_of_the_table_are_raised() -> None:
    service = Service()

    def deny(call: Call) -> None:
        if call.operation == "TransactWriteItems":
            raise client_error("AccessDeniedException", call.operation)

    service.log.before = deny
    with pytest.raises(ClientError, match="AccessDenied"):
        service.start("token")
    assert service.states.statuses == {}


def _calls(service: Service) -> list[Call]:
    """Returns the calls of a start, without the ones that prepared the service."""
    return [call for call in service.log.calls if call.operation != "PutObject"]


def _crash_after(service: Service, step: int) -> None:
    """Makes the process crash after this number of calls. It makes no further call."""
    begun = len(service.log.calls)

    def crash(_: Call) -> None:
        if len(service.log.calls) > begun + step:
            raise Crash

    def make_no_other(_: Call) -> None:
        if len(service.log.calls) > begun + step + 1:
            raise Crash

    service.log.before, service.log.after = make_no_other, crash


def _restart(service: Service) -> None:
    service.log.before = service.log.after = lambda call: None


def _ignore_failure(service: Service) -> None:
    try:
        service.start("token", NotificationChannel=CHANNEL)
    except Exception:
        return
