"""Creates what the scheduled smoke test needs, once per process, from the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import Credentials

from people_pathing.pipeline.job_table import JobTable
from people_pathing.service.job_store import JobStore
from people_pathing.smoke_test.api_calls import Api
from people_pathing.smoke_test.scheduled import ScheduledTest
from people_pathing.smoke_test.settings import Settings
from people_pathing.smoke_test.stack import OwnStack

CLIENT_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=5, read_timeout=30
)
INVOKE_CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=60)
"""A repeated call would invoke AssociateWindow again, which counts each refusal of the event as an error."""
SESSION_NAME = "people-pathing-smoke"


@cache
def scheduled_test() -> ScheduledTest:
    """Returns this process's test. The first call reads the environment and creates the clients."""
    return compose(os.environ, boto3.Session())


def compose(environment: Mapping[str, str], session: boto3.Session) -> ScheduledTest:
    """Creates a test.

    Args:
        environment: the environment variables.
        session: has the function's credentials and region, and creates the clients.

    Raises:
        SettingsError: an environment variable is missing or empty.
    """
    settings = Settings.from_environment(environment)
    service = settings.service
    dynamodb = session.client("dynamodb", config=CLIENT_CONFIG)
    stack = OwnStack(
        s3=session.client("s3", config=CLIENT_CONFIG),
        job_table=JobTable(dynamodb, settings.job_table),
        video_bucket=settings.video_bucket,
        results_bucket=settings.results_bucket,
        artifact_bucket=service.artifact_bucket if service else None,
        job_store=JobStore(dynamodb, service.job_store_table) if service else None,
    )
    return ScheduledTest(
        stack,
        Api(settings.api_url, session.region_name, settings.signing_name),
        session.get_credentials(),
        unprivileged=_unprivileged(session, service.unprivileged_role_arn) if service else None,
        associate_window=_invoker(session, service.associate_window_function) if service else None,
    )


def _unprivileged(session: boto3.Session, role_arn: str) -> Callable[[], Credentials]:
    """Returns what assumes the role that has no rights."""
    sts = session.client("sts", config=CLIENT_CONFIG)

    def assume() -> Credentials:
        reply = sts.assume_role(RoleArn=role_arn, RoleSessionName=SESSION_NAME)["Credentials"]
        return Credentials(reply["AccessKeyId"], reply["SecretAccessKey"], reply["SessionToken"])

    return assume


def _invoker(session: boto3.Session, function: str) -> Callable[[bytes], Any]:
    """Returns what invokes a function once with an event and waits for Lambda's reply."""
    invoke = partial(session.client("lambda", config=INVOKE_CONFIG).invoke, FunctionName=function)
    return lambda event: invoke(Payload=event)
