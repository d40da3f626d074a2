"""The steps of the smoke test with a stack that fails at one of them."""

from __future__ import annotations

import gzip
import io
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.credentials import Credentials

from people_pathing.cli.environment_errors import environment_problem
from people_pathing.common.clock import now_ms
from people_pathing.common.finding import Finding, Outcome, failed, ok
from people_pathing.pipeline import erasure as pipeline_erasure
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.video import Video
from people_pathing.smoke_test import clip_erasure, steps
from people_pathing.smoke_test.api_calls import ApiReply
from people_pathing.smoke_test.clip import PATH, PEOPLE
from people_pathing.smoke_test.clip_erasure import ImpatientClock, erase_clip
from people_pathing.smoke_test.steps import SmokeTest
from tests.fakes.aws_errors import client_error
from tests.unit.smoke_test.test_clip import observations

KEY = "people-pathing-smoke/1.mp4"
VIDEO = Video("videos", KEY, "1", "1")
STEPS = ["upload", "job", "people", "report", "API", "refusals", "erasure"]
FOUND = gzip.compress("\n".join(map(json.dumps, observations(*PEOPLE))).encode())


WAITING = JobRecord.of(VIDEO, 0, 0)
IN_PROGRESS = WAITING.in_progress("job", 0)
SUCCEEDED = IN_PROGRESS.succeeded(0)
# The clock of the tests stands still: this module may be imported minutes before they run.
NOW_MS = now_ms()
LONG_AGO_MS = NOW_MS - 10 * 60_000
REFUSED = WAITING.limit_reached("LimitExceededException: full", NOW_MS)
THROTTLED = WAITING.deferred("ThrottlingException: slow down", NOW_MS)
TIMEOUT_S = 0.05
# Whose calls the API answers: the status by the kind of request.
GOOD_REPLIES = {"signed": 200, "unsigned": 403, "forged": 403, "other service": 403, "unprivileged": 403}
UNPRIVILEGED = Credentials("key of unprivileged", "secret")


@dataclass
class FakeStack:
    """A stack in which every step succeeds, unless an attribute says otherwise."""

    record_: JobRecord | None = SUCCEEDED
    queue: Sequence[JobRecord] = ()
    share: float | None = 0.0
    report: bytes | None = b"<html></html>"
    found: bytes = FOUND
    upload_error: Exception | None = None
    video_bucket: str = "videos"
    results_bucket: str = "results"
    artifact_bucket: str | None = "artifacts"
    uploads: list[str] = field(default_factory=list)

    def put_object(self, Bucket: str, Key: str, Body: bytes) -> dict[str, Any]:  # noqa: N803
        assert (Bucket, Body) == (self.video_bucket, PATH.read_bytes())
        if self.upload_error:
            raise self.upload_error
        self.uploads.append(Key)
        return {"VersionId": "1"}

    def get(self, video_id: str) -> JobRecord | None:
        assert video_id == VIDEO.video_id
        return self.record_

    def in_state(self, state: JobState) -> Iterator[JobRecord]:
        assert state is JobState.WAITING
        yield from self.queue

    def progress(self, _record: object) -> float | None:
        return self.share

    @property
    def s3(self) -> FakeStack:
        return self

    @property
    def job_table(self) -> FakeStack:
        return self

    def list_objects_v2(self, Bucket: str, Prefix: str) -> dict[str, Any]:  # noqa: N803
        assert Bucket == self.results_bucket
        return {} if self.report is None else {"Contents": [{"Key": Prefix}]}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        assert Bucket == self.results_bucket
        return {"Body": io.BytesIO((self.report or b"") if Key.endswith(".html") else self.found)}


@dataclass
class LateStack(FakeStack):
    """A stack whose job starts and ends some time after it was first asked for."""

    starts_s: float = 0.0
    ends_s: float = 0.0
    began_s: float = field(default_factory=time.monotonic)

    def get(self, video_id: str) -> JobRecord | None:
        age_s = time.monotonic() - self.began_s
        if age_s < self.starts_s:
            return WAITING
        return IN_PROGRESS if age_s < self.ends_s else SUCCEEDED


@dataclass
class FakeApi:
    """An API that answers each kind of request with a status."""

    statuses: dict[str, int] = field(default_factory=lambda: dict(GOOD_REPLIES))

    def call(
        self, credentials: Any = None, *, signed_for: str | None = None, job_id: str | None = None
    ) -> ApiReply:
        kind = "signed"
        if credentials is None:
            kind = "unsigned"
        elif credentials is UNPRIVILEGED:
            kind = "unprivileged"
        elif credentials.secret_key != "secret":
            kind = "forged"
        elif signed_for:
            kind = "other service"
        assert kind != "signed" or job_id == SUCCEEDED.job_id
        return ApiReply(self.statuses[kind], "")


@dataclass
class Run:
    """A smoke test with fakes, and what it did."""

    stack: FakeStack = field(default_factory=FakeStack)
    api: FakeApi = field(default_factory=FakeApi)
    keep: bool = False
    unprivileged: Callable[[], Credentials] | None = None
    erased: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def test(self) -> SmokeTest:
        stack: Any = self.stack
        api: Any = self.api
        return SmokeTest(
            stack,
            api,
            Credentials("key", "secret"),
            KEY,
            timeout_s=TIMEOUT_S,
            running_job_timeout_s=60,
            say=self.said.append,
            describe_error=environment_problem,
            unprivileged=self.unprivileged,
            sleep=lambda _: None,
        )

    def outcomes(self) -> dict[str, Finding]:
        return {line.name: line.finding for line in self.test().run(keep=self.keep)}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run whose erasure is recorded and succeeds."""
    run = Run()

    def erase(_stack: object, key: str, *_: object) -> Finding:
        run.erased.append(key)
        return ok("erased")

    monkeypatch.setattr(steps, "erase_clip", erase)
    monkeypatch.setattr(steps, "now_ms", lambda: NOW_MS)
    return run


def test_every_step_of_a_good_stack_succeeds(run: Run) -> None:
    found = run.outcomes()

    assert {name: finding.outcome for name, finding in found.items()} == dict.fromkeys(STEPS, Outcome.OK)
    assert run.stack.uploads == run.erased == [KEY]


@pytest.mark.parametrize(
    ("changes", "step", "says"),
    [
        ({"upload_error": client_error("AccessDenied", "PutObject", 403)}, "upload", "AWS refused PutObject"),
        ({"record_": None}, "job", "StartTracking has not recorded the upload"),
        ({"record_": WAITING}, "job", "the job waits for its start"),
        ({"record_": WAITING.deferred("ThrottlingException", 0)}, "job", "ThrottlingException"),
        ({"record_": IN_PROGRESS}, "job", "no segment is done"),
        ({"record_": IN_PROGRESS, "share": 0.5}, "job", "50% of its work is done"),
        ({"record_": IN_PROGRESS, "share": None}, "job", "the job runs, or its results are being collected"),
        ({"record_": IN_PROGRESS, "share": 1.0}, "job", "the results are not collected yet"),
        ({"record_": IN_PROGRESS.failed("no video", 0)}, "job", "ended as FAILED: no video"),
        ({"found": gzip.compress(b"")}, "people", "0 were found"),
        ({"report": None}, "report", "there is no report.html"),
        ({"report": b"<html>"}, "report", "report.html is not complete"),
    ],
)
def test_the_steps_after_a_failure_are_not_done_and_the_clip_is_erased(
    run: Run, changes: dict[str, Any], step: str, says: str
) -> None:
    for name, value in changes.items():
        setattr(run.stack, name, value)

    found = run.outcomes()

    number = STEPS.index(step)
    assert found[step].outcome is Outcome.FAILED
    assert says in found[step].message
    assert {found[name].outcome for name in STEPS[:number]} <= {Outcome.OK}
    assert {found[name].outcome for name in STEPS[number + 1 : -1]} == {Outcome.NOT_CHECKED}
    assert run.erased == [KEY]


@pytest.mark.parametrize(
    ("kind", "status", "step", "says"),
    [
        ("signed", 403, "API", "answered HTTP 403 to a signed request"),
        ("unsigned", 200, "refusals", "without a signature: HTTP 200"),
        ("forged", 400, "refusals", "with the signature of another secret: HTTP 400"),
        ("other service", 400, "refusals", "signed for Rekognition: HTTP 400"),
        ("unprivileged", 200, "refusals", "of a caller without the policy: HTTP 200"),
    ],
)
def test_the_api_must_answer_the_right_requests_only(
    run: Run, kind: str, status: int, step: str, says: str
) -> None:
    run.unprivileged = lambda: UNPRIVILEGED
    run.api.statuses[kind] = status

    finding = run.outcomes()[step]

    assert finding.outcome is Outcome.FAILED
    assert says in finding.message


def test_a_test_without_an_unprivileged_caller_sends_no_request_of_one(run: Run) -> None:
    run.api.statuses["unprivileged"] = 200

    assert run.outcomes()["refusals"].outcome is Outcome.OK


@pytest.mark.parametrize(
    ("record", "older", "busy_step"),
    [
        (REFUSED, None, "job"),
        (THROTTLED, None, "job"),
        (WAITING, REFUSED, "job"),
        (WAITING, THROTTLED, "job"),
        (WAITING, None, None),
        (WAITING, WAITING, None),
        # The limit was reached once, and something else has kept the job from starting since.
        (WAITING.limit_reached("LimitExceededException: full", LONG_AGO_MS), None, None),
        (WAITING, WAITING.limit_reached("LimitExceededException: full", LONG_AGO_MS), None),
        (WAITING.deferred("ThrottlingException: slow down", LONG_AGO_MS), None, None),
        (WAITING.deferred("AccessDeniedException: no", NOW_MS), REFUSED, None),
        (WAITING.deferred("AccessDeniedException: no", NOW_MS), None, None),
        (IN_PROGRESS, REFUSED, None),
        (None, REFUSED, None),
    ],
)
def test_a_job_had_no_turn_only_if_the_service_refuses_it_or_an_older_one(
    run: Run, record: JobRecord | None, older: JobRecord | None, busy_step: str | None
) -> None:
    run.stack.record_ = record
    run.stack.queue = [older] if older else []
    test = run.test()

    assert [line.name for line in test.run(keep=False) if line.finding.outcome is Outcome.FAILED] == ["job"]
    assert test.busy_step == busy_step


@pytest.mark.parametrize(("kind", "step"), [("signed", "API"), ("unprivileged", "refusals")])
def test_an_api_without_a_free_execution_is_busy(run: Run, kind: str, step: str) -> None:
    run.unprivileged = lambda: UNPRIVILEGED
    run.api.statuses[kind] = 429
    test = run.test()

    found = {line.name: line.finding for line in test.run(keep=False)}

    assert found[step].outcome is Outcome.FAILED
    assert "no free execution" in found[step].message
    assert "policy" not in found[step].advice
    assert test.busy_step == step


def test_a_busy_api_that_lets_in_a_wrong_caller_is_open(run: Run) -> None:
    run.api.statuses |= {"unsigned": 200, "forged": 429}
    test = run.test()

    found = {line.name: line.finding for line in test.run(keep=False)}

    assert (
        found["refusals"].message == "the API did not refuse requests with 403 without a signature: HTTP 200"
    )
    assert test.busy_step is None


def test_a_job_that_starts_late_has_as_long_to_run_as_any_other(run: Run) -> None:
    run.stack = LateStack(starts_s=0.7 * TIMEOUT_S, ends_s=1.4 * TIMEOUT_S)

    assert run.outcomes()["job"].outcome is Outcome.OK


def test_a_job_that_runs_longer_than_the_timeout_fails(run: Run) -> None:
    run.stack = LateStack(starts_s=0.0, ends_s=3 * TIMEOUT_S)

    assert run.outcomes()["job"].message.startswith("the job did not end in ")


def test_a_clip_that_had_no_turn_may_get_it_while_it_is_erased(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits_s: list[float] = []

    def erase(_stack: object, _key: str, timeout_s: float, *_: object) -> Finding:
        waits_s.append(timeout_s)
        return ok("erased")

    monkeypatch.setattr(steps, "erase_clip", erase)
    for record in (SUCCEEDED, REFUSED):
        run.stack.record_ = record
        run.outcomes()

    assert waits_s == [60, 60 + TIMEOUT_S]


def test_the_callers_of_another_service_are_not_checked(run: Run) -> None:
    run.stack.artifact_bucket = None

    assert run.outcomes()["refusals"].outcome is Outcome.NOT_CHECKED


def test_a_kept_clip_is_not_erased(run: Run) -> None:
    run.keep = True

    found = run.outcomes()["erasure"]

    assert (found.outcome, found.advice) == (Outcome.NOT_CHECKED, f"people-pathing erase {KEY}")
    assert run.erased == []


def test_a_user_who_stops_the_test_gets_the_clip_erased(run: Run) -> None:
    class Stopped(FakeStack):
        def get(self, video_id: str) -> JobRecord | None:
            raise KeyboardInterrupt

    run.stack = Stopped()

    with pytest.raises(KeyboardInterrupt):
        run.outcomes()
    assert run.erased == [KEY]


def test_a_user_who_stops_the_test_is_told_if_the_clip_stays(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopped(FakeStack):
        def get(self, video_id: str) -> JobRecord | None:
            raise KeyboardInterrupt

    run.stack = Stopped()
    monkeypatch.setattr(steps, "erase_clip", lambda *_: failed("the clip was not erased", "later: erase it"))

    with pytest.raises(KeyboardInterrupt):
        run.outcomes()
    assert run.said[-1] == "the clip was not erased; later: erase it"


def test_what_is_slow_is_said_now_and_then(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "_SAY_EVERY_S", 0.01)
    run.stack.record_ = WAITING

    run.outcomes()

    assert run.said
    assert run.said[0].endswith("the job waits for its start: StartTracking is at work")


# ---- the erasure

IS_TRACKED = pipeline_erasure.JobInProgressError("is being tracked")


def erasing(*results: Finding | Exception) -> Callable[..., Finding]:
    """Returns an erasure that ends with one result after the other."""
    left = list(results)

    def erase(*_: object) -> Finding:
        result = left.pop(0)
        if isinstance(result, Exception):
            raise result
        return result

    return erase


def test_a_job_that_still_runs_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clip_erasure, "_erase", erasing(IS_TRACKED, ok("erased")))
    stack: Any = FakeStack()

    assert erase_clip(stack, KEY, 60, lambda _: None) == ok("erased")


def test_a_job_that_does_not_end_leaves_the_clip_and_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clip_erasure, "_erase", erasing(IS_TRACKED))
    stack: Any = FakeStack()

    finding = erase_clip(stack, KEY, 0, lambda _: None)

    assert finding == failed(
        "the clip was not erased: is being tracked", f"later: people-pathing erase {KEY}"
    )


def test_the_clock_of_the_erasure_goes_forward_instead_of_waiting() -> None:
    clock = ImpatientClock()
    later_ms = now_ms() + 20 * 60_000

    assert abs(clock.now_ms() - now_ms()) < 1000
    clock.wait_until(later_ms)
    clock.wait_until(later_ms - 60_000)

    assert later_ms <= clock.now_ms() < later_ms + 1000
