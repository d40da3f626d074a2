"""Completion notices: the SNS messages that the service publishes when a job ends.

Format: https://docs.aws.amazon.com/rekognition/latest/dg/async-video-api-notifications.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

API = "StartPersonTracking"
"""The notice names the operation that started the job. The topic may serve other operations, too."""


class InvalidNoticeError(ValueError):
    """An SNS event, or a message in it, does not have the documented form."""


@dataclass(frozen=True, slots=True)
class JobCompletion:
    """A notice that a job has ended.

    Anyone who may publish to the topic can send a notice, so it is only a reason to look. How the job ended
    is what GetPersonTracking says.

    Attributes:
        job_id: the service's id of the job.
        video_id: the job's tag, which is the video id if the pipeline started the job, or None.
    """

    job_id: str
    video_id: str | None


@dataclass(frozen=True, slots=True)
class OtherNotice:
    """A notice about a job of another operation."""

    api: str


def messages_in(event: object) -> Iterator[object]:
    """Returns the SNS messages in a Lambda event. Raises InvalidNoticeError if it is not an SNS event."""
    records = event.get("Records") if isinstance(event, Mapping) else None
    if not isinstance(records, list):
        raise InvalidNoticeError(f"an SNS event has a list of Records, but this event is {event!r:.200}")
    for record in records:
        sns = record.get("Sns") if isinstance(record, Mapping) else None
        yield sns.get("Message") if isinstance(sns, Mapping) else None


def parse_notice(message: object) -> JobCompletion | OtherNotice:
    """Parses a message. Raises InvalidNoticeError, which names the field that is missing or wrong."""
    try:
        notice = json.loads(message) if isinstance(message, str) else None
    except (ValueError, RecursionError):
        notice = None
    if not isinstance(notice, dict):
        raise InvalidNoticeError(
            f"a completion notice is a JSON object, but this message is {message!r:.200}"
        )
    api = _text(notice, "API")
    if api != API:
        return OtherNotice(api)
    return JobCompletion(
        job_id=_text(notice, "JobId"),
        video_id=_text(notice, "JobTag") if notice.get("JobTag") is not None else None,
    )


def _text(notice: Mapping[str, Any], name: str) -> str:
    value = notice.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidNoticeError(f"{name} is {value!r:.200}; it must be a non-empty string")
    return value
