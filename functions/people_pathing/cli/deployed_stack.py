"""A deployed stack as its user sees it: upload a video, follow its job, fetch its results."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import ClientError

from people_pathing.cli.result_folder import replace_files
from people_pathing.pipeline.job_table import JobTable
from people_pathing.pipeline.video import Video

if TYPE_CHECKING:
    from people_pathing.pipeline.job_record import JobRecord

# Shares of a job's work: planning is quick, detection is nearly all, linking and collecting are the rest.
_PLANNED, _DETECTED, _LINKED = 0.02, 0.94, 0.97


@dataclass(frozen=True, slots=True)
class DeployedStack:
    """The resources of a deployed stack.

    Attributes:
        s3: boto3's S3 client.
        job_table: the pipeline's job records.
        video_bucket: name of the bucket that takes the videos.
        results_bucket: name of the bucket that the result files are in.
        artifact_bucket: name of the service's own bucket; None if the stack calls another service.
    """

    s3: Any
    job_table: JobTable
    video_bucket: str
    results_bucket: str
    artifact_bucket: str | None

    @classmethod
    def of(cls, outputs: Mapping[str, str], s3: Any, dynamodb: Any) -> Self:
        """Reads the names of the resources from the stack's outputs."""
        return cls(
            s3=s3,
            job_table=JobTable(dynamodb, outputs["JobTableName"]),
            video_bucket=outputs["VideoBucketName"],
            results_bucket=outputs["ResultsBucketName"],
            artifact_bucket=outputs.get("ArtifactBucketName"),
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
        prefix = f"jobs/{record.job_id}/"
        try:
            body = self.s3.get_object(Bucket=self.artifact_bucket, Key=prefix + "plan.json")["Body"]
        except ClientError:
            return 0.0
        segment_count: int = len(json.load(body)["segments"])
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.artifact_bucket, Prefix=prefix)
        stored: list[str] = [
            entry["Key"].removeprefix(prefix) for page in pages for entry in page.get("Contents", [])
        ]
        if "observations.bin" in stored:
            return _LINKED
        finished = sum(1 for name in stored if name.startswith("segments/"))
        return _PLANNED + (_DETECTED - _PLANNED) * finished / segment_count

    def fetch_results(self, record: JobRecord, folder: Path) -> None:
        """Downloads a job's result files into a folder. Older files there are replaced once all are here."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=folder.parent) as scratch:
            for name in ("observations.jsonl.gz", "people.json", "job.json"):
                key = record.results_prefix + name
                self.s3.download_file(self.results_bucket, key, str(Path(scratch) / name))
            replace_files(Path(scratch), folder)
