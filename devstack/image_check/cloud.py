"""What the functions find in the container: S3 and DynamoDB by moto, with a job and its results."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient
    from types_boto3_s3.client import S3Client

    from people_pathing.service.result_pages.layout import Header
    from people_pathing.service.result_pages.person import PersonDetection

VIDEO_BUCKET, VIDEO_NAME = "videos", "clip.mp4"
ARTIFACT_BUCKET, RESULTS_BUCKET = "artifacts", "results"
RESULTS_PREFIX = f"{VIDEO_NAME}/v1/"
JOB_STORE_TABLE = "job-store"
JOB_ID = "0" * 64
REGION = "us-east-1"


class NoResultError(Exception):
    """The stored result cannot be read. The message says why."""


@dataclass(frozen=True)
class Cloud:
    """What the functions find around them.

    Attributes:
        endpoint: the address of S3 and DynamoDB.
        s3: a client of this S3.
        dynamodb: a client of this DynamoDB.
    """

    endpoint: str
    s3: S3Client
    dynamodb: DynamoDBClient

    @classmethod
    def start(cls) -> Cloud:
        """Starts to serve S3 and DynamoDB on loopback, with empty buckets and tables."""
        # Each request would be one line.
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"

        session = boto3.Session("image-check", "image-check", region_name=REGION)
        cloud = cls(
            endpoint,
            session.client("s3", endpoint_url=endpoint),
            session.client("dynamodb", endpoint_url=endpoint),
        )
        for bucket in (VIDEO_BUCKET, ARTIFACT_BUCKET, RESULTS_BUCKET):
            cloud.s3.create_bucket(Bucket=bucket)
        cloud.s3.put_bucket_versioning(Bucket=VIDEO_BUCKET, VersioningConfiguration={"Status": "Enabled"})
        cloud.dynamodb.create_table(
            TableName=JOB_STORE_TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        )
        return cloud


def store_running_job(cloud: Cloud, clip: Path) -> None:
    """Uploads the clip and stores a job for it, as an accepted start does."""
    from people_pathing.common.clock import now_ms
    from people_pathing.service.job import Job, VideoObject
    from people_pathing.service.job_store import JobStore

    stored = cloud.s3.put_object(Bucket=VIDEO_BUCKET, Key=VIDEO_NAME, Body=clip.read_bytes())
    video = VideoObject(
        VIDEO_BUCKET, VIDEO_NAME, None, stored["VersionId"], stored["ETag"], clip.stat().st_size
    )
    job = Job(JOB_ID, "123456789012", video, None, None, "00" * 32, now_ms())
    JobStore(cloud.dynamodb, JOB_STORE_TABLE).add(job, digest="", limit=1)


def stored_result(cloud: Cloud) -> tuple[Header, list[PersonDetection]]:
    """Reads the stored result as the API does. Returns its header and its first observations."""
    from people_pathing.service.artifacts import observations_key
    from people_pathing.service.result_pages.layout import PAGE_SIZE, PageRange

    body = cloud.s3.get_object(Bucket=ARTIFACT_BUCKET, Key=observations_key(JOB_ID))["Body"].read()
    page = PageRange("INDEX", 0, PAGE_SIZE)
    data = body[page.start : page.end]
    header = page.header(data)
    if header is None:
        raise NoResultError("the stored result has no header")
    return header, page.observations(data, header.observation_count)


def store_result_files(cloud: Cloud, header: Header, observations: Iterable[PersonDetection]) -> str:
    """Stores the result files as the pipeline does. Returns the key of job.json."""
    from people_pathing.results.chunks import ChunkWriter
    from people_pathing.results.files.job_summary import NAME, JobSummary, StoredVideo
    from people_pathing.results.observation import observations_in
    from people_pathing.results.provenance_header import read_header

    writer = ChunkWriter(None)
    writer.add(observations_in(observation.to_api() for observation in observations))
    summary = JobSummary(
        StoredVideo(VIDEO_BUCKET, VIDEO_NAME, None),
        header.metadata,
        writer.counts,
        read_header(header.provenance),
        job_id=JOB_ID,
        uploaded_ms=header.ended_ms,
    )
    for name, content in {**writer.end().pieces, NAME: summary.content()}.items():
        cloud.s3.put_object(Bucket=RESULTS_BUCKET, Key=f"{RESULTS_PREFIX}{name}", Body=content)
    return f"{RESULTS_PREFIX}{NAME}"
