"""The last step: recording the outcome, releasing the slot, publishing the completion notice."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto.sns.models import sns_backends

from people_pathing.service.handlers import finish
from people_pathing.service.notification import CallerRoles
from tests.fakes.aws_errors import client_error
from tests.unit.service.fakes import Call
from tests.unit.service.in_memory_service import CHANNEL, Service
from tests.unit.service.world import (
    ACCOUNT,
    CONTEXT,
    JOB_STORE_TABLE,
    REGION,
    VIDEO_BUCKET,
    VIDEO_NAME,
    World,
    call,
)


def notices(world: World) -> list[dict[str, Any]]:
    """Returns the notices that were published to the completion topic."""
    topic = sns_backends[ACCOUNT][REGION].topics[world.topic_arn]
    return [json.loads(sent[1]) for sent in topic.sent_notifications]


def lambda_error(kind: str, message: str) -> dict[str, str]:
    """Returns an error as a Catch of the state machine passes it on."""
    cause = {"errorMessage": message, "errorType": kind, "requestId": "r", "stackTrace": ["File secret.py"]}
    return {"Error": kind, "Cause": json.dumps(cause)}


def test_a_notice_of_success_has_exactly_the_members_of_the_retired_service(world: World) -> None:
    job_id = world.start(NotificationChannel=world.channel, JobTag="ramp")

    assert finish.publish({"job_id": job_id, "status": "SUCCEEDED"}, CONTEXT) == {
        "job_id": job_id,
        "status": "SUCCEEDED",
    }

    (notice,) = notices(world)
    assert isinstance(notice.pop("Timestamp"), int)
    assert notice == {
        "JobId": job_id,
        "Status": "SUCCEEDED",
        "API": "StartPersonTracking",
        "JobTag": "ramp",
        "Video": {"S3ObjectName": VIDEO_NAME, "S3Bucket": VIDEO_BUCKET},
    }


def test_a_notice_without_a_tag_omits_it_and_a_failure_has_a_message(world: World) -> None:
    job_id = world.start(NotificationChannel=world.channel)

    finish.publish({"job_id": job_id, "status": "FAILED", "message": "no video"}, CONTEXT)

    (notice,) = notices(world)
    assert set(notice) == {"JobId", "Status", "API", "Timestamp", "Video", "Message"}
    assert (notice["Status"], notice["Message"]) == ("FAILED", "no video")


def test_a_job_without_a_channel_publishes_no_notice(world: World) -> None:
    job_id = world.start()

    finish.publish({"job_id": job_id, "status": "SUCCEEDED"}, CONTEXT)

    assert notices(world) == []


def test_the_slot_is_released_before_the_notice_is_published(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = world.start(NotificationChannel=world.channel)
    assert world.jobs.register().running == {job_id}

    monkeypatch.setattr(CallerRoles, "credentials", _denied)
    finish.publish({"job_id": job_id, "status": "SUCCEEDED"}, CONTEXT)

    register = world.jobs.register()
    assert not register.running
    assert register.ending == {job_id}


@pytest.mark.parametrize(
    ("status", "metric"), [("SUCCEEDED", "JobSucceeded"), ("FAILED", "JobFailed"), ("ERROR", "JobError")]
)
def test_an_ended_job_is_counted_and_logged_by_its_status(
    world: World,
    capsys: pytest.CaptureFixture[str],
    log_lines: Callable[[], list[dict[str, Any]]],
    status: str,
    metric: str,
) -> None:
    job_id = world.start()
    capsys.readouterr()

    finish.publish({"job_id": job_id, "status": status, "message": "why"}, CONTEXT)

    line = log_lines()[-1]
    assert (line["message"], line["status"], line["job_id"]) == ("ended", status, job_id)
    output = capsys.readouterr().out
    assert f'"{metric}":[1.0]' in output
    assert "NoticeRejected" not in output


def test_an_end_is_counted_before_the_notice_is_published(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Publishing may stall until the function is killed. What is counted at its end is lost then."""
    job_id = world.start(NotificationChannel=world.channel)
    written: list[str] = []

    def stall(*_: object) -> None:
        written.append(capsys.readouterr().out)
        raise client_error("Throttling", "AssumeRole")

    monkeypatch.setattr(CallerRoles, "credentials", stall)
    finish.publish({"job_id": job_id, "status": "SUCCEEDED"}, CONTEXT)

    assert '"JobSucceeded":[1.0]' in written[0]
    assert "JobSucceeded" not in capsys.readouterr().out


def test_a_rejected_notice_is_counted_and_stays_owed(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    job_id = world.start(NotificationChannel=world.channel)
    world.session.client("sns").delete_topic(TopicArn=world.topic_arn)

    ended = finish.publish({"job_id": job_id, "status": "SUCCEEDED"}, CONTEXT)

    assert ended["status"] == "SUCCEEDED"
    assert '"NoticeRejected":[1.0]' in capsys.readouterr().out
    assert world.jobs.register().ending == {job_id}


@pytest.mark.parametrize("kind", ["VideoError", "VideoRejectedError"])
def test_a_fault_of_the_video_is_reported_to_its_owner(world: World, kind: str) -> None:
    job_id = world.start()

    ended = finish.publish(
        {"job_id": job_id, "error": lambda_error(kind, "s3://videos/a: no video")}, CONTEXT
    )

    assert ended == {"job_id": job_id, "status": "FAILED", "message": "s3://videos/a: no video"}
    answer = call("GetPersonTracking", {"JobId": job_id}).body
    assert (answer["JobStatus"], answer["StatusMessage"]) == ("FAILED", "s3://videos/a: no video")


@pytest.mark.parametrize(
    "error",
    [
        lambda_error("KeyError", "secret"),
        {"Error": "Lambda.Unknown", "Cause": "secret, and not JSON"},
        {"Error": "States.Timeout", "Cause": ""},
        {"Error": "Sandbox.Timedout", "Cause": '{"errorMessage": "secret"}'},
    ],
)
def test_a_fault_of_the_service_is_an_error_without_details(world: World, error: dict[str, str]) -> None:
    job_id = world.start()

    ended = finish.publish({"job_id": job_id, "error": error}, CONTEXT)

    assert ended == {
        "job_id": job_id,
        "status": "ERROR",
        "message": "The service failed to process the video.",
    }
    assert call("GetPersonTracking", {"JobId": job_id}).body["JobStatus"] == "FAILED"


def test_only_the_log_has_the_cause_of_a_fault_of_the_service(
    world: World, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    job_id = world.start()
    error = lambda_error("KeyError", "secret")

    finish.publish({"job_id": job_id, "error": error}, CONTEXT)

    line = next(line for line in log_lines() if line["message"] == "a step failed")
    assert (line["level"], line["job_id"]) == ("WARNING", job_id)
    assert line["error"] == error


def test_the_first_outcome_counts(world: World) -> None:
    job_id = world.start(NotificationChannel=world.channel)
    finish.publish({"job_id": job_id, "error": lambda_error("VideoError", "no video")}, CONTEXT)

    late = finish.publish({"job_id": job_id, "status": "SUCCEEDED"}, CONTEXT)

    assert late == {"job_id": job_id, "status": "FAILED", "message": "no video"}
    assert [notice["Status"] for notice in notices(world)] == ["FAILED"]
    assert call("GetPersonTracking", {"JobId": job_id}).body["JobStatus"] == "FAILED"


def test_the_last_step_may_be_repeated_and_publishes_and_counts_once(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    job_id = world.start(NotificationChannel=world.channel)
    capsys.readouterr()

    for _ in range(2):
        finish.publish({"job_id": job_id, "status": "SUCCEEDED"}, CONTEXT)

    assert [notice["JobId"] for notice in notices(world)] == [job_id]
    assert capsys.readouterr().out.count('"JobSucceeded":[1.0]') == 1


def test_a_repeated_try_after_a_rejected_notice_counts_the_end_once(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    job_id = world.start(NotificationChannel=world.channel)
    capsys.readouterr()
    with monkeypatch.context() as patched:
        patched.setattr(CallerRoles, "credentials", _denied)
        finish.publish({"job_id": job_id, "status": "SUCCEEDED"}, CONTEXT)

    finish.publish({"job_id": job_id, "status": "SUCCEEDED"}, CONTEXT)

    assert len(notices(world)) == 1
    assert capsys.readouterr().out.count('"JobSucceeded":[1.0]') == 1


def test_an_end_whose_reply_was_lost_is_still_counted() -> None:
    """The SDK repeats the update, and the repeated one fails its condition."""
    service = Service()
    job_id = service.start(NotificationChannel=CHANNEL)
    update = service.dynamodb.as_client().update_item

    def twice(**arguments: Any) -> Any:
        update(**arguments)
        return update(**arguments)

    service.dynamodb.update_item = twice  # type: ignore[attr-defined]

    assert service.jobs.end(job_id, "SUCCEEDED", None, "execution").is_first
    assert not service.jobs.end(job_id, "SUCCEEDED", None, "execution").is_first


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="https://nowhere"),
        client_error("InternalServerError", "UpdateItem", 500),
    ],
    ids=["no-reply", "server-error"],
)
def test_an_end_is_counted_if_all_attempts_of_the_update_lost_their_replies(error: Exception) -> None:
    """The retry of the step ends the job with another random value, so it would not count the end."""
    service = Service()
    job_id = service.start(NotificationChannel=CHANNEL)
    _lose_reply_of_update(service, error)

    assert service.jobs.end(job_id, "SUCCEEDED", None, "execution").is_first
    assert not service.jobs.end(job_id, "SUCCEEDED", None, "execution").is_first


def test_an_end_whose_effect_is_unknown_fails_the_step() -> None:
    """The table does not answer the question either."""
    service = Service()
    job_id = service.start(NotificationChannel=CHANNEL)
    _lose_reply_of_update(service, client_error("InternalServerError", "UpdateItem", 500))

    def fail(call: Call) -> None:
        if call.operation == "GetItem":
            raise client_error("ServiceUnavailable", "GetItem", 503)

    service.log.before = fail
    with pytest.raises(ClientError, match="InternalServerError"):
        service.jobs.end(job_id, "SUCCEEDED", None, "execution")

    service.log.before = lambda call: None
    ending = service.jobs.end(job_id, "FAILED", "why", "execution")
    assert (ending.is_first, ending.job and ending.job.state) == (False, "SUCCEEDED")


def test_an_end_that_did_not_take_effect_fails_the_step() -> None:
    service = Service()
    job_id = service.start(NotificationChannel=CHANNEL)

    service.log.before = _fail_updates
    with pytest.raises(ClientError, match="InternalServerError"):
        service.jobs.end(job_id, "SUCCEEDED", None, "execution")

    service.log.before = lambda call: None
    assert service.jobs.end(job_id, "SUCCEEDED", None, "execution").is_first


def _fail_updates(call: Call) -> None:
    """Makes every update fail before it takes effect."""
    if call.operation == "UpdateItem":
        raise client_error("InternalServerError", "UpdateItem", 500)


def _lose_reply_of_update(service: Service, error: Exception) -> None:
    """Lets the next update take effect and fail all the same."""
    update = service.dynamodb.as_client().update_item

    def lose_reply(**arguments: Any) -> Any:
        service.dynamodb.update_item = update  # type: ignore[attr-defined]
        update(**arguments)
        raise error

    service.dynamodb.update_item = lose_reply  # type: ignore[attr-defined]


def test_an_unreachable_job_store_fails_the_step_and_the_slot_stays_taken() -> None:
    """The state machine retries the step for most of a day."""
    service = Service()
    job_id = service.start(NotificationChannel=CHANNEL)

    service.log.before = _fail_updates
    with pytest.raises(ClientError, match="InternalServerError"):
        service.publish(job_id)

    assert service.jobs.register().running == {job_id}
    assert service.notices() == []


def test_ending_a_job_that_does_not_exist_removes_it_from_the_register(world: World) -> None:
    job_id = world.start()
    world.session.client("dynamodb").delete_item(TableName=JOB_STORE_TABLE, Key={"pk": {"S": job_id[:32]}})

    assert finish.publish({"job_id": job_id, "status": "SUCCEEDED"}, CONTEXT)["status"] == "SUCCEEDED"
    assert world.jobs.register().running == frozenset()


def _denied(*_: Any) -> None:
    raise client_error("AccessDenied", "AssumeRole", 403)
