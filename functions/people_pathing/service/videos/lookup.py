"""The videos that callers may name: where they may be, and what S3 says about them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from people_pathing.common.aws_errors import error_code
from people_pathing.common.s3_archives import archive_of
from people_pathing.service.job import VideoObject
from people_pathing.service.protocol.errors import InvalidS3ObjectException, VideoTooLargeException
from people_pathing.service.videos.access import access_problem, archived_reason

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_s3.type_defs import (
        GetObjectRequestTypeDef,
        HeadObjectOutputTypeDef,
        HeadObjectRequestTypeDef,
    )

MAX_VIDEO_BYTES = 10 * 1024**3

RESTORED = 'ongoing-request="false"'
"""Part of S3's x-amz-restore header while a restored copy of an archived object can be read."""


class Videos:
    """Finds the objects that callers name in Video.

    Args:
        s3: a client with rights to the buckets.
        buckets: the only buckets that callers may name. The service reads with its own rights, so a caller
            could otherwise read any bucket that the service can.
    """

    def __init__(self, s3: S3Client, buckets: Collection[str]) -> None:
        self._s3 = s3
        self._buckets = buckets

    def find(self, bucket: str, name: str, version: str | None) -> VideoObject:
        """Returns the object as it is now.

        Raises:
            InvalidS3ObjectException: the object is missing, unreadable, empty or archived, or its bucket is
                not one of the named ones. The message says which of these.
            VideoTooLargeException: the object has more than 10 GB.
        """
        uri = f"s3://{bucket}/{name}" + ("" if version is None else f" (version {version})")
        if bucket not in self._buckets:
            raise InvalidS3ObjectException.unreadable(
                f"{uri} is in a bucket that this service does not serve; "
                "name the bucket in the stack's parameter OtherVideoBuckets"
            )
        arguments: HeadObjectRequestTypeDef = {"Bucket": bucket, "Key": name}
        if version is not None:
            arguments["VersionId"] = version
        try:
            head = self._s3.head_object(**arguments)
        except ClientError as error:
            problem = access_problem(self._full_error(error, bucket, name, version))
            if problem is None:
                raise
            raise InvalidS3ObjectException.unreadable(f"{uri} cannot be read: it {problem.reason}") from error
        if archive := _archive(head):
            raise InvalidS3ObjectException.unusable(f"{uri} {archived_reason(archive)}")
        if head["ContentLength"] == 0:
            raise InvalidS3ObjectException.unusable(f"{uri} is empty; it must be a video")
        if head["ContentLength"] > MAX_VIDEO_BYTES:
            raise VideoTooLargeException.of(head["ContentLength"], MAX_VIDEO_BYTES, uri)
        return VideoObject(bucket, name, version, head.get("VersionId"), head["ETag"], head["ContentLength"])

    def _full_error(self, error: ClientError, bucket: str, name: str, version: str | None) -> ClientError:
        """Returns the error with S3's code and message. A reply to HeadObject has none, only a status."""
        if not error_code(error).isdigit():
            return error
        arguments: GetObjectRequestTypeDef = {"Bucket": bucket, "Key": name, "Range": "bytes=0-0"}
        if version is not None:
            arguments["VersionId"] = version
        try:
            self._s3.get_object(**arguments)["Body"].close()
        except ClientError as full_error:
            return full_error
        # The first byte of the object can be read now. Its owner may have repaired the access since.
        raise error


def _archive(head: HeadObjectOutputTypeDef) -> str | None:
    """Returns the archive that an object is in, or None if it can be read."""
    return None if RESTORED in head.get("Restore", "") else archive_of(head)
