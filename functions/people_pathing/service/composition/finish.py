"""Composes the last step of a job: the job store and the publisher of completion notices."""

from __future__ import annotations

import os
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.credentials import Credentials

from people_pathing.service.job_store import JobStore
from people_pathing.service.notification import CallerRoles, NoticePublisher
from people_pathing.service.settings import FinishSettings

if TYPE_CHECKING:
    from types_boto3_sns.client import SNSClient
    from types_boto3_sts.type_defs import CredentialsTypeDef

# The notice of a job belongs to one invocation for two minutes. Failing calls must end well within that time.
CLIENT_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=3, read_timeout=8
)


@dataclass(frozen=True, slots=True)
class FinishContext:
    """What the last step needs.

    Attributes:
        jobs: the job store.
        publisher: publishes completion notices.
    """

    jobs: JobStore
    publisher: NoticePublisher


@cache
def compose_finish() -> FinishContext:
    """Returns what the last step needs."""
    settings = FinishSettings.from_environment(os.environ)
    session = boto3.Session()
    jobs = JobStore(session.client("dynamodb", config=CLIENT_CONFIG), settings.job_store_table)
    return FinishContext(jobs, compose_publisher(session))


def compose_publisher(session: boto3.Session) -> NoticePublisher:
    """Returns a publisher. It has one SNS client, which signs each call as the role that was assumed for it.

    Creating a client for each role would take longer than publishing, and each would connect to SNS again.
    """
    # Each thread has its own value, and without one a call fails instead of being signed as the function.
    role: ContextVar[Credentials] = ContextVar("role")

    def sign_as_role(request: Any, **_: object) -> None:
        request.context.setdefault("signing", {})["request_credentials"] = role.get()

    @cache
    def shared_client() -> SNSClient:
        client = session.client("sns", config=CLIENT_CONFIG)
        client.meta.events.register("before-sign.sns", sign_as_role)
        return client

    def sns_client(credentials: CredentialsTypeDef) -> SNSClient:
        role.set(
            Credentials(
                credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]
            )
        )
        return shared_client()

    return NoticePublisher(CallerRoles(session.client("sts", config=CLIENT_CONFIG)), sns_client)
