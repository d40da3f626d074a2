"""The pipeline with moto's S3 and DynamoDB, a fake service and a fake clock."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from people_pathing.common.clock import utc_text
from people_pathing.pipeline.counting.created_results import analyze_created
from people_pathing.pipeline.counting.recount import Recounter
from people_pathing.pipeline.counting.result_analysis import ResultAnalyzer
from people_pathing.pipeline.event_handling import handle_completions, reconcile, start_uploaded
from people_pathing.pipeline.job_metrics import JobMetrics
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.job_table import STATE_INDEX, JobTable
from people_pathing.pipeline.recording import RecordingTimes
from people_pathing.pipeline.result_collection import ResultCollector
from people_pathing.pipeline.results_bucket import ResultsBucket
from people_pathing.pipeline.settings import RecountSetting
from people_pathing.pipeline.start_queue import StartQueue
from people_pathing.pipeline.tracking_client import TrackingClient
from people_pathing.results.recording_time import NAME_FORMAT
from tests.fakes.person_tracking import FakePersonTracking, session
from tests.fakes.same_thread import SameThread

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_s3 import S3Client

EVENTS = Path(__file__).parents[2] / "events"
VIDEOS = "people-pathing-videos"
RESULTS = "people-pathing-results"
JOBS = "people-pathing-jobs"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:AmazonRekognition-people-pathing-completion"
ROLE = "arn:aws:iam::123456789012:role/people-pathing-completion"
TOKEN_SECRET = "0b6b8f2e-3f5d-4b8e-9c56-2f1a4f0f1c11"
MINUTE_MS = 60_000
NO_RECOUNT = RecountSetting(0, is_dry_run=False)


def event(name: str) -> dict[str, Any]:
    """Reads a sample event from events/."""
    loaded: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return loaded


def make_table(client: DynamoDBClient, name: str = JOBS) -> None:
    """Creates the job table as the template does."""
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "video_id", "AttributeType": "S"},
            {"AttributeName": "state", "AttributeType": "S"},
            {"AttributeName": "due_ms", "AttributeType": "N"},
        ],
        KeySchema=[{"AttributeName": "video_id", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": STATE_INDEX,
                "KeySchema": [
                    {"AttributeName": "state", "KeyType": "HASH"},
                    {"AttributeName": "due_ms", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )


def make_bucket(client: S3Client, name: str, *, versioned: bool = True) -> None:
    """Creates a bucket, which keeps versions unless it is told not to."""
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    if versioned:
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


class CountedMetrics(JobMetrics):
    """Metrics that a test can read."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.gauges: dict[str, float] = {}

    def uploaded(self, count: int) -> None:
        self.counts["uploaded"] += count

    def empty(self) -> None:
        self.counts["empty"] += 1

    def notified(self, count: int) -> None:
        self.counts["notified"] += count

    def started(self) -> None:
        self.counts["started"] += 1

    def deferred(self, record: JobRecord) -> None:
        self.counts["deferred"] += 1
        self.delayed(record)

    def delayed(self, record: JobRecord) -> None:
        if record.is_stuck:
            self.counts["stuck"] += 1

    def finished(self, record: JobRecord) -> None:
        self.counts[record.state] += 1

    def stored(self, count: int) -> None:
        self.counts["stored"] += count

    def counted(self) -> None:
        self.counts["counted"] += 1

    def recount_refused(self) -> None:
        self.counts["recount refused"] += 1

    def not_countable(self) -> None:
        self.counts["not countable"] += 1

    def waiting(self, count: int, oldest_age_s: float) -> None:
        self.gauges |= {"waiting": count, "oldest_age_s": oldest_age_s}

    def in_progress(self, oldest_age_s: float) -> None:
        self.gauges["oldest_in_progress_age_s"] = oldest_age_s


@dataclass
class FakePipeline:
    """The pipeline with everything around it replaced. Use it inside `mock_aws`.

    Time stands still unless a test changes `now_ms`.
    """

    service: FakePersonTracking = field(default_factory=FakePersonTracking)
    job_metrics: CountedMetrics = field(default_factory=CountedMetrics)
    now_ms: int = 1_769_860_800_000
    deadline_reached: Callable[[], bool] = lambda: False
    topic_arn: str = TOPIC
    role_arn: str = ROLE
    recount: RecountSetting = NO_RECOUNT

    def __post_init__(self) -> None:
        self.s3 = session().client("s3")
        self.dynamodb = session().client("dynamodb")
        make_table(self.dynamodb)
        make_bucket(self.s3, VIDEOS)
        make_bucket(self.s3, RESULTS)
        self.table = JobTable(self.dynamodb, JOBS)
        self.rekognition = self.service.client()

    @property
    def tracking(self) -> TrackingClient:
        return TrackingClient(self.rekognition, self.topic_arn, self.role_arn, TOKEN_SECRET)

    @property
    def queue(self) -> StartQueue:
        return StartQueue(
            self.table, self.tracking, self.s3, self.job_metrics, lambda: self.now_ms, self.deadline_reached
        )

    @property
    def collector(self) -> ResultCollector:
        return ResultCollector(
            self.table,
            self.tracking,
            ResultsBucket(self.s3, RESULTS, SameThread()),
            RecordingTimes(self.s3, UTC, NAME_FORMAT),
            self.job_metrics,
            lambda: self.now_ms,
            self.deadline_reached,
            SameThread(),
        )

    @property
    def analyzer(self) -> ResultAnalyzer:
        return ResultAnalyzer(self.s3, RESULTS, frozenset({VIDEOS}), self.job_metrics)

    def upload(self, key: str, body: bytes = b"video", bucket: str = VIDEOS) -> dict[str, Any]:
        """Uploads an object and returns its S3 event. Each upload is a millisecond after the previous one."""
        self.now_ms += 1
        reply = self.s3.put_object(Bucket=bucket, Key=key, Body=body)
        return upload_event(
            key,
            reply.get("VersionId"),
            self.now_ms,
            size=len(body),
            etag=reply["ETag"].strip('"'),
            bucket=bucket,
        )

    def on_upload(self, s3_event: object) -> None:
        """Does what the StartTracking function does."""
        start_uploaded(s3_event, self.queue)

    def on_notice(self, sns_event: object) -> None:
        """Does what the CollectResults function does."""
        handle_completions(sns_event, self.queue, self.collector)

    def on_schedule(self) -> None:
        """Does what the ReconcileJobs function does."""
        reconcile(self.queue, self.collector)

    def on_results(self, s3_event: object) -> None:
        """Does what the AnalyzeResults function does."""
        analyze_created(s3_event, Recounter(self.analyzer, self.recount))

    def records(self) -> list[JobRecord]:
        """Returns all job records, the oldest upload first."""
        found = [record for state in JobState for record in self.table.in_state(state)]
        return sorted(found, key=lambda record: record.uploaded_ms)

    def record(self) -> JobRecord:
        """Returns the only job record."""
        (record,) = self.records()
        return record

    def stored(self, prefix: str = "") -> dict[str, bytes]:
        """Returns the objects in the results bucket by key."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=RESULTS, Prefix=prefix)
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
        return {key: self.s3.get_object(Bucket=RESULTS, Key=key)["Body"].read() for key in keys}

    def results(self, record: JobRecord) -> dict[str, bytes]:
        """Returns the result files of one job by name."""
        prefix = record.results_prefix
        return {key.removeprefix(prefix): body for key, body in self.stored(prefix).items()}


def persons_in(body: bytes) -> list[dict[str, Any]]:
    """Parses the content of observations.jsonl.gz."""
    return [json.loads(line) for line in gzip.decompress(body).splitlines()]


def upload_event(
    key: str,
    version: str | None,
    uploaded_ms: int,
    size: int = 1,
    etag: str = "d41d8cd98f00b204e9800998ecf8427e",
    bucket: str = VIDEOS,
) -> dict[str, Any]:
    """Returns an event as S3 sends it. events/s3-put.json shows all members of one."""
    s3_object = {
        "key": quote_plus(key, safe="/"),
        "size": size,
        "eTag": etag,
        "sequencer": f"{uploaded_ms:018X}",
    }
    if version is not None:
        s3_object["versionId"] = version
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventTime": utc_text(uploaded_ms),
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": bucket}, "object": s3_object},
    }
    return {"Records": [record]}
