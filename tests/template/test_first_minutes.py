"""Plays a new stack's first minutes, in which AWS still refuses calls of its roles.

"Changes that I make are not always immediately visible" in the IAM User Guide says why: IAM copies new roles
and policies to all servers in the background. For jobs' steps, see tests/unit/service/test_state_machine.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from people_pathing.pipeline.job_record import JobState
from people_pathing.service.protocol.answering import answer
from tests.fakes.aws_errors import client_error
from tests.fakes.pipeline import VIDEOS
from tests.template.test_alarms import Installation, failing_with, new
from tests.unit.service.in_memory_service import CHANNEL
from tests.unit.service.world import VIDEO, url_event

__all__ = ["new"]

# What the API answers while its own role lacks a right, by the call that AWS refuses.
ANSWERS = {
    "GetItem": "InternalServerError",
    "TransactWriteItems": "InternalServerError",
    "HeadObject": "InvalidS3ObjectException",
    "AssumeRole": "AccessDeniedException",
}
# What the Function URL answers while IAM does not know the caller's right: the code may be missing.
REFUSED_CALLERS = ("AccessDeniedException", "403")
REQUEST = url_event("StartPersonTracking", json.dumps({"Video": VIDEO, "NotificationChannel": CHANNEL}))


def denying(*operations: str) -> Callable[[Any], None]:
    def deny(call: Any) -> None:
        if call.operation in operations:
            code = (
                "AccessDenied" if call.operation in ("HeadObject", "AssumeRole") else "AccessDeniedException"
            )
            raise client_error(code, call.operation, 403)

    return deny


@pytest.mark.parametrize(("call", "code"), ANSWERS.items())
def test_the_api_refuses_without_accepting_a_job_and_accepts_the_same_call_later(
    new: Installation, call: str, code: str
) -> None:
    service = new.service
    service.log.before = denying(call)
    refused = answer(REQUEST, "request", service.operations)
    service.log.before = lambda _call: None
    accepted = answer(REQUEST, "request", service.operations)

    assert json.loads(refused["body"])["__type"].endswith(code)
    assert service.states.statuses.keys() == {json.loads(accepted["body"])["JobId"]}


def test_an_accepted_job_starts_once_the_api_or_the_sweep_may_start_executions(new: Installation) -> None:
    new.service.log.before = denying("StartExecution", "ListExecutions", "DescribeExecution")
    assert new.call_api("StartPersonTracking", {"Video": VIDEO}) == 200
    assert not new.service.states.statuses
    new.pass_minutes(3)
    new.service.log.before = lambda _call: None
    new.pass_minutes(10)

    assert len(new.service.states.statuses) == 1
    assert new.rung == set()


@pytest.mark.parametrize("code", sorted({*ANSWERS.values(), *REFUSED_CALLERS}))
def test_a_video_waits_while_the_api_refuses_it_and_no_alarm_rings(new: Installation, code: str) -> None:
    new.pipeline.service.before = failing_with(code)
    new.upload()
    new.pass_minutes(8)
    [waiting] = new.pipeline.records()
    new.pipeline.service.before = lambda _operation: None
    new.pass_minutes(6)

    [started] = new.pipeline.records()
    assert (waiting.state, started.state) == (JobState.WAITING, JobState.IN_PROGRESS)
    assert new.rung == set()


def test_an_upload_that_cannot_be_recorded_at_once_is_recorded_by_a_retry(new: Installation) -> None:
    attempts = []
    s3_event = new.pipeline.upload("street.mp4")

    def start() -> None:
        attempts.append(s3_event)
        if len(attempts) < 3:
            raise client_error("AccessDeniedException", "PutItem", 400)
        new.pipeline.on_upload(s3_event)

    new.stack.send_event("StartTracking", start)
    new.pass_minutes(10)

    [record] = new.pipeline.records()
    assert (record.bucket, record.state) == (VIDEOS, JobState.IN_PROGRESS)
    assert new.rung == set()
