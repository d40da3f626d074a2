"""Erases what the service stores about videos: their jobs, artifacts and results.

The caller carries out three steps. Each of them can be repeated after a failure.

1. `prepare` finds the jobs. It changes nothing, and refuses if one of them is running.
2. `erase` erases the artifacts. A worker step that was running when its job was stopped may still write some,
   so this has to be repeated once `settled_ms` has passed.
3. `finish` deletes the jobs. They go last, because they say what there is to erase.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from people_pathing.common.s3_erasure import abort_uploads, erase_versions
from people_pathing.service.artifacts import job_prefix
from people_pathing.service.job import Job
from people_pathing.service.job_store import JobStore

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

LONGEST_STEP_MS = 16 * 60 * 1000
"""A function lives for at most 15 minutes. The rest is for calls that S3 carries out late, and for clocks."""


class JobInProgressError(Exception):
    """A job of the video is running. It would write again what is erased."""


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """What `Eraser.prepare` found.

    Attributes:
        job_ids: the jobs of the videos, including those of other callers.
        settled_ms: when no step of these jobs can be running any more, in milliseconds since the epoch.
    """

    job_ids: frozenset[str]
    settled_ms: int


@dataclass(frozen=True, slots=True)
class Eraser:
    """Finds and erases jobs. Errors of AWS are botocore's.

    Attributes:
        jobs: the job store.
        s3: a client with rights to list and delete the objects of the private bucket.
        artifact_bucket: the service's private bucket.
    """

    jobs: JobStore
    s3: S3Client
    artifact_bucket: str

    def prepare(self, is_selected: Callable[[Job], bool]) -> ErasurePlan:
        """Finds the jobs of the selected videos, those of other callers too. Reads the whole job store.

        Args:
            is_selected: whether a job's video must be erased. It is called for every job.

        Raises:
            JobInProgressError: one of the jobs is running.
        """
        job_ids, settled_ms = set(), 0
        for stored in self.jobs.all_jobs():
            if not is_selected(stored.job):
                continue
            if stored.state == "RUNNING":
                raise JobInProgressError(
                    f"{stored.job.video.uri} is being tracked; erase it when its job has ended"
                )
            job_ids.add(stored.job.job_id)
            settled_ms = max(settled_ms, stored.ended_s * 1000 + LONGEST_STEP_MS)
        return ErasurePlan(frozenset(job_ids), settled_ms)

    def erase(self, plan: ErasurePlan) -> int:
        """Erases the artifacts of the jobs, with all versions and unfinished uploads.

        Returns:
            How many objects were erased. Each version and each delete marker counts.
        """
        return sum(self._erase_artifacts(job_prefix(job_id)) for job_id in plan.job_ids)

    def finish(self, plan: ErasurePlan) -> int:
        """Deletes the jobs, and returns how many there were."""
        return sum(self.jobs.delete(job_id) for job_id in plan.job_ids)

    def _erase_artifacts(self, prefix: str) -> int:
        abort_uploads(self.s3, self.artifact_bucket, prefix)
        return erase_versions(self.s3, self.artifact_bucket, prefix)
