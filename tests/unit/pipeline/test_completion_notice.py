import json
from typing import Any

import pytest

from people_pathing.pipeline.events.completion_notice import (
    InvalidNoticeError,
    JobCompletion,
    OtherNotice,
    messages_in,
    parse_notice,
)
from people_pathing.pipeline.events.s3_events import UploadedVideo, parse_record
from tests.fakes.pipeline import event


def _parsed(name: str) -> JobCompletion:
    (message,) = messages_in(event(name))
    notice = parse_notice(message)
    assert isinstance(notice, JobCompletion)
    return notice


def _notice(**changes: Any) -> str:
    (message,) = messages_in(event("sns-succeeded"))
    return json.dumps({**json.loads(str(message)), **changes})


def _video_id_of(name: str) -> str:
    upload = parse_record(event(name)["Records"][0])
    assert isinstance(upload, UploadedVideo)
    return upload.video.video_id


@pytest.mark.parametrize(("name", "upload"), [("sns-succeeded", "s3-put"), ("sns-failed", "s3-multipart")])
def test_a_notice_names_the_job_and_the_video_that_it_was_started_for(name: str, upload: str) -> None:
    (message,) = messages_in(event(name))
    job_id = json.loads(str(message))["JobId"]
    assert _parsed(name) == JobCompletion(job_id, _video_id_of(upload))


@pytest.mark.parametrize("status", ["FAILED", "DONE", None, 7])
def test_the_status_and_the_message_of_a_notice_are_not_read(status: object) -> None:
    assert parse_notice(_notice(Status=status, Message={"a": 1})) == _parsed("sns-succeeded")


@pytest.mark.parametrize("other_fields", [{}, {"Status": "RUNNING"}, {"JobId": None, "JobTag": 7}])
def test_a_notice_about_another_operation_may_have_any_form(other_fields: dict[str, Any]) -> None:
    assert parse_notice(json.dumps({"API": "StartFaceSearch", **other_fields})) == OtherNotice(
        "StartFaceSearch"
    )


def test_a_notice_may_have_no_tag() -> None:
    notice = json.loads(_notice())
    del notice["JobTag"]
    assert parse_notice(json.dumps(notice)) == JobCompletion(notice["JobId"], None)


@pytest.mark.parametrize(
    ("message", "named"),
    [
        (None, "a completion notice"),
        ("", "a completion notice"),
        ("[]", "a completion notice"),
        ("[" * 100_000, "a completion notice"),
        (_notice(JobId=""), "JobId"),
        (_notice(API=7), "API"),
        (_notice(JobTag=["x"]), "JobTag"),
        (_notice(API=None), "API"),
    ],
)
def test_the_error_for_a_malformed_notice_names_the_field(message: object, named: str) -> None:
    with pytest.raises(InvalidNoticeError, match=named):
        parse_notice(message)


@pytest.mark.parametrize("malformed", [None, [], {}, {"Records": {}}])
def test_a_malformed_event_is_an_error(malformed: object) -> None:
    with pytest.raises(InvalidNoticeError, match="an SNS event"):
        list(messages_in(malformed))
