import json
from typing import Any

import pytest

from people_pathing.pipeline.completion_notice import (
    CompletionStatus,
    InvalidNoticeError,
    JobCompletion,
    messages_in,
    parse_notice,
)
from people_pathing.pipeline.s3_events import UploadedVideo, parse_record
from tests.fakes.pipeline import event


def _parsed(name: str) -> JobCompletion:
    (message,) = messages_in(event(name))
    return parse_notice(message)


def _notice(**changes: Any) -> str:
    (message,) = messages_in(event("sns-succeeded"))
    return json.dumps({**json.loads(str(message)), **changes})


def _video_id_of(name: str) -> str:
    upload = parse_record(event(name)["Records"][0])
    assert isinstance(upload, UploadedVideo)
    return upload.video.video_id


def test_a_notice_of_success_names_the_video_that_the_job_was_started_for() -> None:
    completion = _parsed("sns-succeeded")
    assert completion.status is CompletionStatus.SUCCEEDED
    assert completion.video_id == _video_id_of("s3-put")
    assert completion.message is None


def test_a_notice_of_failure_contains_the_reason() -> None:
    completion = _parsed("sns-failed")
    assert completion.status is CompletionStatus.FAILED
    assert completion.video_id == _video_id_of("s3-multipart")
    assert completion.message == "entrance/2026-01-31-whole-day.mov holds no video that can be decoded"


def test_a_notice_may_have_no_tag() -> None:
    notice = json.loads(_notice())
    del notice["JobTag"]
    assert parse_notice(json.dumps(notice)).video_id is None


@pytest.mark.parametrize(
    ("message", "named"),
    [
        (None, "a completion notice"),
        ("", "a completion notice"),
        ("[]", "a completion notice"),
        ("[" * 100_000, "a completion notice"),
        (_notice(Status="DONE"), "Status"),
        (_notice(Status=None), "Status"),
        (_notice(JobId=""), "JobId"),
        (_notice(API=7), "API"),
        (_notice(JobTag=["x"]), "JobTag"),
        (_notice(Message={"a": 1}), "Message"),
    ],
)
def test_the_error_for_a_malformed_notice_names_the_field(message: object, named: str) -> None:
    with pytest.raises(InvalidNoticeError, match=named):
        parse_notice(message)


@pytest.mark.parametrize("malformed", [None, [], {}, {"Records": {}}])
def test_a_malformed_event_is_an_error(malformed: object) -> None:
    with pytest.raises(InvalidNoticeError, match="an SNS event"):
        list(messages_in(malformed))
