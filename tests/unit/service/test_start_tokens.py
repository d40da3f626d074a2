"""One token, one job: repeated, concurrent, interrupted and expired starts."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from people_pathing.common.clock import now_ms
from people_pathing.service.protocol.errors import (
    IdempotentParameterMismatchException,
    LimitExceededException,
    ThrottlingException,
)
from tests.unit.service.fakes import Call, Crash, client_error
from tests.unit.service.in_memory_service import CHANNEL, Service
from tests.unit.service.world import VIDEO_BUCKET, VIDEO_NAME, Clock

DAY_S = 24 * 3600


def test_a_repeated_call_returns_the_same_job_and_starts_none() -> None:
    service = Service()

    first = service.start("token", JobTag="a")
    again = service.start("token", JobTag="a")

    assert again == first
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


def test_a_client_token_is_valid_for_seven_days() -> None:
    service = Service()
    first = service.start("token")
    service.end(first)

    service.wait(7 * DAY_S - 1)
    assert service.start("token") == first
    service.wait(2)
    assert service.start("token", JobTag="other parameters now") != first


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
    assert [call for call in service.log.calls if call.operation == "StartExecution"] == [
        Call("StartExecution", *job_ids)
    ]


def test_a_start_that_crashes_at_any_call_is_completed_by_the_next_start() -> None:
    """Crashes after each call to AWS in turn, repeats the start later, and counts the jobs."""
    steps = len(_calls_of_one_start())
    for step in range(steps):
        service = Service()
        _crash_after(service, step)
        with pytest.raises(Crash):
            service.start("token", NotificationChannel=CHANNEL)
        _restart(service)

        service.wait(40)  # the lease of the crashed call expires
        job_id = service.start("token", NotificationChannel=CHANNEL)

        assert list(service.states.statuses) == [job_id], f"after a crash at call {step}"
        assert service.start("token", NotificationChannel=CHANNEL) == job_id
        service.end(job_id)
        assert _taken_slots(service) == 0, f"after a crash at call {step}"


def test_a_start_that_fails_at_any_call_is_completed_by_the_next_start_at_once() -> None:
    """Like the test above, but AWS answers with an error, and the process releases its lease."""
    for step, call in enumerate(_calls_of_one_start()):
        service = Service()
        begun = len(service.log.calls)

        def fail(made: Call, service: Service = service, wanted: int = begun + step + 1) -> None:
            if len(service.log.calls) == wanted:
                raise client_error(made.operation, "InternalError", 500)

        service.log.before = fail
        _ignore_failure(service)
        service.log.before = lambda call: None

        job_id = service.start("token", NotificationChannel=CHANNEL)

        assert list(service.states.statuses) == [job_id], (step, call)
        service.end(job_id)
        assert _taken_slots(service) == 0, (step, call)


def test_a_repeated_call_is_not_rejected_for_the_slot_of_its_own_job() -> None:
    service, job_id = _crashed_after_start(limit=1)

    with pytest.raises(ThrottlingException, match="still starting"):
        service.start("token", NotificationChannel=CHANNEL)
    service.wait(40)
    assert service.start("token", NotificationChannel=CHANNEL) == job_id


def test_a_finished_job_does_not_run_again_when_its_token_meets_the_job_limit() -> None:
    service, job_id = _crashed_after_start(limit=1)
    service.end(job_id)
    other = service.start("other")
    service.wait(40)

    with pytest.raises(LimitExceededException):
        service.start("token", NotificationChannel=CHANNEL)
    service.end(other)

    assert service.start("token", NotificationChannel=CHANNEL) == job_id
    assert set(service.states.statuses) == {job_id, other}


def test_a_late_repeated_call_does_not_start_an_ended_job_again() -> None:
    service, job_id = _crashed_after_start()
    service.end(job_id)
    service.wait(40)

    assert service.start("token", NotificationChannel=CHANNEL) == job_id
    assert service.states.statuses == {job_id: "SUCCEEDED"}


def test_a_concurrent_start_is_waited_for_until_a_deadline() -> None:
    service = Service()
    _crash_after(service, [call.operation for call in _calls_of_one_start()].index("StartExecution") - 1)
    with pytest.raises(Crash):
        service.start("token", NotificationChannel=CHANNEL)
    _restart(service)
    before = service.clock.now_s

    with pytest.raises(ThrottlingException, match="still starting"):
        service.start("token", NotificationChannel=CHANNEL)

    assert 5 < service.clock.now_s - before < 20


def test_a_start_rejected_at_the_job_limit_leaves_no_token() -> None:
    service = Service(limit=1)
    first = service.start("first")
    with pytest.raises(LimitExceededException):
        service.start("second", JobTag="a")

    service.end(first)

    assert service.start("second", JobTag="b") in service.states.statuses


def _calls_of_one_start() -> list[Call]:
    service = Service(clock=Clock())
    service.log.calls.clear()
    service.start("token", NotificationChannel=CHANNEL)
    return service.log.calls


def _crashed_after_start(limit: int = 20) -> tuple[Service, str]:
    """Returns a service that crashed right after it started an execution, and the JobId."""
    service = Service(limit=limit)
    _crash_after(service, [call.operation for call in _calls_of_one_start()].index("StartExecution"))
    with pytest.raises(Crash):
        service.start("token", NotificationChannel=CHANNEL)
    _restart(service)
    (job_id,) = service.states.statuses
    return service, job_id


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


def _taken_slots(service: Service) -> int:
    stored = service.store.read("job-slots.json")
    return 0 if stored is None else stored.data.count(b"job-")
