"""What the smoke test uses of a deployed stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from people_pathing.pipeline.job_table import JobTable
from people_pathing.service.job_store import JobStore

if TYPE_CHECKING:
    from people_pathing.pipeline.job_record import JobRecord


class StackResources(Protocol):
    """The resources of a deployed stack."""

    @property
    def s3(self) -> Any:
        """boto3's S3 client."""

    @property
    def job_table(self) -> JobTable:
        """The pipeline's job records."""

    @property
    def video_bucket(self) -> str:
        """Name of the bucket that takes the videos."""

    @property
    def results_bucket(self) -> str:
        """Name of the bucket that the result files are in."""

    @property
    def artifact_bucket(self) -> str | None:
        """Name of the service's own bucket; None if the stack calls another service."""

    @property
    def job_store(self) -> JobStore | None:
        """The service's jobs; None if the stack calls another service."""

    def progress(self, record: JobRecord) -> float | None:
        """Returns the share of a job's work that is done, 0..1; None if the caller may not know."""


@dataclass(frozen=True, slots=True)
class OwnStack:
    """The resources of a function's own stack. Attributes are those of StackResources."""

    s3: Any
    job_table: JobTable
    video_bucket: str
    results_bucket: str
    artifact_bucket: str | None
    job_store: JobStore | None

    def progress(self, _record: JobRecord) -> None:
        """Returns None: the function may not read artifacts, because they are about all videos."""
        return
