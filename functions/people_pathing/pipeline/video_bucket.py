"""Checks whether an uploaded video still exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from people_pathing.common.aws_errors import NOT_FOUND_CODES, PRECONDITION_CODES, error_code
from people_pathing.pipeline.video import Video

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import HeadObjectRequestTypeDef


def unavailable_reason(client: S3Client, video: Video) -> str | None:
    """Returns why a video must not be tracked any more, or None if it may be tracked.

    S3 keeps the versions of a deleted object, and the service would read them. So this looks at the current
    version: if that is a delete marker, the video was deleted. A newer version does not replace an older one.
    Without versions an overwrite does, which the eTag shows.

    Also returns None if S3 cannot be asked: the service then reports what is wrong with the object.
    """
    request: HeadObjectRequestTypeDef = {"Bucket": video.bucket, "Key": video.key}
    if video.etag:
        request["IfMatch"] = f'"{video.etag}"'
    try:
        client.head_object(**request)
    except ClientError as error:
        if error_code(error) in NOT_FOUND_CODES:
            return "the object was deleted before its job started"
        if error_code(error) in PRECONDITION_CODES:
            return "the object was overwritten before its job started"
        return None
    except BotoCoreError:
        return None
    return None
