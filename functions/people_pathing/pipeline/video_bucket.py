"""Whether an uploaded video is still there to be tracked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from people_pathing.pipeline.video import Video

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import HeadObjectRequestTypeDef


def unavailable_reason(client: S3Client, video: Video) -> str | None:
    """Why the video is no longer to be tracked, or None; None also where that cannot be told.

    A deleted object keeps its versions behind a delete marker, and the service would read them. A newer
    version does no harm to an older one, but without versions an overwrite leaves nothing of the upload.
    """
    request: HeadObjectRequestTypeDef = {"Bucket": video.bucket, "Key": video.key}
    if video.etag:
        request["IfMatch"] = f'"{video.etag}"'
    try:
        client.head_object(**request)
    except ClientError as error:
        return {
            "404": "the object was deleted before its tracking began",
            "412": "the object was overwritten before its tracking began",
        }.get(error.response["Error"]["Code"])
    except BotoCoreError:
        return None
    return None
