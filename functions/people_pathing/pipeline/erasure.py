"""Erases what the pipeline stores about a video: results, chunks and job records.

The caller carries out three steps. Each of them can be repeated after a failure.

1. `prepare` finds the records. It changes nothing, and refuses if a job is running: a running job would write
   again what is erased.
2. `withdraw_waiting` keeps waiting jobs from starting in the meantime.
3. `erase` erases the results and removes the records. The records go last, because they say what there is to
   erase if the caller has to begin again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.job_table import JobTable
from people_pathing.pipeline.results_bucket import chunks_prefix
from people_pathing.results import file_names

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


class JobInProgressError(Exception):
    """A job of the video is running or being started, so nothing was erased."""


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """What `Eraser.prepare` found.

    Attributes:
        records: the job records of the video's versions.
    """

    records: tuple[JobRecord, ...]

    @property
    def job_ids(self) -> frozenset[str]:
        """The service's ids of the jobs that were started for these records."""
        return frozenset(record.job_id for record in self.records if record.job_id)


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased.

    Attributes:
        record_count: number of job records.
        object_count: number of objects. Every version and every delete marker counts.
    """

    record_count: int
    object_count: int


@dataclass(frozen=True, slots=True)
class Eraser:
    """Erases what the pipeline stores about a video. Errors of AWS are botocore's.

    Attributes:
        s3: a boto3 client of S3.
        table: the job table.
        results_bucket: the name of the results bucket.
    """

    s3: S3Client
    table: JobTable
    results_bucket: str

    def prepare(self, bucket: str, key: str, version: str | None = None) -> ErasurePlan:
        """Finds the job records of one version of a video, or of all its versions.

        Raises:
            JobInProgressError: a job is running or being started.
        """
        found = self.table.of_object(bucket, key)
        records = tuple(record for record in found if version in (None, record.version))
        for record in records:
            if record.is_open and (record.state is not JobState.WAITING or record.lease_until_ms):
                raise _in_progress(record)
        return ErasurePlan(records)

    def withdraw_waiting(self, plan: ErasurePlan) -> None:
        """Keeps the waiting jobs among the records from starting.

        Raises:
            JobInProgressError: a job has started since `prepare`.
        """
        for record in plan.records:
            if not record.is_open:
                continue
            # The time of the failure does not matter, because the record is about to be removed.
            failed = record.failed("the video was erased before its job started", record.updated_ms)
            if self.table.replace(record, failed) is None:
                raise _in_progress(record)

    def erase(self, plan: ErasurePlan) -> Erased:
        """Erases the results of the records, with all versions and unfinished chunks, then the records."""
        object_count = sum(map(self._erase_results, plan.records))
        for record in plan.records:
            self.table.remove(record.video_id)
        return Erased(len(plan.records), object_count)

    def erase_upload(self, bucket: str, key: str, version: str | None = None) -> int:
        """Erases the video itself: one version, or all versions and delete markers.

        Returns:
            How many versions and delete markers were erased.
        """
        return _erase(
            self.s3,
            bucket,
            key,
            lambda found_key, found_version: found_key == key and version in (None, found_version),
        )

    def _erase_results(self, record: JobRecord) -> int:
        # The prefix may also contain the results of other videos: a key may begin with this video's key and
        # version. So the files are erased by name.
        files = {record.results_prefix + name for name in file_names()}
        count = _erase(self.s3, self.results_bucket, record.results_prefix, lambda key, _: key in files)
        return count + _erase(self.s3, self.results_bucket, chunks_prefix(record.video_id))


def _in_progress(record: JobRecord) -> JobInProgressError:
    return JobInProgressError(
        f"s3://{record.bucket}/{record.key} is being tracked; erase it when its job has ended"
    )


def _erase(
    s3: S3Client,
    bucket: str,
    prefix: str,
    is_selected: Callable[[str, str], bool] = lambda _key, _version: True,
) -> int:
    """Erases the selected versions and delete markers under a prefix, and returns how many there were."""
    count = 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for entry in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            if is_selected(entry["Key"], entry["VersionId"]):
                s3.delete_object(Bucket=bucket, Key=entry["Key"], VersionId=entry["VersionId"])
                count += 1
    return count
