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


def _token_of(name: str) -> str:
    upload = parse_record(event(name)["Records"][0])
    assert isinstance(upload, UploadedVideo)
    return upload.video.video_id


def test_a_notice_of_success_names_the_job_and_the_token_it_was_started_with() -> None:
    completion = _parsed("sns-succeeded")
    assert completion.status is CompletionStatus.SUCCEEDED
    assert completion.video_id == _token_of("s3-put")
    assert completion.message is None


def test_a_notice_of_failure_brings_the_reason() -> None:
    completion = _parsed("sns-failed")
    assert completion.status is CompletionStatus.FAILED
    assert completion.video_id == _token_of("s3-multipart")
    assert completion.message == "entrance/2026-01-31-whole-day.mov holds no video that can be decoded"


def test_a_notice_without_tag_is_a_notice() -> None:
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
def test_a_malformed_notice_is_refused_with_the_field_named(message: object, named: str) -> None:
    with pytest.raises(InvalidNoticeError, match=named):
        parse_notice(message)


@pytest.mark.parametrize("malformed", [None, [], {}, {"Records": {}}])
def test_a_malformed_event_is_refused(malformed: object) -> None:
    with pytest.raises(InvalidNoticeError, match="an SNS event"):
        list(messages_in(malformed))
