"""A deployed stack as its user sees it: upload a video, follow its job, fetch its results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from people_pathing.cli.result_folder import replaced_files
from people_pathing.pipeline.job_table import JobTable
from people_pathing.pipeline.video import Video
from people_pathing.results import file_names
from people_pathing.service.erasure import Eraser
from people_pathing.service.job_store import JobStore
from people_pathing.service.progress import job_progress

if TYPE_CHECKING:
    from people_pathing.pipeline.job_record import JobRecord


@dataclass(frozen=True, slots=True)
class DeployedStack:
    """The resources of a deployed stack.

    Attributes:
        s3: boto3's S3 client.
        job_table: the pipeline's job records.
        video_bucket: name of the bucket that takes the videos.
        results_bucket: name of the bucket that the result files are in.
        artifact_bucket: name of the service's own bucket; None if the stack calls another service.
        job_store: the service's jobs; None if the stack calls another service.
    """

    s3: Any
    job_table: JobTable
    video_bucket: str
    results_bucket: str
    artifact_bucket: str | None
    job_store: JobStore | None

    @classmethod
    def of(cls, outputs: Mapping[str, str], s3: Any, dynamodb: Any) -> Self:
        """Reads the names of the resources from the stack's outputs."""
        has_own_service = "ArtifactBucketName" in outputs
        return cls(
            s3=s3,
            job_table=JobTable(dynamodb, outputs["JobTableName"]),
            video_bucket=outputs["VideoBucketName"],
            results_bucket=outputs["ResultsBucketName"],
            artifact_bucket=outputs.get("ArtifactBucketName"),
            job_store=JobStore(dynamodb, outputs["JobStoreTableName"]) if has_own_service else None,
        )

    def upload(self, path: Path, key: str) -> Video:
        """Uploads a file to the video bucket and returns the stored version."""
        self.s3.upload_file(str(path), self.video_bucket, key)
        version: str = self.s3.head_object(Bucket=self.video_bucket, Key=key)["VersionId"]
        return Video(self.video_bucket, key, version, version)

    def record(self, video: Video) -> JobRecord | None:
        """Returns the video's job record, or None until the pipeline has received the upload."""
        return self.job_table.get(video.video_id)

    def progress(self, record: JobRecord | None) -> float:
        """Returns the share of a job's work that is done, 0..1, from what the service has stored so far."""
        if record is None or record.job_id is None or self.artifact_bucket is None:
            return 0.0
        if not record.is_open:
            return 1.0
        return job_progress(self.s3, self.artifact_bucket, record.job_id)

    def service_eraser(self) -> Eraser | None:
        """Returns what erases jobs of the stack's own service, or None if it calls another one."""
        if self.artifact_bucket is None or self.job_store is None:
            return None
        return Eraser(self.job_store, self.s3, self.artifact_bucket)

    def fetch_results(self, record: JobRecord, folder: Path) -> None:
        """Downloads a job's result files into a folder. Older files there are replaced once all are here."""
        with replaced_files(folder) as scratch:
            for name in file_names():
                self.s3.download_file(self.results_bucket, record.results_prefix + name, str(scratch / name))


def video_object(record: JobRecord) -> dict[str, str]:
    """Returns the parameters of calls to S3 that name the version of the video that a job is about."""
    version = {} if record.version is None else {"VersionId": record.version}
    return {"Bucket": record.bucket, "Key": record.key, **version}
