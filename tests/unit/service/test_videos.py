"""The videos that callers may name, as S3 describes them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from people_pathing.service.job import VideoObject
from people_pathing.service.protocol.errors import InvalidS3ObjectException, VideoTooLargeException
from people_pathing.service.videos import MAX_VIDEO_BYTES, Videos


class _Head:
    """An S3 that answers every HeadObject with the same object."""

    def __init__(self, size_bytes: int, status: int = 200, **members: str) -> None:
        self.size_bytes = size_bytes
        self.status = status
        self.members = members

    def head_object(self, **_: Any) -> dict[str, Any]:
        if self.status != 200:
            raise ClientError(
                {"Error": {"Code": str(self.status)}, "ResponseMetadata": {"HTTPStatusCode": self.status}},  # type: ignore[typeddict-item]
                "HeadObject",
            )
        return {"ContentLength": self.size_bytes, "ETag": "e", **self.members}


def test_a_video_with_more_than_10_gb_is_rejected() -> None:
    limit = 10 * 1024**3

    assert Videos(_Head(limit), ["b"]).find("b", "n", None).size_bytes == limit  # type: ignore[arg-type]
    with pytest.raises(VideoTooLargeException, match=f"has {limit + 1} bytes; at most {MAX_VIDEO_BYTES}"):
        Videos(_Head(limit + 1), ["b"]).find("b", "n", None)  # type: ignore[arg-type]


def test_an_empty_object_is_rejected() -> None:
    with pytest.raises(InvalidS3ObjectException, match="s3://b/n is empty"):
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


@pytest.mark.parametrize("status", [400, 403, 404, 405])
def test_a_video_that_s3_does_not_describe_is_an_invalid_s3_object(status: int) -> None:
    with pytest.raises(InvalidS3ObjectException):
        Videos(_Head(1, status), ["b"]).find("b", "n", "v")  # type: ignore[arg-type]


def test_a_failure_of_s3_is_not_reported_as_the_callers_fault() -> None:
    with pytest.raises(ClientError):
        Videos(_Head(1, 503), ["b"]).find("b", "n", None)  # type: ignore[arg-type]


def test_the_object_is_pinned_to_the_version_and_etag_that_s3_reports() -> None:
    found = Videos(_Head(7, VersionId="v9"), ["b"]).find("b", "n", None)  # type: ignore[arg-type]

    assert found == VideoObject("b", "n", None, "v9", "e", 7)


def test_a_bucket_that_is_not_named_is_rejected_without_a_request() -> None:
    with pytest.raises(
        InvalidS3ObjectException, match=r"^s3://other/n \(version v\) is in a bucket that this"
    ):
        Videos(None, ["b"]).find("other", "n", "v")  # type: ignore[arg-type]
