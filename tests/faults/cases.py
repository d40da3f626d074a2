"""What may go wrong around an upload, one case at a time, and what has to come of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from people_pathing.pipeline.completion_notice import InvalidNoticeError
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.s3_events import InvalidEventError
from people_pathing.pipeline.tracking_client import PERMANENT_CODES
from tests.fakes.memory_table import MemoryTable
from tests.fakes.person_tracking import FakePersonTracking, Job, ServiceError, person
from tests.fakes.pipeline import MINUTE_MS, RESULTS, VIDEOS, FakePipeline, event, make_bucket

# Twelve people walking for 25 pages of 40 observations.
LONG = [person(index, 66 * step, index * 100 + step % 97, 50) for index in range(12) for step in range(83)]
PAGE_SIZE = 40
ENOUGH_MINUTES = 15


@dataclass(frozen=True)
class Case:
    """`run` does it to an app of its own and says what happened, or raises AssertionError."""

    done: str
    expected: str
    run: Callable[[FakePipeline], str]


CASES: list[Case] = []


def new_app() -> FakePipeline:
    """An app whose service gives small pages. Needs moto to be at work."""
    return FakePipeline(service=FakePersonTracking(page_size=PAGE_SIZE))


def case(
    done: str, expected: str
) -> Callable[[Callable[[FakePipeline], str]], Callable[[FakePipeline], str]]:
    def add(run: Callable[[FakePipeline], str]) -> Callable[[FakePipeline], str]:
        CASES.append(Case(done, expected, run))
        return run

    return add


class Crash(BaseException):
    """The function dies: nothing in it may catch this."""


@contextmanager
def crashing(client: Any, event_name: str, *, times: int = 1, skip: int = 0) -> Iterator[None]:
    """Die at calls of a client: `skip` of them are let through before."""
    with _hooked(client, event_name, Crash(event_name), times=times, skip=skip):
        try:
            yield
        except Crash:
            return
        raise AssertionError(f"nothing died: {event_name} was not called often enough")


@contextmanager
def refusing(client: Any, event_name: str, code: str, *, times: int = 1_000_000) -> Iterator[None]:
    """Calls of a client are answered with an error."""
    error = ClientError({"Error": {"Code": code, "Message": "said so by the test"}}, event_name)
    with _hooked(client, event_name, error, times=times, skip=0):
        yield


@contextmanager
def _hooked(client: Any, event_name: str, error: BaseException, *, times: int, skip: int) -> Iterator[None]:
    calls = 0

    def raise_in_turn(**_: object) -> None:
        nonlocal calls
        calls += 1
        if skip < calls <= skip + times:
            raise error

    client.meta.events.register(event_name, raise_in_turn)
    try:
        yield
    finally:
        client.meta.events.unregister(event_name, raise_in_turn)


def pass_time(app: FakePipeline, minutes: int = ENOUGH_MINUTES) -> int:
    """Let the schedule do its work; gives the minutes after which no job was open any more."""
    for minute in range(minutes):
        if not any(record.is_open for record in app.records()):
            return minute
        app.now_ms += MINUTE_MS
        app.on_schedule()
    return minutes


def finish_all(app: FakePipeline) -> None:
    """The service ends its jobs, and every notice arrives."""
    while running := app.service.running():
        for job in running:
            app.on_notice(app.service.succeed(job.job_id, LONG[:3]))


def states(app: FakePipeline) -> str:
    counts = Counter(record.state.value for record in app.records())
    return ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "no job"


@cache
def uninterrupted_results() -> dict[str, bytes]:
    """The files of LONG, collected at one go. To be called first while moto is not at work."""
    with mock_aws():
        app = new_app()
        app.on_upload(app.upload("a.mp4"))
        app.on_notice(app.service.succeed("job-1", LONG))
        return _without_version(app, app.record())


def _without_version(app: FakePipeline, record: JobRecord) -> dict[str, bytes]:
    files = app.results(record)
    files["job.json"] = files["job.json"].replace(str(record.version).encode(), b"VERSION")
    return files


def _expect(value: object, wanted: object) -> None:
    assert value == wanted, f"{value!r} instead of {wanted!r}"


# ---- errors at the start of a job


def _waits_then_runs(code: str, status: int = 400) -> None:
    @case(f"{code} at start", "the job waits, and is started within a minute")
    def run(app: FakePipeline) -> str:
        refusals = iter([ServiceError(code, status=status)] * 3)

        def refuse(operation: str) -> None:
            if operation == "StartPersonTracking" and (error := next(refusals, None)):
                raise error

        app.service.before = refuse
        app.on_upload(app.upload("a.mp4"))
        calls = app.service.calls["StartPersonTracking"]
        if code == "LimitExceededException":
            _expect(calls, 1)
        first = app.record().state
        _expect(first, JobState.WAITING)
        for _ in range(3):
            app.now_ms += MINUTE_MS
            app.on_schedule()
        _expect(app.record().state, JobState.IN_PROGRESS)
        finish_all(app)
        _expect(states(app), "1 SUCCEEDED")
        return f"{first} after {calls} call(s), then {states(app)}"


for _code in ("LimitExceededException", "ThrottlingException", "ProvisionedThroughputExceededException"):
    _waits_then_runs(_code)
_waits_then_runs("InternalServerError", 500)
_waits_then_runs("403", 403)
_waits_then_runs("SomethingNobodyHasHeardOf")


def _ends_failed(code: str) -> None:
    @case(f"{code} at start", "FAILED with the service's words, at once")
    def run(app: FakePipeline) -> str:
        def refuse(_operation: str) -> None:
            raise ServiceError(code, "these are the service's words")

        app.service.before = refuse
        app.on_upload(app.upload("a.mp4"))
        _expect(app.record().state, JobState.FAILED)
        _expect(app.record().reason, f"{code}: these are the service's words")
        _expect(app.service.calls["StartPersonTracking"], 1)
        return f"FAILED: {app.record().reason}"


for _code in sorted(PERMANENT_CODES):
    _ends_failed(_code)


@case("the object is deleted while its job waits", "FAILED, and never tracked")
def deleted_while_waiting(app: FakePipeline) -> str:
    app.service.limit = 0
    app.on_upload(app.upload("a.mp4"))
    app.s3.delete_object(Bucket=VIDEOS, Key="a.mp4")
    app.service.limit = 1
    pass_time(app)
    _expect(app.record().state, JobState.FAILED)
    _expect(app.service.jobs, {})
    return f"FAILED: {app.record().reason}"


@case(
    "the object is overwritten while its job waits, in a bucket without versions",
    "FAILED; the new one is tracked",
)
def overwritten_while_waiting(app: FakePipeline) -> str:
    make_bucket(app.s3, "unversioned", versioned=False)
    app.service.limit = 0
    app.on_upload(app.upload("a.mp4", b"old", bucket="unversioned"))
    app.on_upload(app.upload("a.mp4", b"new", bucket="unversioned"))
    app.service.limit = 1
    pass_time(app, 1)
    finish_all(app)
    _expect(states(app), "1 FAILED, 1 SUCCEEDED")
    return f"{states(app)}: {app.records()[0].reason}"


@case("the object is overwritten while its job waits, in a bucket with versions", "both versions are tracked")
def overwritten_with_versions(app: FakePipeline) -> str:
    app.service.limit = 0
    app.on_upload(app.upload("a.mp4", b"old"))
    app.on_upload(app.upload("a.mp4", b"new"))
    app.service.limit = 2
    pass_time(app, 1)
    finish_all(app)
    _expect(states(app), "2 SUCCEEDED")
    return states(app)


# ---- crashes


@case("crash after the start, before it is recorded; the notice comes", "collected, one job")
def crash_after_start(app: FakePipeline) -> str:
    uploaded = app.upload("a.mp4")
    with crashing(app.dynamodb, "before-call.dynamodb.PutItem", skip=2):
        app.on_upload(uploaded)
    _expect(app.record().state, JobState.WAITING)
    _expect(len(app.service.jobs), 1)
    finish_all(app)
    _expect((states(app), len(app.service.jobs)), ("1 SUCCEEDED", 1))
    return f"{states(app)}, {len(app.service.jobs)} job"


@case("crash after the start, before it is recorded; the notice is lost too", "the same job is found again")
def crash_after_start_and_lost_notice(app: FakePipeline) -> str:
    uploaded = app.upload("a.mp4")
    with crashing(app.dynamodb, "before-call.dynamodb.PutItem", skip=2):
        app.on_upload(uploaded)
    app.service.succeed("job-1", LONG[:3])
    minutes = pass_time(app)
    _expect((states(app), len(app.service.jobs)), ("1 SUCCEEDED", 1))
    return f"{states(app)} after {minutes} min, {len(app.service.jobs)} job"


@case("crash after the record, before the start", "started by the schedule, collected, one job")
def crash_before_start(app: FakePipeline) -> str:
    uploaded = app.upload("a.mp4")
    with crashing(app.rekognition, "before-call.rekognition.StartPersonTracking"):
        app.on_upload(uploaded)
    _expect((app.record().state, len(app.service.jobs)), (JobState.WAITING, 0))
    pass_time(app, 3)
    _expect(app.record().state, JobState.IN_PROGRESS)
    finish_all(app)
    _expect((states(app), len(app.service.jobs)), ("1 SUCCEEDED", 1))
    return f"{states(app)}, {len(app.service.jobs)} job"


@case("crash before the record; the event is delivered again", "one job, collected")
def crash_before_record(app: FakePipeline) -> str:
    uploaded = app.upload("a.mp4")
    with crashing(app.dynamodb, "before-call.dynamodb.PutItem"):
        app.on_upload(uploaded)
    _expect(states(app), "no job")
    app.on_upload(uploaded)
    finish_all(app)
    _expect(states(app), "1 SUCCEEDED")
    return states(app)


@case(
    "crash at each of the 25 pages of a long result, the notice delivered again",
    "the same files, byte for byte",
)
def crash_at_every_page(app: FakePipeline) -> str:
    app.table = MemoryTable()
    wanted = uninterrupted_results()
    pages_read = []
    for page in range(25):
        uploaded = app.upload("a.mp4")
        app.on_upload(uploaded)
        job_id = app.records()[-1].job_id
        notice = app.service.succeed(str(job_id), LONG)
        with crashing(app.rekognition, "before-call.rekognition.GetPersonTracking", skip=page):
            app.on_notice(notice)
        _expect(app.results(app.records()[-1]), {})
        app.now_ms += 3 * MINUTE_MS
        before = app.service.calls["GetPersonTracking"]
        app.on_notice(notice)
        pages_read.append(app.service.calls["GetPersonTracking"] - before)
        record = app.records()[-1]
        files = _without_version(app, record)
        files["job.json"] = files["job.json"].replace(f'"{job_id}"'.encode(), b'"job-1"')
        _expect(files == wanted, True)
    _expect(max(pages_read), 25)
    _expect(min(pages_read), 5)
    return f"25 of 25 identical; {min(pages_read)} to {max(pages_read)} pages read again"


@case(
    "crash at each call that stores results", "never a job.json without the rest; the same files at the end"
)
def crash_while_storing(app: FakePipeline) -> str:
    app.table = MemoryTable()
    wanted = uninterrupted_results()
    crashes = 0
    for operation in ("PutObject", "GetObject", "DeleteObjects"):
        for skip in range(100):
            app.on_upload(app.upload("a.mp4"))
            job_id = str(app.records()[-1].job_id)
            notice = app.service.succeed(job_id, LONG)
            try:
                with crashing(app.s3, f"before-call.s3.{operation}", skip=skip):
                    app.on_notice(notice)
            except AssertionError:
                break
            crashes += 1
            present = set(app.results(app.records()[-1]))
            assert "job.json" not in present or len(present) == 3, (
                f"half a result is shown as complete: {present}"
            )
            app.now_ms += 3 * MINUTE_MS
            app.on_notice(notice)
            record = app.records()[-1]
            _expect(record.state, JobState.SUCCEEDED)
            files = _without_version(app, record)
            files["job.json"] = files["job.json"].replace(f'"{job_id}"'.encode(), b'"job-1"')
            _expect(files == wanted, True)
    assert crashes >= 10, f"only {crashes} places to crash at"
    return f"{crashes} crashes, {crashes} times the same files"


@case("the collector comes near its time limit on every invocation", "each goes on where the last left off")
def deadline_reached(app: FakePipeline) -> str:
    wanted = uninterrupted_results()
    app.on_upload(app.upload("a.mp4"))
    notice = app.service.succeed("job-1", LONG)
    calls = 0

    def soon_over() -> bool:
        nonlocal calls
        calls += 1
        return calls % 12 == 0

    app.deadline_reached = soon_over
    app.on_notice(notice)
    _expect(app.record().state, JobState.IN_PROGRESS)
    minutes = pass_time(app)
    _expect(_without_version(app, app.record()) == wanted, True)
    return f"{states(app)} after {minutes} min, the same files"


@case("the token to go on with has expired", "collected from the start, the same files")
def expired_token(app: FakePipeline) -> str:
    wanted = uninterrupted_results()
    app.on_upload(app.upload("a.mp4"))
    notice = app.service.succeed("job-1", LONG)
    with crashing(app.rekognition, "before-call.rekognition.GetPersonTracking", skip=15):
        app.on_notice(notice)
    progress = app.record().progress
    assert progress is not None, "nothing was kept"
    app.service.expire_page_tokens()
    app.now_ms += 24 * 60 * MINUTE_MS
    app.on_schedule()
    _expect(_without_version(app, app.record()) == wanted, True)
    return f"{progress.chunk_count} chunk kept, then again from the start, the same files"


# ---- notices


@case("the notice is lost", "asked after, and collected")
def lost_notice(app: FakePipeline) -> str:
    app.on_upload(app.upload("a.mp4"))
    app.service.succeed("job-1", LONG[:3])
    minutes = pass_time(app)
    _expect(states(app), "1 SUCCEEDED")
    return f"{states(app)} after {minutes} min"


@case("the notice of a failure is lost", "asked after; FAILED with the reason")
def lost_failure(app: FakePipeline) -> str:
    app.on_upload(app.upload("a.mp4"))
    app.service.fail("job-1", "a.mp4 holds no video")
    minutes = pass_time(app)
    _expect((app.record().state, app.record().reason), (JobState.FAILED, "a.mp4 holds no video"))
    return f"FAILED after {minutes} min: {app.record().reason}"


@case("the notice comes 5 times", "one set of results, read once")
def notice_five_times(app: FakePipeline) -> str:
    app.on_upload(app.upload("a.mp4"))
    notice = app.service.succeed("job-1", LONG)
    for _ in range(5):
        app.on_notice(notice)
    _expect(app.service.calls["GetPersonTracking"], 25)
    versions = app.s3.list_object_versions(Bucket=RESULTS, Prefix=app.record().results_prefix)["Versions"]
    _expect(len(versions), 3)
    return f"{states(app)}, {len(versions)} files written"


@case(
    "the notice comes before the start is recorded", "collected; the late record of the start changes nothing"
)
def early_notice(app: FakePipeline) -> str:
    uploaded = app.upload("a.mp4")

    def end_at_once(**_: object) -> None:
        app.rekognition.meta.events.unregister("after-call.rekognition.StartPersonTracking", end_at_once)
        app.on_notice(app.service.succeed("job-1", LONG[:3]))

    app.rekognition.meta.events.register("after-call.rekognition.StartPersonTracking", end_at_once)
    app.on_upload(uploaded)
    _expect(states(app), "1 SUCCEEDED")
    return states(app)


@case("the start is recorded between the two looks of the notice's collector", "collected at once")
def racing_notice(app: FakePipeline) -> str:
    uploaded = app.upload("a.mp4")
    with crashing(app.dynamodb, "before-call.dynamodb.PutItem", skip=2):
        app.on_upload(uploaded)
    starting = app.record()
    recordings = iter([starting.in_progress("job-1", app.now_ms)])

    def record_start(**_: object) -> None:
        if (started := next(recordings, None)) is not None:
            assert app.table.replace(starting, started), "the start came too late"

    app.dynamodb.meta.events.register("after-call.dynamodb.GetItem", record_start)
    app.on_notice(app.service.succeed("job-1", LONG[:3]))
    app.dynamodb.meta.events.unregister("after-call.dynamodb.GetItem", record_start)
    _expect(next(recordings, "recorded"), "recorded")
    _expect(states(app), "1 SUCCEEDED")
    return states(app)


@case(
    "the notice of success comes while the service still shows the job in progress",
    "collected a little later",
)
def premature_notice(app: FakePipeline) -> str:
    app.on_upload(app.upload("a.mp4"))
    app.on_notice(app.service.notice("job-1"))
    _expect(app.record().state, JobState.IN_PROGRESS)
    app.service.succeed("job-1", LONG[:3])
    minutes = pass_time(app)
    _expect((states(app), minutes), ("1 SUCCEEDED", 1))
    return f"{states(app)} after {minutes} min"


@case("two collectors at once", "the second leaves the job to the first; one set of results")
def two_collectors(app: FakePipeline) -> str:
    app.on_upload(app.upload("a.mp4"))
    notice = app.service.succeed("job-1", LONG)
    again = iter([None] * 3)

    def second(**_: object) -> None:
        if next(again, 0) is None:
            app.on_notice(notice)

    app.rekognition.meta.events.register("after-call.rekognition.GetPersonTracking", second)
    app.on_notice(notice)
    app.rekognition.meta.events.unregister("after-call.rekognition.GetPersonTracking", second)
    _expect((states(app), app.service.calls["GetPersonTracking"]), ("1 SUCCEEDED", 25))
    return f"{states(app)}, 25 pages read"


@case("a collector stands still until another takes over, then goes on", "one set of results, the same files")
def stalled_collector(app: FakePipeline) -> str:
    wanted = uninterrupted_results()
    app.on_upload(app.upload("a.mp4"))
    notice = app.service.succeed("job-1", LONG)
    stalls = iter([False] * 14 + [True])

    def stall(**_: object) -> None:
        if next(stalls, False):
            app.now_ms += 3 * MINUTE_MS
            app.on_notice(notice)

    app.rekognition.meta.events.register("before-call.rekognition.GetPersonTracking", stall)
    app.on_notice(notice)
    app.rekognition.meta.events.unregister("before-call.rekognition.GetPersonTracking", stall)
    _expect(app.record().state, JobState.SUCCEEDED)
    _expect(_without_version(app, app.record()) == wanted, True)
    _expect(app.job_metrics.counts[JobState.SUCCEEDED], 1)
    return f"{states(app)}, the same files, counted once"


@case("the service no longer knows a job", "FAILED, and says so")
def forgotten_job(app: FakePipeline) -> str:
    app.on_upload(app.upload("a.mp4"))
    app.service.forget("job-1")
    pass_time(app)
    _expect(app.record().state, JobState.FAILED)
    return f"FAILED: {app.record().reason}"


@case(
    "a function comes near its time limit in the middle of the queue",
    "the others are started by the schedule",
)
def out_of_time_starting(app: FakePipeline) -> str:
    app.service.limit = 0
    for number in range(6):
        app.on_upload(app.upload(f"{number}.mp4"))
    app.service.limit = 6
    app.deadline_reached = lambda: len(app.service.running()) == 4
    app.queue.start()
    first = len(app.service.running())
    app.deadline_reached = lambda: False
    app.on_schedule()
    _expect((first, len(app.service.running())), (4, 6))
    return f"{first} started, then {len(app.service.running())}"


@case("every start of a waiting job meets another function at the same queue", "each job started once")
def two_starters(app: FakePipeline) -> str:
    app.service.limit = 0
    for number in range(8):
        app.on_upload(app.upload(f"{number}.mp4"))
    app.service.limit = 6
    app.service.calls.clear()

    def meet(**_: object) -> None:
        if app.service.calls["StartPersonTracking"] < 4:
            app.queue.start()

    app.rekognition.meta.events.register("before-call.rekognition.StartPersonTracking", meet)
    app.queue.start()
    app.rekognition.meta.events.unregister("before-call.rekognition.StartPersonTracking", meet)
    _expect(len(app.service.running()), 6)
    calls = app.service.calls["StartPersonTracking"]
    assert calls <= 6 + 5, f"{calls} calls"
    finish_all(app)
    _expect((states(app), len(app.service.jobs)), ("8 SUCCEEDED", 8))
    return f"6 jobs started with {calls} calls; {states(app)}"


@case(
    "the service is full of other callers' jobs, of whose end nobody tells us",
    "started within a minute of it",
)
def others_jobs(app: FakePipeline) -> str:
    app.service.limit = 2
    app.service.jobs |= {f"other-{number}": Job(f"other-{number}", {}) for number in range(2)}
    app.on_upload(app.upload("a.mp4"))
    _expect(app.record().state, JobState.WAITING)
    app.service.jobs["other-1"].status = "SUCCEEDED"
    minutes = 0
    while app.record().state is JobState.WAITING and minutes < ENOUGH_MINUTES:
        minutes += 1
        app.now_ms += MINUTE_MS
        app.on_schedule()
    _expect((app.record().state, minutes), (JobState.IN_PROGRESS, 1))
    return f"IN_PROGRESS after {minutes} min"


@case(
    "a burst from one folder, then an upload to another", "served by the time of upload, whatever the folder"
)
def burst_of_one_folder(app: FakePipeline) -> str:
    app.service.limit = 2
    for key in (
        *(f"busy/{number}.mp4" for number in range(6)),
        "quiet/a.mp4",
        *(f"busy/{n}.mp4" for n in range(6, 9)),
    ):
        app.on_upload(app.upload(key))
    finish_all(app)
    order = [job.request["Video"]["S3Object"]["Name"] for job in app.service.jobs.values()]
    _expect(order, [record.key for record in app.records()])
    return f"quiet/a.mp4 was number {order.index('quiet/a.mp4') + 1} of {len(order)} uploaded and started"


# ---- duplicates and disorder


@case("the same upload event 5 times, before, between and after", "one job, one set of results")
def duplicate_events(app: FakePipeline) -> str:
    uploaded = app.upload("a.mp4")
    doubled = {"Records": uploaded["Records"] * 2}
    for _ in range(2):
        app.on_upload(doubled)
    finish_all(app)
    app.on_upload(uploaded)
    _expect((states(app), len(app.service.jobs)), ("1 SUCCEEDED", 1))
    return f"{states(app)}, {len(app.service.jobs)} job"


@case(
    "the events of two versions of a key come in the wrong order",
    "each version has a job and results of its own",
)
def disorder(app: FakePipeline) -> str:
    older, newer = app.upload("a.mp4"), app.upload("a.mp4")
    for uploaded in (newer, older, newer):
        app.on_upload(uploaded)
    finish_all(app)
    _expect((states(app), len({record.results_prefix for record in app.records()})), ("2 SUCCEEDED", 2))
    return states(app)


# ---- storage that fails


@case("the job table is throttled when an upload comes", "raised; delivered again, it is one job")
def table_throttled(app: FakePipeline) -> str:
    uploaded = app.upload("a.mp4")
    with refusing(app.dynamodb, "before-call.dynamodb.PutItem", "ProvisionedThroughputExceededException"):
        try:
            app.on_upload(uploaded)
        except* ClientError as errors:
            _expect(len(errors.exceptions), 1)
        else:
            raise AssertionError("the upload was swallowed")
    app.on_upload(uploaded)
    finish_all(app)
    _expect(states(app), "1 SUCCEEDED")
    return f"raised, then {states(app)}"


@case("the job table is throttled between the record and the start", "raised; started by the schedule")
def table_throttled_midway(app: FakePipeline) -> str:
    uploaded = app.upload("a.mp4")
    with refusing(app.dynamodb, "before-call.dynamodb.Query", "ProvisionedThroughputExceededException"):
        try:
            app.on_upload(uploaded)
        except ClientError:
            pass
        else:
            raise AssertionError("the failure was swallowed")
    app.on_upload(uploaded)
    pass_time(app, 1)
    finish_all(app)
    _expect((states(app), len(app.service.jobs)), ("1 SUCCEEDED", 1))
    return f"raised, then {states(app)}"


@case("the jobs that wait cannot be read", "raised; the jobs that have ended are collected all the same")
def waiting_unreadable(app: FakePipeline) -> str:
    app.on_upload(app.upload("a.mp4"))
    app.service.succeed("job-1", LONG[:3])
    app.now_ms += ENOUGH_MINUTES * MINUTE_MS

    def refuse(**given: Any) -> None:
        if given["params"]["ExpressionAttributeValues"][":state"] == {"S": "WAITING"}:
            raise ClientError({"Error": {"Code": "InternalServerError", "Message": "no"}}, "Query")

    app.dynamodb.meta.events.register("before-parameter-build.dynamodb.Query", refuse)
    try:
        app.on_schedule()
    except* ClientError as errors:
        raised = len(errors.exceptions)
    else:
        raise AssertionError("the failure was swallowed")
    app.dynamodb.meta.events.unregister("before-parameter-build.dynamodb.Query", refuse)
    _expect(states(app), "1 SUCCEEDED")
    return f"{raised} failures raised, {states(app)}"


@case("the results bucket refuses for half an hour", "the job stays open, and is collected after")
def bucket_refuses(app: FakePipeline) -> str:
    app.on_upload(app.upload("a.mp4"))
    notice = app.service.succeed("job-1", LONG)
    with refusing(app.s3, "before-call.s3.PutObject", "AccessDenied"):
        app.on_notice(notice)
        pass_time(app, 30)
        _expect(app.record().state, JobState.IN_PROGRESS)
        reason = app.record().reason
        tries = app.record().attempts
    minutes = pass_time(app)
    _expect(states(app), "1 SUCCEEDED")
    _expect(_without_version(app, app.record()) == uninterrupted_results(), True)
    return f"{tries} tries ({reason}), {states(app)} {minutes} min after"


@case("GetPersonTracking is throttled in the middle", "goes on from what was kept, the same files")
def get_throttled(app: FakePipeline) -> str:
    app.on_upload(app.upload("a.mp4"))
    notice = app.service.succeed("job-1", LONG)
    with refusing(app.rekognition, "before-call.rekognition.GetPersonTracking", "ThrottlingException"):
        app.on_notice(notice)
    _expect(app.record().state, JobState.IN_PROGRESS)
    minutes = pass_time(app)
    _expect(_without_version(app, app.record()) == uninterrupted_results(), True)
    return f"{states(app)} {minutes} min after"


# ---- poison


@case("a poison record between two good ones", "both good ones are tracked; the poison one is raised")
def poison_record(app: FakePipeline) -> str:
    good = [app.upload(key)["Records"][0] for key in ("a.mp4", "b.mp4")]
    try:
        app.on_upload({"Records": [good[0], {"eventVersion": "2.1"}, good[1]]})
    except* InvalidEventError as errors:
        message = str(errors.exceptions[0])
    else:
        raise AssertionError("the poison was swallowed")
    finish_all(app)
    _expect(states(app), "2 SUCCEEDED")
    return f"{states(app)}; raised: {message}"


@case("a job that can never be started stands first among the waiting", "the others are started all the same")
def poison_job(app: FakePipeline) -> str:
    poison = [app.upload(f"poison-{number}.mp4") for number in range(4)]

    def fail_poison(**given: Any) -> None:
        if "poison" in given["params"]["Video"]["S3Object"]["Name"]:
            raise ClientError(
                {"Error": {"Code": "InternalServerError", "Message": "no"}}, "StartPersonTracking"
            )

    app.rekognition.meta.events.register(
        "before-parameter-build.rekognition.StartPersonTracking", fail_poison
    )
    for uploaded in (*poison, app.upload("good.mp4")):
        app.on_upload(uploaded)
    pass_time(app, 3)
    finish_all(app)
    _expect(states(app), "1 SUCCEEDED, 4 WAITING")
    return states(app)


@case(
    "500 hostile, truncated and unknown S3 events", "refused by name or passed over; no job, no other error"
)
def hostile_s3_events(app: FakePipeline) -> str:
    app.table = MemoryTable()
    outcomes: Counter[str] = Counter()

    @settings(max_examples=500, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(_mutilated(event("s3-put")))
    def attack(hostile: object) -> None:
        outcomes[_raised(lambda: app.on_upload(hostile), InvalidEventError)] += 1

    attack()
    _expect({job.status for job in app.service.jobs.values()} <= {"IN_PROGRESS"}, True)
    return _told(outcomes)


@case(
    "500 hostile, truncated and unknown SNS events",
    "refused by name or passed over; no job ends, no other error",
)
def hostile_sns_events(app: FakePipeline) -> str:
    app.table = MemoryTable()
    app.on_upload(app.upload("a.mp4"))
    outcomes: Counter[str] = Counter()
    whole = event("sns-succeeded")
    message = json.loads(whole["Records"][0]["Sns"]["Message"])
    hostile_events = st.one_of(
        _mutilated(whole),
        _mutilated(message).map(lambda part: {"Records": [{"Sns": {"Message": json.dumps(part)}}]}),
        st.text().map(lambda text: {"Records": [{"Sns": {"Message": text}}]}),
    )

    @settings(max_examples=500, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(hostile_events)
    def attack(hostile: object) -> None:
        outcomes[_raised(lambda: app.on_notice(hostile), InvalidNoticeError)] += 1

    attack()
    _expect(app.record().state, JobState.IN_PROGRESS)
    return _told(outcomes)


@case(
    "200 keys of 1 to 1024 bytes from all of Unicode",
    "each reaches the service unchanged, with results of its own",
)
def unicode_keys(app: FakePipeline) -> str:
    app.service.limit = 10_000
    app.table = MemoryTable()
    sizes = []

    @settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(_keys())
    def upload(key: str) -> None:
        known = len(app.service.jobs)
        app.on_upload(app.upload(key))
        assert len(app.service.jobs) == known + 1, f"{key!r} started nothing"
        job = list(app.service.jobs.values())[-1]
        _expect(job.request["Video"]["S3Object"]["Name"], key)
        sizes.append(len(key.encode()))

    upload()
    prefixes = {record.results_prefix for record in app.records()}
    _expect(len(prefixes), len(sizes))
    assert all(len((prefix + "observations.jsonl.gz").encode()) <= 1024 for prefix in prefixes)
    return f"{len(sizes)} keys of {min(sizes)} to {max(sizes)} bytes, {len(prefixes)} places for results"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def _mutilated(whole: Any) -> st.SearchStrategy[object]:
    """Anything at all, or the whole with one place of it left out or replaced by anything."""
    places = list(_places(whole))

    @st.composite
    def mutilate(draw: st.DrawFn) -> object:
        place = draw(st.sampled_from(places))
        copy = json.loads(json.dumps(whole))
        parent = copy
        for step in place[:-1]:
            parent = parent[step]
        if draw(st.booleans()):
            del parent[place[-1]]
        else:
            parent[place[-1]] = draw(JSON)
        return copy

    return st.one_of(JSON, mutilate())


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in inner:
        yield (*path, step)
        yield from _places(part, (*path, step))


@st.composite
def _keys(draw: st.DrawFn) -> str:
    size = draw(st.integers(1, 1024))
    unit = draw(st.text(st.characters(codec="utf-8"), min_size=1, max_size=size))
    key = (unit * (size // len(unit.encode()) + 1)).encode()[:size].decode(errors="ignore") or "k"
    return key.removesuffix("/") + "." if key.endswith(("/", ".")) else key


def _raised(run: Callable[[], None], expected: type[Exception]) -> str:
    try:
        run()
    except expected:
        return "refused"
    except ExceptionGroup as group:
        if group.split(expected)[1] is not None:
            raise
        return "refused"
    return "passed over"


def _told(outcomes: Counter[str]) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
