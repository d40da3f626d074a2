"""The videos that callers may name: where they may be, and what S3 says about them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from people_pathing.common.aws_errors import http_status
from people_pathing.service.job import VideoObject
from people_pathing.service.protocol.errors import InvalidS3ObjectException, VideoTooLargeException

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_s3.type_defs import HeadObjectRequestTypeDef

MAX_VIDEO_BYTES = 10 * 1024**3
ARCHIVE_CLASSES = ("GLACIER", "DEEP_ARCHIVE")

RESTORED = 'ongoing-request="false"'
"""Part of S3's x-amz-restore header while a restored copy of an archived object can be read."""

# S3 answers 400 for a malformed version id, 405 for a delete marker, and 403 without rights to the object.
UNREADABLE_STATUSES = (400, 403, 404, 405)


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
                not one of the named ones.
            VideoTooLargeException: the object has more than 10 GB.
        """
        uri = f"s3://{bucket}/{name}" + ("" if version is None else f" (version {version})")
        if bucket not in self._buckets:
            raise InvalidS3ObjectException(f"{uri} is in a bucket that this service may not read")
        arguments: HeadObjectRequestTypeDef = {"Bucket": bucket, "Key": name}
        if version is not None:
            arguments["VersionId"] = version
        try:
            head = self._s3.head_object(**arguments)
        except ClientError as error:
            if http_status(error) in UNREADABLE_STATUSES:
                raise InvalidS3ObjectException(
                    f"Unable to get object metadata from S3 for {uri}. "
                    "Check object key, region and/or access permissions."
                ) from error
            raise
        if head.get("StorageClass") in ARCHIVE_CLASSES and RESTORED not in head.get("Restore", ""):
            raise InvalidS3ObjectException(f"{uri} is archived ({head['StorageClass']}); restore it first")
        if head["ContentLength"] == 0:
            raise InvalidS3ObjectException(f"{uri} is empty; it must be a video")
        if head["ContentLength"] > MAX_VIDEO_BYTES:
            raise VideoTooLargeException(
                f"{uri} has {head['ContentLength']} bytes; at most {MAX_VIDEO_BYTES} (10 GB) are allowed"
            )
        return VideoObject(bucket, name, version, head.get("VersionId"), head["ETag"], head["ContentLength"])
