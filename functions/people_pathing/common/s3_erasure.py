"""Erases objects of a bucket for good: all their versions, and the parts of unfinished uploads."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from people_pathing.common.aws_errors import error_code

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


def erase_versions(
    client: S3Client,
    bucket: str,
    prefix: str,
    is_selected: Callable[[str], bool] = lambda _key: True,
) -> int:
    """Erases all versions and delete markers of the selected keys under a prefix.

    Returns:
        How many there were.
    """
    count = 0
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for entry in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            if is_selected(entry["Key"]):
                client.delete_object(Bucket=bucket, Key=entry["Key"], VersionId=entry["VersionId"])
                count += 1
    return count


def abort_uploads(
    client: S3Client,
    bucket: str,
    prefix: str,
    is_selected: Callable[[str], bool] = lambda _key: True,
) -> None:
    """Aborts the unfinished uploads of the selected keys under a prefix.

    Call this before `erase_versions`: an upload that is completed in between becomes a version.
    """
    for page in client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=prefix):
        for upload in page.get("Uploads", []):
            if is_selected(upload["Key"]):
                _abort_upload(client, bucket, upload["Key"], upload["UploadId"])


def _abort_upload(client: S3Client, bucket: str, key: str, upload_id: str) -> None:
    try:
        client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload_id)
    except ClientError as error:
        # Its function completed or aborted it at the same time.
        if error_code(error) != "NoSuchUpload":
            raise
