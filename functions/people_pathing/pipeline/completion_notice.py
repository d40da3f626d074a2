"""Completion notices: what the service says when a job has ended."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

API = "StartPersonTracking"


class InvalidNoticeError(ValueError):
    """An SNS event, or a message in one, that does not have the documented form."""


class CompletionStatus(StrEnum):
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class JobCompletion:
    """A job has ended; `video_id` is the tag it was started with, if any, and `message` comes with failures."""

    job_id: str
    status: CompletionStatus
    api: str
    video_id: str | None
    message: str | None


def messages_in(event: object) -> Iterator[object]:
    """The SNS messages of a Lambda event. Raises InvalidNoticeError for anything else."""
    records = event.get("Records") if isinstance(event, Mapping) else None
    if not isinstance(records, list):
        raise InvalidNoticeError(f"an SNS event has a list of Records, and this is {event!r:.200}")
    for record in records:
        sns = record.get("Sns") if isinstance(record, Mapping) else None
        yield sns.get("Message") if isinstance(sns, Mapping) else None


def parse_notice(message: object) -> JobCompletion:
    """Raise InvalidNoticeError naming the field that is missing or wrong."""
    try:
        notice = json.loads(message) if isinstance(message, str) else None
    except (ValueError, RecursionError):
        notice = None
    if not isinstance(notice, dict):
        raise InvalidNoticeError(f"a completion notice is a JSON object, and this is {message!r:.200}")
    status = _text(notice, "Status")
    if status not in set(CompletionStatus):
        raise InvalidNoticeError(
            f"Status is {status!r:.200}, and should be one of {', '.join(CompletionStatus)}"
        )
    return JobCompletion(
        job_id=_text(notice, "JobId"),
        status=CompletionStatus(status),
        api=_text(notice, "API"),
        video_id=_text(notice, "JobTag") if notice.get("JobTag") is not None else None,
        message=_text(notice, "Message") if notice.get("Message") else None,
    )


def _text(notice: Mapping[str, Any], name: str) -> str:
    value = notice.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidNoticeError(f"{name} is {value!r:.200}, and should be text")
    return value
