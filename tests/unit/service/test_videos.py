"""The videos that callers may name, as S3 describes them."""

from __future__ import annotations

import io
from typing import Any

import pytest
from botocore.exceptions import ClientError

from people_pathing.service.job import VideoObject
from people_pathing.service.protocol.errors import InvalidS3ObjectException, VideoTooLargeException
from people_pathing.service.videos.lookup import MAX_VIDEO_BYTES, Videos
from tests.fakes.aws_errors import client_error
from tests.unit.service.world import VIDEO_BUCKET, World

UNREADABLE = r"^Unable to get object metadata from S3\. Check object key, region and/or access permissions\. "
"""Begins the message for every object that S3 does not return, as it did in the retired service."""


class _Head:
    """An S3 that answers every HeadObject with the same object."""

    def __init__(self, size_bytes: int, **members: str) -> None:
        self.size_bytes = size_bytes
        self.members = members

    def head_object(self, **_: Any) -> dict[str, Any]:
        return {"ContentLength": self.size_bytes, "ETag": "e", **self.members}


class _Refusing:
    """An S3 that refuses every read. As in S3, the reply to HeadObject has a status and no code."""

    def __init__(self, status: int, code: str, message: str = "", **members: str) -> None:
        self.status = status
        self.error = client_error(code, "GetObject", status, message, **members)

    def head_object(self, **_: Any) -> None:
        raise client_error(str(self.status), "HeadObject", self.status, "Bad Request")

    def get_object(self, **arguments: Any) -> None:
        assert arguments["Range"] == "bytes=0-0"
        raise self.error


def test_a_video_with_more_than_10_gb_is_rejected() -> None:
    limit = 10 * 1024**3

    assert Videos(_Head(limit), ["b"]).find("b", "n", None).size_bytes == limit  # type: ignore[arg-type]
    with pytest.raises(
        VideoTooLargeException,
        match=f"^Video size in bytes: {limit + 1} is more than .*: {MAX_VIDEO_BYTES} bytes",
    ):
        Videos(_Head(limit + 1), ["b"]).find("b", "n", None)  # type: ignore[arg-type]


def test_an_empty_object_is_rejected() -> None:
    with pytest.raises(InvalidS3ObjectException, match=r"^Request has invalid S3 object\. s3://b/n is empty"):
        Videos(_Head(0), ["b"]).find("b", "n", None)  # type: ignore[arg-type]


def test_an_archived_video_is_rejected_until_it_is_restored() -> None:
    archived = _Head(1, StorageClass="GLACIER")
    restoring = _Head(1, StorageClass="GLACIER", Restore='ongoing-request="true"')
    restored = _Head(1, StorageClass="GLACIER", Restore='ongoing-request="false", expiry-date="..."')

    for s3 in (archived, restoring):
        with pytest.raises(InvalidS3ObjectException, match=r"s3://b/n is archived \(GLACIER\); restore it"):
            Videos(s3, ["b"]).find("b", "n", None)  # type: ignore[arg-type]
    assert Videos(restored, ["b"]).find("b", "n", None)  # type: ignore[arg-type]
    assert Videos(_Head(1, StorageClass="GLACIER_IR"), ["b"]).find("b", "n", None)  # type: ignore[arg-type]


@pytest.mark.parametrize("tier", ["ARCHIVE_ACCESS", "DEEP_ARCHIVE_ACCESS"])
def test_a_video_in_an_archive_tier_is_rejected_until_it_is_restored(tier: str) -> None:
    archived = _Head(1, StorageClass="INTELLIGENT_TIERING", ArchiveStatus=tier)
    restored = _Head(1, StorageClass="INTELLIGENT_TIERING")

    with pytest.raises(InvalidS3ObjectException, match=rf"s3://b/n is archived \({tier}\); restore it"):
        Videos(archived, ["b"]).find("b", "n", None)  # type: ignore[arg-type]
    assert Videos(restored, ["b"]).find("b", "n", None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("s3", "reason"),
    [
        (_Refusing(404, "NoSuchKey"), "it does not exist"),
        (_Refusing(404, "NoSuchVersion"), "it has no such version"),
        (_Refusing(404, "NoSuchBucket"), "it is in a bucket that does not exist"),
        (_Refusing(400, "InvalidArgument", "Invalid version id specified"), "it has no such version"),
        (_Refusing(405, "MethodNotAllowed"), "it is a delete marker"),
        (_Refusing(400, "KeyTooLongError"), "it has a name of more than 1,024 bytes"),
        (_Refusing(400, "InvalidURI"), "it has a name that S3 does not accept"),
        (_Refusing(403, "AccessDenied", "Access Denied"), "may not read; allow its role s3:GetObject"),
        (_Refusing(400, "KMS.DisabledException"), "a key that is disabled; enable the key"),
        (_Refusing(301, "PermanentRedirect"), "it is in a bucket of another region"),
    ],
)
def test_a_video_that_s3_does_not_describe_is_rejected_with_the_cause(s3: Any, reason: str) -> None:
    message = rf"{UNREADABLE}s3://b/n \(version v\) cannot be read: .*{reason}"
    with pytest.raises(InvalidS3ObjectException, match=message):
        Videos(s3, ["b"]).find("b", "n", "v")


def test_a_missing_object_and_a_bucket_that_is_not_served_have_different_messages(world: World) -> None:
    videos = Videos(world.s3, [VIDEO_BUCKET])

    with pytest.raises(
        InvalidS3ObjectException, match=rf"{UNREADABLE}s3://videos/no such video cannot .* does not exist$"
    ):
        videos.find(VIDEO_BUCKET, "no such video", None)
    with pytest.raises(
        InvalidS3ObjectException, match=rf"{UNREADABLE}s3://other/n is in .* parameter OtherVideoBuckets$"
    ):
        videos.find("other", "n", None)


@pytest.mark.parametrize(
    "s3", [_Refusing(503, "SlowDown"), _Refusing(403, "ExpiredToken"), _Refusing(403, "RequestTimeTooSkewed")]
)
def test_a_failure_of_s3_or_of_this_service_is_not_reported_as_the_callers_fault(s3: Any) -> None:
    with pytest.raises(ClientError):
        Videos(s3, ["b"]).find("b", "n", None)


def test_a_video_that_becomes_readable_between_two_calls_is_not_reported_as_unreadable() -> None:
    class Repaired(_Refusing):
        def get_object(self, **_: Any) -> Any:
            return {"Body": io.BytesIO(b"1")}

    with pytest.raises(ClientError, match="HeadObject"):
        Videos(Repaired(403, ""), ["b"]).find("b", "n", None)  # type: ignore[arg-type]


def test_the_object_is_pinned_to_the_version_and_etag_that_s3_reports() -> None:
    found = Videos(_Head(7, VersionId="v9"), ["b"]).find("b", "n", None)  # type: ignore[arg-type]

    assert found == VideoObject("b", "n", None, "v9", "e", 7)


def test_a_bucket_that_is_not_named_is_rejected_without_a_request() -> None:
    with pytest.raises(
        InvalidS3ObjectException, match=rf"{UNREADABLE}s3://other/n \(version v\) is in a bucket that this"
    ):
        Videos(None, ["b"]).find("other", "n", "v")  # type: ignore[arg-type]
