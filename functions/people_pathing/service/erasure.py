"""Erases what the service stores about a video: the artifacts and results of its jobs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from people_pathing.common.json_values import from_json
from people_pathing.service.artifacts import (
    JOBS_PREFIX,
    job_prefix,
    observations_key,
    outcome_key,
    request_key,
)
from people_pathing.service.job import Job

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

LONGEST_RUN = timedelta(days=1)
"""A job that started longer ago than this and has no result or outcome was stopped by hand."""


class JobInProgressError(Exception):
    """A job of the video may be running. It would write again what is erased."""


@dataclass(frozen=True, slots=True)
class Eraser:
    """Finds and erases a video's jobs in the service's private bucket.

    Attributes:
        s3: a client with rights to list, read and delete the bucket's objects.
        artifact_bucket: the service's private bucket.
    """

    s3: S3Client
    artifact_bucket: str

    def prepare(self, bucket: str, key: str, version: str | None = None) -> frozenset[str]:
        """Returns the JobIds of all jobs of a video, including those of other callers. Changes nothing.

        Args:
            bucket: the video's bucket.
            key: the video's key.
            version: one version of the video, or None for all versions.

        Raises:
            JobInProgressError: one of the jobs may be running.
        """
        return frozenset(self._jobs_of(bucket, key, version))

    def erase(self, job_ids: Iterable[str]) -> int:
        """Erases everything that is stored about these jobs.

        Returns:
            How many objects were erased. Each version and each delete marker counts.
        """
        return sum(self._erase_prefix(job_prefix(job_id)) for job_id in job_ids)

    def _jobs_of(self, bucket: str, key: str, version: str | None) -> Iterator[str]:
        for job_id in self._all_jobs():
            prefix = job_prefix(job_id)
            listed = self.s3.list_objects_v2(Bucket=self.artifact_bucket, Prefix=prefix).get("Contents", [])
            written_at = {entry["Key"]: entry["LastModified"] for entry in listed}
            if request_key(job_id) not in written_at:
                continue
            body = self.s3.get_object(Bucket=self.artifact_bucket, Key=request_key(job_id))["Body"].read()
            video = from_json(Job, body).video
            if (video.bucket, video.name) != (bucket, key) or version not in (None, video.version):
                continue
            is_recent = datetime.now(UTC) - written_at[request_key(job_id)] < LONGEST_RUN
            has_ended = bool(written_at.keys() & {observations_key(job_id), outcome_key(job_id)})
            if is_recent and not has_ended:
                raise JobInProgressError(
                    f"s3://{bucket}/{key} is being tracked; erase it when its job has ended"
                )
            yield job_id

    def _all_jobs(self) -> Iterator[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.artifact_bucket, Prefix=JOBS_PREFIX, Delimiter="/"
        )
        for page in pages:
            for entry in page.get("CommonPrefixes", []):
                yield entry["Prefix"].removeprefix(JOBS_PREFIX).rstrip("/")

    def _erase_prefix(self, prefix: str) -> int:
        count = 0
        pages = self.s3.get_paginator("list_object_versions").paginate(
            Bucket=self.artifact_bucket, Prefix=prefix
        )
        for page in pages:
            for entry in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                self.s3.delete_object(
                    Bucket=self.artifact_bucket, Key=entry["Key"], VersionId=entry["VersionId"]
                )
                count += 1
        return count
