"""S3 event notifications: which of their records are uploaded videos.

Formats: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html for events from EventBridge.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from people_pathing.common.clock import epoch_ms
from people_pathing.pipeline.events.envelopes import BrokenEnvelope, InvalidEventError, shown
from people_pathing.pipeline.events.skip_reasons import skip_reason
from people_pathing.pipeline.video import MAX_KEY_BYTES, NO_VERSION, Video


@dataclass(frozen=True, slots=True)
class UploadedVideo:
    """A video that was uploaded.

    Attributes:
        video: the video.
        uploaded_ms: the time of the upload, in milliseconds since the epoch.
        is_empty: whether the object has no bytes, so that no job can track it.
    """

    video: Video
    uploaded_ms: int
    is_empty: bool = False


@dataclass(frozen=True, slots=True)
class CreatedObject:
    """An object that was stored."""

    bucket: str
    key: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that starts no job, and the reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class _Paths:
    """Where one of the two formats has what both of them say about an object."""

    bucket: str
    key: str
    size: str
    version: str
    etag: str
    sequencer: str
    time: str


S3_PATHS = _Paths(
    bucket="s3.bucket.name",
    key="s3.object.key",
    size="s3.object.size",
    version="s3.object.versionId",
    etag="s3.object.eTag",
    sequencer="s3.object.sequencer",
    time="eventTime",
)
EVENT_BRIDGE_PATHS = _Paths(
    bucket="detail.bucket.name",
    key="detail.object.key",
    size="detail.object.size",
    version="detail.object.version-id",
    etag="detail.object.etag",
    sequencer="detail.object.sequencer",
    time="time",
)


def parse_record(record: object) -> UploadedVideo | Skipped:
    """Parses one record. Raises InvalidEventError, which names the field that is missing or wrong."""
    paths = _paths_in(record)
    return paths if isinstance(paths, Skipped) else _upload(record, paths)


def parse_object(record: object) -> CreatedObject | Skipped:
    """Parses one record about an object that need not be a video. Raises InvalidEventError."""
    paths = _paths_in(record)
    if isinstance(paths, Skipped):
        return paths
    return CreatedObject(_text(record, paths.bucket), _key(record, paths))


def _paths_in(record: object) -> _Paths | Skipped:
    """Returns where a record has what it says about its object, unless it does not create one."""
    if isinstance(record, BrokenEnvelope):
        raise InvalidEventError(record.reason)
    if isinstance(record, Mapping) and "detail-type" in record:
        source, detail_type = _text(record, "source"), _text(record, "detail-type")
        if source != "aws.s3":
            raise InvalidEventError(f"source is {shown(source)}; it must be aws.s3")
        if detail_type != "Object Created":
            return Skipped(f"{detail_type} does not create an object")
        return EVENT_BRIDGE_PATHS
    major, _, minor = _text(record, "eventVersion").partition(".")
    if major != "2" or not minor.isdecimal():
        raise InvalidEventError(f"eventVersion is {shown(f'{major}.{minor}')}; it must be 2.x")
    event_name = _text(record, "eventName")
    if not event_name.removeprefix("s3:").startswith("ObjectCreated:"):
        return Skipped(f"{event_name} does not create an object")
    return S3_PATHS


def _upload(record: object, paths: _Paths) -> UploadedVideo | Skipped:
    bucket, key = _text(record, paths.bucket), _key(record, paths)
    size_bytes = _field(record, paths.size)
    if not isinstance(size_bytes, int) or size_bytes < 0:
        raise InvalidEventError(f"{paths.size} is {shown(size_bytes)}; it must be a number of bytes")
    if reason := skip_reason(key):
        return Skipped(reason)
    return UploadedVideo(
        _video(record, paths, bucket, key), _time_ms(record, paths.time), is_empty=size_bytes == 0
    )


def _video(record: object, paths: _Paths, bucket: str, key: str) -> Video:
    version = _field(record, paths.version)
    # While versioning is suspended, S3 gives every new object this version, so it identifies nothing.
    if version in (None, NO_VERSION):
        etag, sequencer = _text(record, paths.etag), _text(record, paths.sequencer)
        return Video.without_version(bucket, key, etag, sequencer)
    version = _text(record, paths.version)
    return Video(bucket, key, version, version)


def _time_ms(record: object, path: str) -> int:
    time = _text(record, path)
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        raise InvalidEventError(
            f"{path} is {shown(time)}; it must be a time like 2026-01-31T12:00:00.000Z"
        ) from None
    return epoch_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _text(record: object, path: str) -> str:
    value = _field(record, path)
    if not isinstance(value, str) or not value:
        raise InvalidEventError(f"{path} is {shown(value)}; it must be a non-empty string")
    return value


def _field(record: object, path: str) -> Any:
    value: object = record
    for name in path.split("."):
        if not isinstance(value, Mapping):
            raise InvalidEventError(f"{path} is missing from the record {shown(record)}")
        value = value.get(name)
    return value


def _key(record: object, paths: _Paths) -> str:
    """Returns the object's key. S3 encodes it like the value of an HTML form, but not for EventBridge."""
    text = _text(record, paths.key)
    with suppress(UnicodeError):
        key = unquote_plus(text, errors="strict") if paths is S3_PATHS else text
        if len(key.encode()) <= MAX_KEY_BYTES:
            return key
    raise InvalidEventError(f"{paths.key} is {shown(text)}; it must be 1 to 1024 bytes of UTF-8")
