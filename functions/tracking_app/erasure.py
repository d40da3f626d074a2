"""Erasing what is stored about a video."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracking_app.job_record import JobRecord, JobState
from tracking_app.job_table import JobTable
from tracking_app.results import CONTENT_TYPES, chunks_prefix

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


class JobInProgressError(Exception):
    """A job that is running would write again what is erased."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased; every version of an object counts."""

    job_count: int
    object_count: int


@dataclass(frozen=True, slots=True)
class Eraser:
    """`artifact_bucket` is the service's own bucket, or None where the service is not ours to erase from."""

    s3: S3Client
    table: JobTable
    results_bucket: str
    artifact_bucket: str | None

    def erase_video(self, bucket: str, key: str, version: str | None = None) -> Erased:
        """Erase the results, job records and artifacts of one version of a video, or of all its versions.

        The record goes last, because it says what there is: erasing can be repeated after a failure.
        Raises JobInProgressError, with nothing erased, where a job is running.
        """
        records = [one for one in self.table.of_object(bucket, key) if version in (None, one.version)]
        for record in records:
            self._keep_from_starting(record)
        object_count = sum(map(self._erase_objects, records))
        for record in records:
            self.table.remove(record.token)
        return Erased(len(records), object_count)

    def erase_upload(self, bucket: str, key: str, version: str | None = None) -> int:
        """Erase the video itself: one version, or all with their delete markers; how many there were."""
        return _erase(
            self.s3,
            bucket,
            key,
            lambda found_key, found_version: found_key == key and version in (None, found_version),
        )

    def _keep_from_starting(self, record: JobRecord) -> None:
        if record.state is JobState.WAITING:
            failed = record.failed("erased before it was started", record.updated_ms)
            if record.held_until_ms == 0 and self.table.replace(record, failed) is not None:
                return
        if record.is_open:
            raise JobInProgressError(
                f"s3://{record.bucket}/{record.key} is being tracked: erase it once its job has ended"
            )

    def _erase_objects(self, record: JobRecord) -> int:
        # By name and not by prefix: results of another video may lie deeper under the same prefix.
        files = {record.results_prefix + name for name in CONTENT_TYPES}
        count = _erase(self.s3, self.results_bucket, record.results_prefix, lambda key, _: key in files)
        count += _erase(self.s3, self.results_bucket, chunks_prefix(record.token))
        if self.artifact_bucket is not None and record.job_id is not None:
            count += _erase(self.s3, self.artifact_bucket, f"jobs/{record.job_id}/")
        return count


def _erase(
    s3: S3Client, bucket: str, prefix: str, is_meant: Callable[[str, str], bool] = lambda _key, _version: True
) -> int:
    """Erase the versions and delete markers of the objects under a prefix for which `is_meant`."""
    count = 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for one in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            if is_meant(one["Key"], one["VersionId"]):
                s3.delete_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])
                count += 1
    return count
