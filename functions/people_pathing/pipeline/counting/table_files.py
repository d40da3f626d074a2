"""Where the tables of a video are in the results bucket, as Athena's partition projection expects them.

The keys are `tables/TABLE/dt=YYYY-MM-DD/VIDEO_ID.parquet`. `dt` is the date of the upload in UTC. The video
id makes the name safe, whatever is in the video's key, and unique for each version of the video.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from people_pathing.common.s3_erasure import erase_versions
from people_pathing.pipeline.video import TABLES_PREFIX
from people_pathing.tables.columns import TABLES, Table

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


def table_key(table: Table, video_id: str, uploaded_on: date) -> str:
    """Returns the key of one table of a video.

    Args:
        table: which of the tables.
        video_id: the video.
        uploaded_on: the date of its upload in UTC.
    """
    return f"{TABLES_PREFIX}{table.name}/dt={uploaded_on.isoformat()}/{video_id}.parquet"


def table_keys(video_id: str, uploaded_on: date) -> tuple[str, ...]:
    """Returns the keys of all tables that a video may have, always in the same order."""
    return tuple(table_key(table, video_id, uploaded_on) for table in TABLES)


def erase_tables_of_any_date(client: S3Client, bucket: str, video_ids: Iterable[str]) -> int:
    """Erases all versions of the tables of videos whose dates of upload are not known any more.

    Args:
        client: a boto3 client of S3. Its errors are botocore's.
        bucket: the results bucket.
        video_ids: the videos. However many they are, the tables of all videos are listed once.

    Returns:
        How many versions and delete markers there were.
    """
    names = tuple(f"/{video_id}.parquet" for video_id in video_ids)
    return sum(
        erase_versions(client, bucket, f"{TABLES_PREFIX}{table.name}/", lambda key: key.endswith(names))
        for table in TABLES
    )


def erase_tables(client: S3Client, bucket: str, video_id: str, uploaded_on: date) -> int:
    """Erases all versions of the tables of a video. Returns how many versions and delete markers there were.

    Args:
        client: a boto3 client of S3. Its errors are botocore's.
        bucket: the results bucket.
        video_id: the video.
        uploaded_on: the date of its upload in UTC.
    """
    return sum(erase_versions(client, bucket, key) for key in table_keys(video_id, uploaded_on))
