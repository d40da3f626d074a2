"""The scheduled smoke test: what makes a run fail, what does not, and what a run leaves."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from people_pathing.common.clock import now_ms
from people_pathing.common.settings import SettingsError
from people_pathing.common.smoke_clips import (
    SCHEDULED_PREFIX,
    SMOKE_PREFIX,
    is_smoke_clip,
    new_scheduled_key,
)
from people_pathing.pipeline.job_record import JobState
from people_pathing.smoke_test import clip_erasure
from people_pathing.smoke_test.api_calls import UNKNOWN_JOB_ID, ApiReply
from people_pathing.smoke_test.clip import PEOPLE, DrawnPerson
from people_pathing.smoke_test.composition import compose
from people_pathing.smoke_test.handlers import scheduled as handler
from people_pathing.smoke_test.scheduled import ScheduledTest, SmokeTestFailedError
from tests.fakes.aws_errors import client_error
from tests.fakes.person_tracking import ServiceError
from tests.fakes.pipeline import RESULTS, VIDEOS, upload_event
from tests.unit.smoke_test.conftest import World
from tests.unit.smoke_test.test_clip import observations

LIMIT_S = 5.0
UNPRIVILEGED = Credentials("unprivileged", "secret")
JOB_ENDED = {"errorType": "JobEndedError", "errorMessage": "the job is not running"}


@dataclass
class Runner:
    """Runs the scheduled test over a pipeline that works while the test sleeps.

    Attributes:
        world: the stack.
        found: the people whom the service finds.
        answers: what AssociateWindow does, one after the other; the last one is repeated.
        statuses: the status of the API's answers to the callers that are named.
        works: whether anything happens to an uploaded clip.
        ends_others_after: after how many pauses of the test the jobs of users end; None if they do not.
        events: the events that AssociateWindow received.
    """

    world: World
    found: tuple[DrawnPerson, ...] = PEOPLE
    answers: list[Any] = field(default_factory=lambda: [JOB_ENDED])
    statuses: dict[str, int] = field(
        default_factory=lambda: {"own": 200, "unprivileged": 403, "anonymous": 403}
    )
    works: bool = True
    ends_others_after: int | None = None
    events: list[Any] = field(default_factory=list)
    _pauses: int = 0

    def run(self, has_own_service: bool = True) -> None:
        api: Any = self
        ScheduledTest(
            self.world.stack,
            api,
            Credentials("own", "secret"),
            unprivileged=(lambda: UNPRIVILEGED) if has_own_service else None,
            associate_window=self._associate if has_own_service else None,
            sleep=self._work,
        ).run(LIMIT_S)

    def call(
        self, credentials: Any = None, *, signed_for: str | None = None, job_id: str = UNKNOWN_JOB_ID
    ) -> ApiReply:
        caller = {"own": "own", UNPRIVILEGED.access_key: "unprivileged"}.get(
            getattr(credentials, "access_key", "")
        )
        if signed_for or (caller == "own" and credentials.secret_key != "secret"):
            caller = None
        return ApiReply(self.statuses[caller or "anonymous"], "")

    def _associate(self, event: bytes) -> Any:
        self.events.append(json.loads(event))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}

    def _work(self, _seconds: float) -> None:
        """Does what S3 and the functions of the pipeline do for an uploaded clip."""
        app = self.world.app
        if not self.works:
            return
        # Videos of users were uploaded before the clip.
        app.now_ms = max(app.now_ms + 1, now_ms())
        for key in filter(is_smoke_clip, self.world.stored(VIDEOS)):
            version = app.s3.head_object(Bucket=VIDEOS, Key=key)["VersionId"]
            app.on_upload(upload_event(key, version, app.now_ms))
        app.on_schedule()
        self._pauses += 1
        ends_others = self.ends_others_after is not None and self._pauses >= self.ends_others_after
        for record in app.records():
            if record.state is JobState.IN_PROGRESS and (ends_others or is_smoke_clip(record.key)):
                app.on_notice(app.service.succeed(str(record.job_id), list(observations(*self.found))))
                app.on_results(
                    upload_event(f"{record.results_prefix}job.json", None, app.now_ms, bucket=RESULTS)
                )


@pytest.fixture
def runner(world: World, monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setattr(clip_erasure, "_PAUSE_S", 0)
    return Runner(world)


def failure_of(runner: Runner) -> str:
    with pytest.raises(SmokeTestFailedError) as raised:
        runner.run()
    return str(raised.value)


def test_a_good_stack_passes_and_nothing_is_left(runner: Runner) -> None:
    runner.run()

    assert runner.world.everything() == [set()] * 5
    assert runner.events == [{"job_id": UNKNOWN_JOB_ID, "window": 0}]


def test_the_clip_is_in_no_table(runner: Runner) -> None:
    stored: set[str] = set()
    delete = runner.world.app.s3.delete_object

    def note_and_delete(**request: Any) -> Any:
        stored.add(request["Key"].rpartition("/")[2])
        assert not request["Key"].startswith("tables/")
        return delete(**request)

    runner.world.app.s3.delete_object = note_and_delete  # type: ignore[method-assign]
    runner.run()

    assert {"report.html", "job.json", "observations.jsonl.gz"} < stored


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda runner: setattr(runner, "found", PEOPLE[:1]), "people: the clip shows 2 people, and 1 were"),
        (
            lambda runner: setattr(runner, "works", False),
            "job: the job did not start in 1 s: StartTracking has",
        ),
        (
            lambda runner: runner.statuses.update(own=403),
            "API: the API answered HTTP 403 to a signed request",
        ),
        (lambda runner: runner.statuses.update(anonymous=200), "refusals: the API did not refuse"),
        (
            lambda runner: runner.statuses.update(unprivileged=200),
            "refusals: the API did not refuse requests with 403 of a caller without the policy: HTTP 200",
        ),
        (
            lambda runner: setattr(runner, "answers", [{"errorType": "Runtime.ImportModuleError"}]),
            "AssociateWindow: AssociateWindow answered {'errorType': 'Runtime.ImportModuleError'}",
        ),
    ],
)
def test_a_fault_fails_the_run_which_erases_its_clip_all_the_same(
    runner: Runner, change: Callable[[Runner], None], says: str
) -> None:
    change(runner)

    assert failure_of(runner).startswith(says)
    assert runner.world.everything() == [set()] * 5


def test_a_run_that_may_not_erase_fails_and_the_next_one_erases_its_clip(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(**_: object) -> None:
        raise client_error("AccessDenied", "DeleteObject", 403)

    with monkeypatch.context() as denied:
        denied.setattr(runner.world.app.s3, "delete_object", deny)
        assert failure_of(runner) == "erasure: AccessDenied: AccessDenied"
    assert len(runner.world.stored(VIDEOS)) == 1

    with monkeypatch.context() as later:
        # The time limit of the function has passed.
        later.setattr("people_pathing.smoke_test.scheduled.now_ms", lambda: 2**43)
        runner.run()

    assert runner.world.everything() == [set()] * 5


def test_the_clip_of_a_run_that_may_still_be_running_stays(runner: Runner) -> None:
    other = new_scheduled_key()
    runner.world.app.upload(other)
    runner.run()

    assert runner.world.stored(VIDEOS) == {other}


@pytest.mark.parametrize("other", [f"{SMOKE_PREFIX}of-a-user.mp4", f"{SCHEDULED_PREFIX}of-a-user.mp4"])
def test_the_clip_of_a_user_stays(runner: Runner, other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    runner.world.app.upload(other)
    monkeypatch.setattr("people_pathing.smoke_test.scheduled.now_ms", lambda: 2**43)
    runner.run()

    assert runner.world.stored(VIDEOS) == {other}


def test_a_run_whose_clip_had_no_turn_does_not_fail_and_withdraws_it(runner: Runner) -> None:
    runner.world.app.service.limit = 0
    runner.run()

    assert runner.world.everything() == [set()] * 5
    assert runner.world.app.service.jobs == {}


def upload_of_users(runner: Runner, *keys: str) -> None:
    """Uploads videos of users. The first one takes the only slot."""
    app = runner.world.app
    app.service.limit = 1
    for key in keys:
        app.on_upload(app.upload(key))


@pytest.mark.parametrize("waiting", [(), ("waiting.mp4",), ("waiting.mp4", "another.mp4")])
def test_a_run_whose_clip_waits_behind_videos_of_users_does_not_fail(
    runner: Runner, waiting: tuple[str, ...]
) -> None:
    upload_of_users(runner, "running.mp4", *waiting)
    runner.run()

    assert runner.world.stored(VIDEOS) == {"running.mp4", *waiting}
    assert {record.key for record in runner.world.app.records()} == {"running.mp4", *waiting}


def test_a_run_whose_clip_gets_its_turn_late_is_complete(runner: Runner) -> None:
    upload_of_users(runner, "running.mp4", "waiting.mp4")
    runner.ends_others_after = 3
    runner.found = PEOPLE[:1]

    assert failure_of(runner).startswith("people: the clip shows 2 people, and 1 were")


def test_a_run_does_not_fail_while_the_service_throttles_starts(runner: Runner) -> None:
    def throttle(operation: str) -> None:
        raise ServiceError("ThrottlingException", f"{operation} is called too often")

    runner.world.app.service.before = throttle
    runner.run()

    assert runner.world.everything() == [set()] * 5


@pytest.mark.parametrize("status", ["own", "unprivileged"])
def test_a_run_does_not_fail_if_the_api_has_no_free_execution(runner: Runner, status: str) -> None:
    runner.statuses[status] = 429
    runner.run()

    assert runner.world.everything() == [set()] * 5


def quota_is_full(reason: str = "ConcurrentInvocationLimitExceeded") -> ClientError:
    error = client_error("TooManyRequestsException", "Invoke", 429, "Rate Exceeded.")
    error.response["Reason"] = reason  # type: ignore[typeddict-unknown-key]
    return error


def test_a_run_does_nothing_while_the_account_has_no_free_execution(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("people_pathing.smoke_test.scheduled._WAKING_S", 0)
    runner.answers = [quota_is_full()]
    runner.works = False
    runner.run()

    assert runner.world.everything() == [set()] * 5


def test_a_peak_that_passes_does_not_end_the_run(runner: Runner) -> None:
    runner.answers = [quota_is_full(), JOB_ENDED]
    runner.found = PEOPLE[:1]

    assert failure_of(runner).startswith("people: ")


def test_a_function_that_was_turned_off_fails_the_run(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("people_pathing.smoke_test.scheduled._WAKING_S", 0)
    runner.answers = [quota_is_full("ReservedFunctionConcurrentInvocationLimitExceeded")]

    assert failure_of(runner).startswith("AssociateWindow: AssociateWindow could not be invoked: TooMany")


def test_a_full_service_hides_no_other_failure(runner: Runner) -> None:
    runner.world.app.service.limit = 0
    runner.answers = [{"errorType": "KeyError"}]

    assert failure_of(runner) == "AssociateWindow: AssociateWindow answered {'errorType': 'KeyError'}"


def test_a_function_that_lambda_has_made_inactive_is_called_again(runner: Runner) -> None:
    inactive = client_error("ResourceConflictException", "Invoke", 409)
    runner.answers = [inactive, inactive, JOB_ENDED]
    runner.run()

    assert len(runner.events) == 3


def test_another_service_is_tested_without_what_the_stack_does_not_have(runner: Runner) -> None:
    runner.statuses["anonymous"] = 200
    stack = runner.world.stack
    object.__setattr__(stack, "artifact_bucket", None)
    object.__setattr__(stack, "job_store", None)
    runner.run(has_own_service=False)

    assert runner.events == []
    assert runner.world.everything() == [set()] * 5


# ---- composition and handler

OWN_SERVICE = {
    "VIDEO_BUCKET": "videos",
    "RESULTS_BUCKET": "results",
    "JOB_TABLE": "jobs",
    "API_URL": "https://abc.lambda-url.eu-west-1.on.aws/",
    "SIGNING_NAME": "lambda",
    "ARTIFACT_BUCKET": "artifacts",
    "JOB_STORE_TABLE": "store",
    "UNPRIVILEGED_ROLE_ARN": "arn:aws:iam::123456789012:role/unprivileged",
    "ASSOCIATE_WINDOW_FUNCTION": "associate",
}
SESSION = boto3.Session("AKIA", "secret", region_name="eu-west-1")


def test_a_stack_with_its_own_service_is_composed_from_the_environment() -> None:
    test = compose(OWN_SERVICE, SESSION)

    assert (test.stack.video_bucket, test.stack.artifact_bucket) == ("videos", "artifacts")
    assert (test.api.region, test.api.signing_name) == ("eu-west-1", "lambda")
    assert test.unprivileged is not None
    assert test.associate_window is not None


def test_a_stack_that_calls_another_service_needs_fewer_settings() -> None:
    five = dict(list(OWN_SERVICE.items())[:4])
    test = compose({**five, "SIGNING_NAME": "rekognition"}, SESSION)

    assert test.stack.artifact_bucket is None
    assert (test.unprivileged, test.associate_window) == (None, None)


@pytest.mark.parametrize("reason", ["ConcurrentInvocationLimitExceeded", None])
def test_a_call_of_associate_window_is_made_once_and_says_why_it_was_throttled(reason: str | None) -> None:
    calls: list[str] = []

    def throttle(request: Any, **_: object) -> Any:
        calls.append(request.url)
        body = io.BytesIO(json.dumps({"message": "Rate Exceeded.", "Reason": reason}).encode())
        body.stream = lambda: iter([body.getvalue()])  # type: ignore[attr-defined]
        headers = HTTPHeaders.from_dict({"x-amzn-ErrorType": "TooManyRequestsException"})
        return AWSResponse(request.url, 429, headers, body)

    session = boto3.Session("AKIA", "secret", region_name="eu-west-1")
    session.events.register("before-send.lambda.Invoke", throttle)
    associate = compose(OWN_SERVICE, session).associate_window
    assert associate is not None

    with pytest.raises(ClientError) as raised:
        associate(b"{}")

    assert len(calls) == 1
    assert raised.value.response.get("Reason") == reason


@pytest.mark.parametrize("name", OWN_SERVICE)
def test_a_setting_that_is_missing_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        compose({key: value for key, value in OWN_SERVICE.items() if key != name}, SESSION)


def test_the_handler_gives_the_run_the_time_that_the_function_has(monkeypatch: pytest.MonkeyPatch) -> None:
    limits_s: list[float] = []

    class Recorded:
        def run(self, limit_s: float) -> None:
            limits_s.append(limit_s)

    class Context(LambdaContext):
        _function_name = _invoked_function_arn = _aws_request_id = "-"
        _memory_limit_in_mb = 256

        @staticmethod
        def get_remaining_time_in_millis() -> int:
            return 900_000

    monkeypatch.setattr(handler, "scheduled_test", Recorded)
    handler.handler({}, Context())

    assert limits_s == [900.0]
