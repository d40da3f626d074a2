"""A job as it was requested, and its states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

RESULTS_KEPT_S = 7 * 24 * 3600
API_NAME = "StartPersonTracking"

JobState = Literal["RUNNING", "SUCCEEDED", "FAILED", "ERROR"]

CompletionStatus = Literal["SUCCEEDED", "FAILED", "ERROR"]
"""The Status of a completion notice. GetPersonTracking reports ERROR as FAILED."""


@dataclass(frozen=True, slots=True)
class VideoObject:
    """One version of one S3 object, pinned to the content that it had when the job started.

    Attributes:
        bucket: the bucket's name.
        name: the object's key; the API calls it Name.
        requested_version: the version that the caller named, or None.
        version: the version that S3 reported, or None if the bucket keeps no versions.
        etag: the ETag that S3 reported.
        size_bytes: the size that S3 reported.
    """

    bucket: str
    name: str
    requested_version: str | None
    version: str | None
    etag: str
    size_bytes: int

    @property
    def uri(self) -> str:
        """Returns the object's s3:// address, as messages and logs show it."""
        return f"s3://{self.bucket}/{self.name}"

    def as_requested(self) -> dict[str, Any]:
        """Returns the API's Video structure with the members that the caller gave."""
        version = {"Version": self.requested_version} if self.requested_version is not None else {}
        return {"S3Object": {"Bucket": self.bucket, "Name": self.name, **version}}


@dataclass(frozen=True, slots=True)
class NotificationChannel:
    """The topic for the completion notice, and the role that may publish to it."""

    topic_arn: str
    role_arn: str


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it was requested.

    Attributes:
        job_id: the JobId; also the name of the job's execution.
        account: the AWS account of the caller. Other accounts cannot see the job.
        video: the video to track.
        channel: where to publish the completion notice, or None.
        job_tag: the caller's JobTag, or None.
        secret: 64 hexadecimal digits that sign the job's page tokens. It never leaves the service.
        started_ms: when the job was accepted.
    """

    job_id: str
    account: str
    video: VideoObject
    channel: NotificationChannel | None
    job_tag: str | None
    secret: str
    started_ms: int
