"""Zones files in the bucket of the videos: which of them applies to a video.

`zones/PREFIX.json` applies to the videos whose keys begin with PREFIX. If several apply, the one with the
longest PREFIX wins. So `zones/.json` applies to all other videos.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

ZONES_PREFIX = "zones/"
"""Keys under it in the bucket of the videos hold zones, not videos."""

SUFFIX = ".json"

MAX_ZONES_BYTES = 1024 * 1024
"""Fifty polygons with as many vertices as a polygon may have. A larger object is not read."""


@dataclass(frozen=True, slots=True)
class ZonesObject:
    """A zones file in a bucket.

    Attributes:
        bucket: the bucket's name.
        key: the object's key.
        version: its version id; None if the bucket keeps no versions.
        content: its content; at most MAX_ZONES_BYTES + 1 bytes of it.
    """

    bucket: str
    key: str
    version: str | None
    content: bytes

    @property
    def uri(self) -> str:
        """The object's address."""
        return f"s3://{self.bucket}/{self.key}"


class ZonesContentError(ValueError):
    """An object cannot be a zones file, whatever is in it. The message says what would be right."""


def zones_text(zones: ZonesObject) -> str:
    """Returns the text of a zones file. Raises ZonesContentError if it is too large, or not UTF-8."""
    if len(zones.content) > MAX_ZONES_BYTES:
        raise ZonesContentError(f"the file is larger than {MAX_ZONES_BYTES:,} bytes")
    try:
        return zones.content.decode("utf-8")
    except UnicodeDecodeError:
        raise ZonesContentError("the file is not UTF-8 text; save it as UTF-8") from None


def applying_key(keys: Iterable[str], video_key: str) -> str | None:
    """Returns which of some zones files applies to a video, or None if none does.

    Args:
        keys: keys of objects in the bucket of the videos.
        video_key: the video's key.
    """
    return max((key for key in keys if _applies(key, video_key)), key=len, default=None)


def zones_keys(client: S3Client, bucket: str) -> list[str]:
    """Returns the keys of all zones files in a bucket. Errors are botocore's."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=ZONES_PREFIX)
    keys = (entry["Key"] for page in pages for entry in page.get("Contents", []))
    return [key for key in keys if key.endswith(SUFFIX)]


def find_zones(client: S3Client, bucket: str, video_key: str) -> ZonesObject | None:
    """Reads the zones file that applies to a video, or returns None if there is none.

    Args:
        client: a boto3 client of S3. Its errors are botocore's.
        bucket: the video's bucket.
        video_key: the video's key.
    """
    key = applying_key(zones_keys(client, bucket), video_key)
    if key is None:
        return None
    reply = client.get_object(Bucket=bucket, Key=key)
    content = reply["Body"].read(MAX_ZONES_BYTES + 1)
    return ZonesObject(bucket, key, reply.get("VersionId"), content)


def _applies(key: str, video_key: str) -> bool:
    if not key.startswith(ZONES_PREFIX) or not key.endswith(SUFFIX):
        return False
    return video_key.startswith(key.removeprefix(ZONES_PREFIX).removesuffix(SUFFIX))
