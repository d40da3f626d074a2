"""What the entry modules build once, from the environment and one session, and pass down."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.config import Config

from people_pathing.pipeline.job_metrics import JobMetrics
from people_pathing.pipeline.job_table import JobTable
from people_pathing.pipeline.result_collection import ResultCollector
from people_pathing.pipeline.results_bucket import ResultsBucket
from people_pathing.pipeline.settings import Settings
from people_pathing.pipeline.start_queue import StartQueue
from people_pathing.pipeline.tracking_client import TrackingClient

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient
    from types_boto3_s3 import S3Client

# The legacy mode repeats throttled and broken calls, but takes LimitExceededException for an answer: a job
# for which there is no room costs one call. The standard mode would ask three times.
TRACKING_CONFIG = Config(
    retries={"mode": "legacy", "total_max_attempts": 3}, connect_timeout=5, read_timeout=30
)
STORAGE_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 6}, connect_timeout=5, read_timeout=30
)
# Long enough for one start with all its repetitions.
START_RESERVE_MS = 20_000
# Long enough to finish a chunk of results, or to store a file of several hundred megabytes.
COLLECT_RESERVE_MS = 60_000


@dataclass(frozen=True, slots=True)
class App:
    settings: Settings
    rekognition: RekognitionClient
    s3: S3Client
    table: JobTable
    job_metrics: JobMetrics

    def waiting_jobs(self, remaining_ms: Callable[[], int]) -> StartQueue:
        """`remaining_ms` says how long the function may still run."""
        requests = TrackingClient(
            self.rekognition, self.settings.completion_topic_arn, self.settings.completion_role_arn
        )
        return StartQueue(
            self.table, requests, self.s3, self.job_metrics, now_ms, lambda: remaining_ms() < START_RESERVE_MS
        )

    def running_jobs(self, remaining_ms: Callable[[], int]) -> ResultCollector:
        """`remaining_ms` says how long the function may still run."""
        results = ResultsBucket(self.s3, self.settings.results_bucket)
        return ResultCollector(
            self.table,
            self.rekognition,
            results,
            self.job_metrics,
            now_ms,
            lambda: remaining_ms() < COLLECT_RESERVE_MS,
        )


def compose(environment: Mapping[str, str], client: Callable[..., Any]) -> App:
    """`client` is a boto3 session's. Raise KeyError naming the environment variable that is missing."""
    settings = Settings.from_environment(environment)
    rekognition = client("rekognition", config=TRACKING_CONFIG)
    rekognition.meta.events.register("before-sign.rekognition", _sign_as(settings.signing_name))
    dynamodb = client("dynamodb", config=STORAGE_CONFIG)
    return App(
        settings=settings,
        rekognition=rekognition,
        s3=client("s3", config=STORAGE_CONFIG),
        table=JobTable(dynamodb, settings.job_table),
        job_metrics=JobMetrics(),
    )


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def _sign_as(service: str) -> Callable[..., None]:
    """A Function URL takes signatures made for `lambda`, whatever the API behind it is."""

    def set_signing_name(request: Any, **_: object) -> None:
        request.context.setdefault("signing", {})["signing_name"] = service

    return set_signing_name
