"""Composes the functions after the worker's: the job slots and the publisher of completion notices."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from people_pathing.service.artifacts import ArtifactStore
from people_pathing.service.job_slots import JobSlots
from people_pathing.service.notification import CallerRoles, NoticePublisher
from people_pathing.service.settings import FinishSettings

if TYPE_CHECKING:
    from types_boto3_sns.client import SNSClient
    from types_boto3_sts.type_defs import CredentialsTypeDef

CLIENT_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 5})


@dataclass(frozen=True, slots=True)
class FinishContext:
    """What the steps after the worker's need.

    Attributes:
        store: the artifact bucket.
        job_slots: the slots of the running jobs.
        publisher: publishes completion notices.
    """

    store: ArtifactStore
    job_slots: JobSlots
    publisher: NoticePublisher


@cache
def compose_finish() -> FinishContext:
    """Returns what the steps after the worker's need."""
    settings = FinishSettings.from_environment(os.environ)
    session = boto3.Session()
    store = ArtifactStore(session.client("s3", config=CLIENT_CONFIG), settings.artifact_bucket)

    def sns_client(credentials: CredentialsTypeDef) -> SNSClient:
        return session.client(
            "sns",
            config=CLIENT_CONFIG,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )

    roles = CallerRoles(session.client("sts", config=CLIENT_CONFIG))
    return FinishContext(store, JobSlots(store), NoticePublisher(roles, sns_client))
