"""Where the tables of a video are in the results bucket, as Athena's partition projection expects them.

The keys are `tables/TABLE/dt=YYYY-MM-DD/VIDEO_ID.parquet`. `dt` is the date of the upload in UTC. The video
id makes the name safe, whatever is in the video's key, and unique for each version of the video.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING

from people_pathing.pipeline.results_bucket import erase_versions
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
        video_ids: the videos. Each takes one call for each table and date on which videos were uploaded.

    Returns:
        How many versions and delete markers there were.
    """
    ids = sorted(video_ids)
    return sum(
        erase_versions(client, bucket, f"{partition}{video_id}.parquet")
        for table in TABLES
        for partition in _partitions(client, bucket, f"{TABLES_PREFIX}{table.name}/")
        for video_id in ids
    )


def _partitions(client: S3Client, bucket: str, prefix: str) -> Iterator[str]:
    """Yields the prefix of each date, old versions included."""
    pages = client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
    for page in pages:
        for entry in page.get("CommonPrefixes", []):
            yield entry["Prefix"]
