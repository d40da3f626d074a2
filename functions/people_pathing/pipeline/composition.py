"""Creates what the handlers need, once per process, from the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from people_pathing.common.clock import now_ms
from people_pathing.common.read_ahead import READS_AHEAD
from people_pathing.pipeline.job_metrics import JobMetrics
from people_pathing.pipeline.job_table import JobTable
from people_pathing.pipeline.recording import RecordingTimes
from people_pathing.pipeline.settings import Settings
from people_pathing.pipeline.start_queue import StartQueue
from people_pathing.pipeline.tracking_client import TrackingClient

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient
    from types_boto3_s3 import S3Client

    from people_pathing.pipeline.result_collection import ResultCollector

# Botocore's legacy mode retries throttling and server errors, but returns LimitExceededException at once.
# The standard mode would retry it, too. A job that meets the limit waits in the table, so one call is enough.
TRACKING_CONFIG = Config(
    retries={"mode": "legacy", "total_max_attempts": 3}, connect_timeout=5, read_timeout=30
)
# An event that fails here is only retried after a minute, so calls to S3 and DynamoDB try hard.
STORAGE_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 6}, connect_timeout=5, read_timeout=30
)
START_RESERVE_MS = 20_000
"""An invocation starts no more jobs when less time than this is left.

It is enough for one start with its retries, unless calls hang until their timeout. If Lambda stops an
invocation during a start, the lease on the job expires, and a later invocation repeats the start with the
same client token.
"""
COLLECT_RESERVE_MS = 120_000
"""An invocation pauses collecting when less time than this is left.

It is enough to finish a chunk, or to store a file of several hundred megabytes, and then to wait for a read
in the background whose attempts all take as long as they may.
"""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The clients and settings that all invocations in one process share."""

    settings: Settings
    rekognition: RekognitionClient
    s3: S3Client
    table: JobTable
    recording_times: RecordingTimes
    job_metrics: JobMetrics
    background: Executor

    def start_queue(self, remaining_ms: Callable[[], int]) -> StartQueue:
        """Creates the queue for one invocation. `remaining_ms` returns how long it may still run."""
        return StartQueue(
            self.table,
            self._tracking(),
            self.s3,
            self.job_metrics,
            now_ms,
            lambda: remaining_ms() < START_RESERVE_MS,
        )

    def result_collector(self, remaining_ms: Callable[[], int]) -> ResultCollector:
        """Creates the collector for one invocation. `remaining_ms` returns how long it may still run."""
        # StartTracking collects nothing. Importing these only here makes its cold start shorter.
        from people_pathing.pipeline.result_collection import ResultCollector
        from people_pathing.pipeline.results_bucket import ResultsBucket

        return ResultCollector(
            self.table,
            self._tracking(),
            ResultsBucket(self.s3, self.settings.results_bucket, self.background),
            self.recording_times,
            self.job_metrics,
            now_ms,
            lambda: remaining_ms() < COLLECT_RESERVE_MS,
            self.background,
        )

    def _tracking(self) -> TrackingClient:
        return TrackingClient(
            self.rekognition,
            self.settings.completion_topic_arn,
            self.settings.completion_role_arn,
            self.settings.token_secret,
        )


@cache
def pipeline() -> Pipeline:
    """Returns this process's pipeline. The first call reads the environment and creates the clients."""
    return compose(os.environ, boto3.Session().client)


def compose(environment: Mapping[str, str], client: Callable[..., Any]) -> Pipeline:
    """Creates a pipeline.

    Args:
        environment: the environment variables.
        client: creates a client, as the method `client` of a boto3 session does.

    Raises:
        SettingsError: an environment variable is missing, empty or not usable.
    """
    settings = Settings.from_environment(environment)
    s3 = client("s3", config=STORAGE_CONFIG)
    recording_times = RecordingTimes.under(settings, s3)
    rekognition = client("rekognition", config=TRACKING_CONFIG)
    rekognition.meta.events.register("before-sign.rekognition", _sign_as(settings.signing_name))
    dynamodb = client("dynamodb", config=STORAGE_CONFIG)
    return Pipeline(
        settings=settings,
        rekognition=rekognition,
        s3=s3,
        table=JobTable(dynamodb, settings.job_table),
        recording_times=recording_times,
        job_metrics=JobMetrics(),
        background=ThreadPoolExecutor(READS_AHEAD),
    )


def _sign_as(service: str) -> Callable[..., None]:
    """Makes a client sign for another service: a Function URL accepts signatures for `lambda` only."""

    def set_signing_name(request: Any, **_: object) -> None:
        request.context.setdefault("signing", {})["signing_name"] = service

    return set_signing_name
