"""What the entry modules build once, from the environment and one session, and pass down."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.config import Config

from tracking_app.job_table import JobTable
from tracking_app.measures import Measures
from tracking_app.results import Results
from tracking_app.running_jobs import RunningJobs
from tracking_app.settings import Settings
from tracking_app.tracking_request import TrackingRequests
from tracking_app.waiting_jobs import WaitingJobs

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
    measures: Measures

    def waiting_jobs(self, remaining_ms: Callable[[], int]) -> WaitingJobs:
        """`remaining_ms` says how long the function may still run."""
        requests = TrackingRequests(
            self.rekognition, self.settings.completion_topic_arn, self.settings.completion_role_arn
        )
        return WaitingJobs(
            self.table, requests, self.s3, self.measures, now_ms, lambda: remaining_ms() < START_RESERVE_MS
        )

    def running_jobs(self, remaining_ms: Callable[[], int]) -> RunningJobs:
        """`remaining_ms` says how long the function may still run."""
        results = Results(self.s3, self.settings.results_bucket)
        return RunningJobs(
            self.table,
            self.rekognition,
            results,
            self.measures,
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
        measures=Measures(),
    )


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def _sign_as(service: str) -> Callable[..., None]:
    """A Function URL takes signatures made for `lambda`, whatever the API behind it is."""

    def set_signing_name(request: Any, **_: object) -> None:
        request.context.setdefault("signing", {})["signing_name"] = service

    return set_signing_name
