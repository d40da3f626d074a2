"""What the steps of a job take and return. The state machine passes these values on, so they stay small.

Step Functions allows 256 KiB between states. Data that grows with the video is therefore in the artifact
bucket, and tasks only name it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from people_pathing.common.json_values import to_json
from people_pathing.service.job import CompletionStatus

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

VIDEO_ERRORS = ("VideoError", "VideoRejectedError", "VideoUnreadableError")
"""The errors whose messages are written for the video's owner. The last one ends a job only after retries."""

INTERNAL_MESSAGE = "The service failed to process the video."


@dataclass(frozen=True, slots=True)
class JobTask:
    """Asks for a step that concerns a whole job: planning or linking."""

    job_id: str


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """Reports a stored plan.

    Attributes:
        job_id: the job.
        segments: the indexes of its segments.
        windows: the indexes of its tracking windows.
    """

    job_id: str
    segments: tuple[int, ...]
    windows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SegmentTask:
    """Asks for the detections in one segment.

    Attributes:
        job_id: the job.
        segment: the segment's index.
    """

    job_id: str
    segment: int


@dataclass(frozen=True, slots=True)
class DetectedSegment:
    """Reports stored detections.

    Attributes:
        segment: the segment's index.
        detections: how many there are.
    """

    segment: int
    detections: int


@dataclass(frozen=True, slots=True)
class WindowTask:
    """Asks for the association in one tracking window.

    Attributes:
        job_id: the job.
        window: the window's index.
    """

    job_id: str
    window: int


@dataclass(frozen=True, slots=True)
class AssociatedWindow:
    """Reports stored successors.

    Attributes:
        window: the window's index.
    """

    window: int


@dataclass(frozen=True, slots=True)
class FailedStep:
    """Reports that a step of a job failed, after all its retries.

    Attributes:
        job_id: the job.
        error: the name of the error, for example "VideoError" or "States.Timeout".
        cause: what Step Functions knows about it. For an exception in a Lambda function, this is JSON with
            the member errorMessage. Another entry point may give the message itself.
    """

    job_id: str
    error: str
    cause: str

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> Self:
        """Reads what a Catch of the state machine passes on."""
        return cls(event["job_id"], event["error"]["Error"], event["error"].get("Cause", ""))

    def outcome(self) -> EndedJob:
        """Returns how the job ended.

        If the video is the cause, that is FAILED with the reason. If the service is the cause, that is ERROR
        without details: they could name other callers' data.
        """
        if self.error in VIDEO_ERRORS:
            return EndedJob(self.job_id, "FAILED", self.message)
        return EndedJob(self.job_id, "ERROR", INTERNAL_MESSAGE)

    @property
    def message(self) -> str:
        """The error's message: errorMessage if the cause is Lambda's JSON, otherwise the cause itself."""
        try:
            message = json.loads(self.cause)["errorMessage"]
        except (ValueError, TypeError, KeyError):
            return self.cause
        return message if isinstance(message, str) else self.cause


@dataclass(frozen=True, slots=True)
class EndedJob:
    """Reports how a job ended.

    Attributes:
        job_id: the job.
        status: the status of the completion notice.
        message: the reason, unless the job succeeded.
    """

    job_id: str
    status: CompletionStatus
    message: str | None = None


def to_event(value: DataclassInstance) -> dict[str, Any]:
    """Returns a value as the state machine passes it on: JSON without members that are None."""
    members: dict[str, Any] = json.loads(to_json(value))
    return {name: member for name, member in members.items() if member is not None}
