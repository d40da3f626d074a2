"""Composes the API function: the two operations over its clients."""

from __future__ import annotations

import os
from functools import cache

import boto3
from botocore.config import Config

from people_pathing.service.artifacts import ArtifactStore
from people_pathing.service.executions import Executions
from people_pathing.service.job_store import JobStore
from people_pathing.service.notification import CallerRoles
from people_pathing.service.operations.get import GetPersonTracking
from people_pathing.service.operations.start import StartPersonTracking
from people_pathing.service.protocol.answering import Operations
from people_pathing.service.settings import ApiSettings
from people_pathing.service.videos.lookup import Videos

# A caller waits for the reply, so failing calls must end well within the function's timeout of 30 seconds.
CLIENT_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=3, read_timeout=8
)


@cache
def compose_operations() -> Operations:
    """Returns the two operations."""
    settings = ApiSettings.from_environment(os.environ)
    session = boto3.Session()
    s3 = session.client("s3", config=CLIENT_CONFIG)
    jobs = JobStore(session.client("dynamodb", config=CLIENT_CONFIG), settings.job_store_table)
    start = StartPersonTracking(
        jobs,
        Videos(s3, settings.video_buckets),
        CallerRoles(session.client("sts", config=CLIENT_CONFIG)),
        Executions(session.client("stepfunctions", config=CLIENT_CONFIG), settings.state_machine_arn),
        max_concurrent_jobs=settings.max_concurrent_jobs,
        notification_role_arns=settings.notification_role_arns,
        service_role_arns=settings.service_role_arns,
    )
    get = GetPersonTracking(jobs, ArtifactStore(s3, settings.artifact_bucket))
    return {"StartPersonTracking": start, "GetPersonTracking": get}
