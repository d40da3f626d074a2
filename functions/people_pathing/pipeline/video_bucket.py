"""Checks whether an uploaded video still exists and can be read."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from people_pathing.common.aws_errors import (
    NOT_FOUND_CODES,
    PRECONDITION_CODES,
    THROTTLING_CODES,
    error_code,
    http_headers,
    http_status,
)
from people_pathing.common.s3_archives import archive_of
from people_pathing.pipeline.video import Video

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import HeadObjectOutputTypeDef, HeadObjectRequestTypeDef


def unavailable_reason(client: S3Client, video: Video) -> str | None:
    """Returns why a video must not be tracked any more, or None if it may be tracked.

    S3 keeps the versions of a deleted object, and the service would read them. So this looks at the current
    version: if that is a delete marker, the video was deleted. A newer version does not replace an older one.
    Without versions an overwrite does, which the eTag shows.

    Also returns None if S3 does not say: the service then reports what is wrong with the object. In
    particular, a denied request says nothing about the object.
    """
    head = _head(client, video, version=None)
    return head if isinstance(head, str) else None


def unreadable_reason(client: S3Client, video: Video) -> str | None:
    """Returns why the service can never read a video, or None if S3 shows no such reason.

    Call it when the service could not read the video. Its cause may also be a policy, a key or a bucket name.
    """
    if reason := unavailable_reason(client, video):
        return reason
    head = _head(client, video, version=video.version)
    if head is None or isinstance(head, str):
        return head
    if head["ContentLength"] == 0:
        return "the object is empty"
    # S3 answers with Restore while an object is being restored, and while the restored copy exists.
    if (archive := archive_of(head)) and "Restore" not in head:
        return f"the object is archived ({archive}) and not restored"
    return None


def object_metadata(client: S3Client, video: Video) -> Mapping[str, str]:
    """Returns the metadata that the uploader gave a video. It is empty if the video is gone or not readable.

    Raises botocore's errors if S3 cannot answer now.
    """
    try:
        return client.head_object(**_request(video, video.version))["Metadata"]
    except ClientError as error:
        if error_code(error) in THROTTLING_CODES or http_status(error) >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        return {}


def _head(client: S3Client, video: Video, version: str | None) -> HeadObjectOutputTypeDef | str | None:
    """Returns what S3 says about an object, or why it is gone, or None if S3 does not say."""
    try:
        return client.head_object(**_request(video, version))
    except ClientError as error:
        if "x-amz-delete-marker" in http_headers(error):
            return "the object was deleted before its job started: its current version is a delete marker"
        if error_code(error) in NOT_FOUND_CODES:
            return "the object was deleted before its job started"
        if error_code(error) in PRECONDITION_CODES:
            return "the object was overwritten before its job started"
        return None
    except BotoCoreError:
        return None


def _request(video: Video, version: str | None) -> HeadObjectRequestTypeDef:
    request: HeadObjectRequestTypeDef = {"Bucket": video.bucket, "Key": video.key}
    if version:
        request["VersionId"] = version
    if video.etag:
        request["IfMatch"] = f'"{video.etag}"'
    return request
