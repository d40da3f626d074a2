"""The sweep: no accepted job is forgotten, every slot comes back, every notice is published."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from people_pathing.service import sweep as sweeping
from people_pathing.service.handlers import sweep as handlers
from people_pathing.service.job_store import MIN_NOTICE_PAUSE_S, JobStore
from people_pathing.service.observability import metrics
from people_pathing.service.sweep import MAX_DESCRIBED_JOBS, Sweep, sweep
from tests.fakes.aws_errors import client_error
from tests.unit.service.fakes import Call, Crash
from tests.unit.service.in_memory_service import CHANNEL, Service
from tests.unit.service.world import CONTEXT, World

DAY_S = 24 * 3600


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ("FAILED", "The service failed to process the video."),
        ("TIMED_OUT", "The job took longer than a day, which is the limit."),
        ("ABORTED", "The job was stopped before it ended."),
    ],
)
def test_a_job_whose_execution_was_stopped_ends_as_an_error(status: str, message: str) -> None:
    service = Service(limit=1)
    job_id = service.start("token", NotificationChannel=CHANNEL)
    service.states.statuses[job_id] = status

    service.sweep()

    answer = service.get(job_id)
    assert (answer["JobStatus"], answer["StatusMessage"]) == ("FAILED", message)
    assert [(notice["Status"], notice["Message"]) for notice in service.notices()] == [("ERROR", message)]
    assert service.start("another")


def test_a_running_job_is_left_alone() -> None:
    service = Service()
    job_id = service.start("token", NotificationChannel=CHANNEL)
    service.log.calls.clear()

    service.sweep()

    assert [call.operation for call in service.log.calls] == ["GetItem", "DescribeExecution"]
    assert service.get(job_id)["JobStatus"] == "IN_PROGRESS"


def test_an_accepted_job_without_an_execution_is_started_and_keeps_its_slot() -> None:
    service = Service(limit=1)
    job_id = service.start("token")
    service.states.statuses.clear()

    service.sweep()

    assert service.states.statuses == {job_id: "RUNNING"}
    assert service.jobs.register().running == {job_id}


def test_a_sweep_without_jobs_reads_the_register_only() -> None:
    service = Service()
    service.log.calls.clear()

    service.sweep()

    assert service.log.calls == [Call("GetItem", "#register")]


def test_up_to_fifty_jobs_are_described_one_by_one() -> None:
    service = Service(limit=1000)
    for number in range(MAX_DESCRIBED_JOBS):
        service.start(f"token-{number}")
    service.log.calls.clear()

    service.sweep()

    assert Call("ListExecutions", "") not in service.log.calls


def test_many_running_jobs_cost_one_list_instead_of_many_requests() -> None:
    service = Service(limit=1000)
    for number in range(MAX_DESCRIBED_JOBS):
        service.start(f"token-{number}")
    stopped = service.start("stopped")
    service.states.statuses[stopped] = "ABORTED"
    service.log.calls.clear()

    service.sweep()

    described = [call.key for call in service.log.calls if call.operation == "DescribeExecution"]
    assert described == [stopped]
    assert stopped not in service.jobs.register().running


def test_a_notice_that_was_not_published_is_published_later_and_once() -> None:
    service = Service()
    job_id = service.start("token", NotificationChannel=CHANNEL)

    def refuse(call: Call) -> None:
        if call.operation == "Publish":
            raise client_error("Throttling", "Publish")

    service.log.before = refuse
    service.publish(job_id)
    service.states.statuses[job_id] = "SUCCEEDED"
    service.log.before = lambda call: None

    service.sweep()
    assert service.notices() == [], "the execution's own claim has not expired yet"
    assert service.start("another"), "the slot is free although the notice is owed"
    service.wait(MIN_NOTICE_PAUSE_S)
    for _ in range(3):
        service.sweep()

    assert [(notice["JobId"], notice["Status"]) for notice in service.notices()] == [(job_id, "SUCCEEDED")]
    assert service.jobs.register().ending == frozenset()


def test_a_notice_that_can_never_be_published_is_tried_less_and_less_often_and_given_up() -> None:
    service = Service()
    job_id = service.start("token", NotificationChannel=CHANNEL)
    attempts_s: list[float] = []

    def refuse(call: Call) -> None:
        if call.operation == "Publish":
            attempts_s.append(service.clock.now_s)
            raise client_error("NotFound", "Publish", 404)

    service.log.before = refuse
    service.publish(job_id)
    service.states.statuses[job_id] = "SUCCEEDED"
    for _ in range(7 * 24 * 4 + 2):
        service.wait(900)
        service.sweep()

    assert 15 < len(attempts_s) < 40
    assert attempts_s[-1] - attempts_s[-2] > 12 * 3600
    assert service.jobs.register().ending == frozenset(), "the job has expired"


def test_a_last_step_that_dies_after_any_call_is_finished_by_the_sweep() -> None:
    for step in range(7):
        service = Service(limit=1)
        job_id = service.start("token", NotificationChannel=CHANNEL)
        begun = len(service.log.calls)

        def crash(_: Call, service: Service = service, last: int = begun + step) -> None:
            if len(service.log.calls) > last:
                raise Crash

        service.log.before = crash
        try:
            service.publish(job_id)
            is_finished = True
        except Crash:
            is_finished = False
        service.log.before = lambda call: None
        service.states.statuses[job_id] = "SUCCEEDED" if is_finished else "ABORTED"

        service.sweep()
        service.wait(MIN_NOTICE_PAUSE_S)
        service.sweep()

        register = service.jobs.register()
        assert not register.running | register.ending, step
        notices = service.notices()
        assert len(notices) in ((2,) if step == 4 else (1,)), step
        assert notices[-1] == notices[0]
        stored = service.jobs.get(job_id)
        assert stored is not None
        assert stored.state == notices[0]["Status"]


def test_a_rejected_notice_does_not_fail_the_sweep_and_is_overdue_after_a_quarter_of_an_hour(
    capsys: pytest.CaptureFixture[str],
) -> None:
    service = Service()
    job_id = service.start("token", NotificationChannel=CHANNEL)
    service.log.before = _refuse_to_publish
    service.publish(job_id)

    overdue = []
    for _ in range(6):
        service.wait(240)
        metrics.clear_metrics()
        capsys.readouterr()
        service.sweep()
        metrics.flush_metrics()
        overdue.append('"NoticesOverdue":[1.0]' in capsys.readouterr().out)

    assert overdue == [False, False, False, True, True, True]


def test_a_notice_that_is_owed_but_not_due_costs_two_calls_and_no_write_to_the_register() -> None:
    service = Service()
    job_id = service.start("token", NotificationChannel=CHANNEL)
    service.log.before = _refuse_to_publish
    service.publish(job_id)
    service.log.calls.clear()

    service.sweep()

    assert service.log.calls == [
        Call("GetItem", "#register"),
        Call("GetItem", job_id[:32]),
        Call("UpdateItem", job_id[:32]),
    ]


def test_slots_are_released_before_any_notice_is_published() -> None:
    service = Service()
    jobs = [service.start(str(number), NotificationChannel=CHANNEL) for number in range(5)]
    for job_id in jobs:
        service.states.statuses[job_id] = "ABORTED"
    taken: list[int] = []

    def look(call: Call) -> None:
        if call.operation == "Publish":
            taken.append(len(service.jobs.register().running))

    service.log.before = look
    service.sweep()

    assert taken == [0] * 5


def test_rejected_notices_are_given_up_before_the_register_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "MAX_OWED_NOTICES", 2)
    service = Service()
    service.log.before = _refuse_to_publish
    for number in range(3):
        service.publish(service.start(str(number), NotificationChannel=CHANNEL))
    assert len(service.jobs.register().ending) == 3

    service.wait(MIN_NOTICE_PAUSE_S)
    service.sweep()

    assert service.jobs.register().ending == frozenset()


def test_a_job_that_a_read_does_not_show_yet_is_not_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB may show the register's change a moment before the job's item."""
    service = Service()
    job_id = service.start("token")
    service.states.statuses.clear()
    find, misses = JobStore._find, [True]

    def late(store: JobStore, key: str) -> Any:
        return None if misses and misses.pop() else find(store, key)

    monkeypatch.setattr(JobStore, "_find", late)
    service.sweep()

    assert service.states.statuses == {job_id: "RUNNING"}
    assert service.jobs.register().running == {job_id}


def test_one_job_that_fails_does_not_stop_the_others() -> None:
    service = Service()
    broken, stopped = service.start("broken"), service.start("stopped")
    service.states.statuses.update({broken: "ABORTED", stopped: "ABORTED"})

    def deny(call: Call) -> None:
        if call == Call("UpdateItem", broken[:32]):
            raise client_error("InternalServerError", "UpdateItem", 500)

    service.log.before = deny
    with pytest.raises(ExceptionGroup, match="1 jobs failed"):
        service.sweep()

    assert service.jobs.register().running == {broken}


def test_a_job_id_without_a_job_leaves_the_register() -> None:
    """The table may have been restored from a backup without the job."""
    service = Service()
    job_id = service.start("token")
    service.states.statuses.clear()
    service.dynamodb.as_client().delete_item(TableName=service.table, Key={"pk": {"S": job_id[:32]}})

    service.sweep()

    assert service.jobs.register().running == frozenset()
    assert service.states.statuses == {}


def test_an_event_about_one_execution_looks_after_that_job_only() -> None:
    service = Service()
    stopped, other = service.start("stopped"), service.start("other")
    service.states.statuses.update({stopped: "ABORTED", other: "ABORTED"})

    sweep({"detail": {"name": stopped, "status": "ABORTED"}}, _sweep(service))

    assert service.jobs.register().running == {other}


def test_an_event_about_a_job_that_was_never_started_starts_it() -> None:
    service = Service()
    job_id = service.start("token")
    service.states.statuses.clear()

    sweep({"detail": {"name": job_id}}, _sweep(service))

    assert service.states.statuses == {job_id: "RUNNING"}


def test_an_event_cannot_end_a_job_that_runs() -> None:
    service = Service()
    job_id = service.start("token")

    sweep({"detail": {"name": job_id, "status": "FAILED"}}, _sweep(service))

    assert service.get(job_id)["JobStatus"] == "IN_PROGRESS"


@pytest.mark.parametrize("name", ["an execution of another state machine", "", "#register"])
def test_an_event_about_an_unknown_execution_does_nothing(name: str) -> None:
    service = Service()
    service.log.calls.clear()

    sweep({"detail": {"name": name}}, _sweep(service))

    assert service.log.calls == [Call("GetItem", "#register")]


def test_the_handler_sweeps_and_measures_how_many_jobs_run(
    world: World, capsys: pytest.CaptureFixture[str], log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    job_id = world.start()
    states = world.session.client("stepfunctions")
    arn = world.state_machine_arn.replace(":stateMachine:", ":execution:") + f":{job_id}"
    states.stop_execution(executionArn=arn)
    capsys.readouterr()

    handlers.handler({"source": "aws.events"}, CONTEXT)

    assert '"JobsRunning":[1.0]' in capsys.readouterr().out
    assert world.jobs.register().running == frozenset()
    assert [line["status"] for line in log_lines() if line["message"] == "ended"] == ["ERROR"]


def _sweep(service: Service) -> Sweep:
    return Sweep(service.jobs, service.executions, service.publisher, service.sleep)


def _refuse_to_publish(call: Call) -> None:
    if call.operation == "Publish":
        raise client_error("NotFound", "Publish", 404)
