"""S3 event notifications: which of their records are uploaded videos.

Format: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote_plus

from people_pathing.pipeline.video import MAX_KEY_BYTES, Video

# fmt: off
NOT_VIDEO_SUFFIXES = frozenset(f".{name}" for name in (
    "csv", "doc", "docx", "htm", "html", "json", "jsonl", "log", "md", "pdf", "rtf", "srt", "tsv", "txt",
    "vtt", "xls", "xlsx", "xml", "yaml", "yml",
    "gz", "tar", "zip",
    "bmp", "jpeg", "jpg", "png", "webp",
))
# fmt: on
"""File name endings that no video has. The service examines the content of all other objects."""

EPOCH = datetime.fromtimestamp(0, UTC)


class InvalidEventError(ValueError):
    """An event, or a record in it, does not have the documented form."""


@dataclass(frozen=True, slots=True)
class UploadedVideo:
    """A video and the time of its upload, in milliseconds since the epoch."""

    video: Video
    uploaded_ms: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that starts no job, and the reason."""

    reason: str


def records_in(event: object) -> Iterator[object]:
    """Returns the records of an S3 event.

    The test message that S3 sends when notifications are configured has none.

    Raises:
        InvalidEventError: the event is not an S3 event.
    """
    if not isinstance(event, Mapping):
        raise InvalidEventError(f"an S3 event is an object with Records, but this event is {_shown(event)}")
    if event.get("Event") == "s3:TestEvent":
        return iter(())
    records = event.get("Records")
    if not isinstance(records, list):
        raise InvalidEventError(
            f"an S3 event has a list of Records, but this event has only {_shown(sorted(map(str, event)))}"
        )
    return iter(records)


def parse_record(record: object) -> UploadedVideo | Skipped:
    """Parses one record. Raises InvalidEventError, which names the field that is missing or wrong."""
    major, _, minor = _text(record, "eventVersion").partition(".")
    if major != "2" or not minor.isdecimal():
        raise InvalidEventError(f"eventVersion is {_shown(f'{major}.{minor}')}; it must be 2.x")
    event_name = _text(record, "eventName")
    if not event_name.removeprefix("s3:").startswith("ObjectCreated:"):
        return Skipped(f"{event_name} does not create an object")
    bucket = _text(record, "s3.bucket.name")
    encoded_key = _text(record, "s3.object.key")
    key = _decoded(encoded_key)
    size_bytes = _field(record, "s3.object.size")
    if not isinstance(size_bytes, int) or size_bytes < 0:
        raise InvalidEventError(f"s3.object.size is {_shown(size_bytes)}; it must be a number of bytes")
    if reason := skip_reason(key, size_bytes):
        return Skipped(reason)
    return UploadedVideo(_video(record, bucket, key), _epoch_ms(_text(record, "eventTime")))


def skip_reason(key: str, size_bytes: int) -> str | None:
    """Returns why an object cannot be a video, or None if only its content can tell."""
    if key.endswith("/"):
        return f"{key} ends in a slash, which marks a folder"
    if size_bytes == 0:
        return f"{key} is empty"
    suffix = PurePosixPath(key).suffix.lower()
    if suffix in NOT_VIDEO_SUFFIXES:
        return f"{key} is not a video: no video has a name that ends in {suffix}"
    return None


def _video(record: object, bucket: str, key: str) -> Video:
    version = _field(record, "s3.object.versionId")
    # While versioning is suspended, S3 gives every new object the version "null", so it identifies nothing.
    if version is None or version == "null":
        etag, sequencer = _text(record, "s3.object.eTag"), _text(record, "s3.object.sequencer")
        return Video.without_version(bucket, key, etag, sequencer)
    version = _text(record, "s3.object.versionId")
    return Video(bucket, key, version, version)


def _epoch_ms(time: str) -> int:
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        raise InvalidEventError(
            f"eventTime is {_shown(time)}; it must be a time like 2026-01-31T12:00:00.000Z"
        ) from None
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - EPOCH) // timedelta(milliseconds=1)


def _text(record: object, path: str) -> str:
    value = _field(record, path)
    if not isinstance(value, str) or not value:
        raise InvalidEventError(f"{path} is {_shown(value)}; it must be a non-empty string")
    return value


def _field(record: object, path: str) -> Any:
    value: object = record
    for name in path.split("."):
        if not isinstance(value, Mapping):
            raise InvalidEventError(f"{path} is missing from the record {_shown(record)}")
        value = value.get(name)
    return value


def _decoded(encoded_key: str) -> str:
    """Decodes a key. S3 encodes keys in events like the values of an HTML form."""
    try:
        key = unquote_plus(encoded_key, errors="strict")
        if len(key.encode()) <= MAX_KEY_BYTES:
            return key
    except UnicodeError:
        pass
    raise InvalidEventError(f"s3.object.key is {_shown(encoded_key)}; it must be 1 to 1024 bytes of UTF-8")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
