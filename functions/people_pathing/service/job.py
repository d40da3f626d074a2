"""A job as it was asked for, what is planned for it, and how it ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

RESULTS_KEPT_MS = 7 * 24 * 3600 * 1000
API_NAME = "StartPersonTracking"

NoticeStatus = Literal["SUCCEEDED", "FAILED", "ERROR"]


@dataclass(frozen=True, slots=True)
class VideoObject:
    """The bytes that a job tracks: one object, pinned to what it held when the job began.

    requested_version   as the caller gave it, None if not
    version             what S3 calls the object's version, None where the bucket keeps none
    """

    bucket: str
    name: str
    requested_version: str | None
    version: str | None
    etag: str
    size_bytes: int

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.name}"

    def as_requested(self) -> dict[str, Any]:
        """The API's Video structure, as the caller gave it."""
        version = {"Version": self.requested_version} if self.requested_version is not None else {}
        return {"S3Object": {"Bucket": self.bucket, "Name": self.name, **version}}


@dataclass(frozen=True, slots=True)
class NotificationChannel:
    """Where a job's end is told, and the role that may tell it there."""

    topic_arn: str
    role_arn: str


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it was asked for.

    secret   hexadecimal; proves that a page token was issued for this job, never leaves the service
    """

    job_id: str
    account: str
    video: VideoObject
    channel: NotificationChannel | None
    job_tag: str | None
    secret: str
    started_at_ms: int

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        fields = json.loads(data)
        channel = fields.pop("channel")
        return cls(
            **fields | {"video": VideoObject(**fields["video"])},
            channel=None if channel is None else NotificationChannel(**channel),
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended without results."""

    status: NoticeStatus
    message: str
    ended_at_ms: int

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        return cls(**json.loads(data))


@dataclass(frozen=True, slots=True)
class Plan:
    """A video's metadata, and what of it is worked on side by side, as plain values.

    segments   people are looked for in each
    windows      people are tracked in each; none where that is left to the last step
    """

    metadata: Mapping[str, Any]
    segments: tuple[Mapping[str, Any], ...]
    windows: tuple[Mapping[str, Any], ...]

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        fields = json.loads(data)
        return cls(fields["metadata"], tuple(fields["segments"]), tuple(fields["windows"]))
