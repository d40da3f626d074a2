"""Erasing what is stored about a video."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.job_table import JobTable
from people_pathing.pipeline.results_bucket import CONTENT_TYPES, chunks_prefix

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


LONGEST_RUN = timedelta(days=1)
"""A job that began before this and has not ended was stopped by hand."""


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
            _refuse_if_running(record)
        job_ids = {*self._service_jobs(bucket, key, version), *(one.job_id for one in records if one.job_id)}
        for record in records:
            self._keep_from_starting(record)
        object_count = sum(map(self._erase_objects, records))
        if self.artifact_bucket is not None:
            object_count += sum(
                _erase(self.s3, self.artifact_bucket, f"jobs/{job_id}/") for job_id in job_ids
            )
        for record in records:
            self.table.remove(record.video_id)
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
            if record.lease_until_ms == 0 and self.table.replace(record, failed) is not None:
                return
        if record.is_open:
            raise _in_progress(record.bucket, record.key)

    def _service_jobs(self, bucket: str, key: str, version: str | None) -> Iterator[str]:
        """The service's jobs for the video, whoever started them; they are kept for eight days.

        Raises JobInProgressError where one may be running: begun within a day, and not ended.
        """
        if self.artifact_bucket is None:
            return
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.artifact_bucket, Prefix="jobs/", Delimiter="/"
        )
        for prefix in [one["Prefix"] for page in pages for one in page.get("CommonPrefixes", [])]:
            listed = self.s3.list_objects_v2(Bucket=self.artifact_bucket, Prefix=prefix).get("Contents", [])
            names = {one["Key"].removeprefix(prefix): one["LastModified"] for one in listed}
            if "request.json" not in names:
                continue
            body = self.s3.get_object(Bucket=self.artifact_bucket, Key=f"{prefix}request.json")["Body"]
            video = json.load(body)["video"]
            if (video["bucket"], video["name"]) != (bucket, key) or version not in (None, video["version"]):
                continue
            is_recent = datetime.now(UTC) - names["request.json"] < LONGEST_RUN
            if is_recent and not names.keys() & {"observations.bin", "job.json"}:
                raise _in_progress(bucket, key)
            yield prefix.split("/")[1]

    def _erase_objects(self, record: JobRecord) -> int:
        # By name and not by prefix: results of another video may lie deeper under the same prefix.
        files = {record.results_prefix + name for name in CONTENT_TYPES}
        count = _erase(self.s3, self.results_bucket, record.results_prefix, lambda key, _: key in files)
        count += _erase(self.s3, self.results_bucket, chunks_prefix(record.video_id))
        return count


def _refuse_if_running(record: JobRecord) -> None:
    if record.is_open and (record.state is not JobState.WAITING or record.lease_until_ms):
        raise _in_progress(record.bucket, record.key)


def _in_progress(bucket: str, key: str) -> JobInProgressError:
    return JobInProgressError(f"s3://{bucket}/{key} is being tracked: erase it once its job has ended")


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
