"""Reads each function's settings and creates its clients, once per process.

This is the service's only module that reads the environment and creates clients.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from people_pathing.service.artifacts import ArtifactStore
from people_pathing.service.executions import Executions
from people_pathing.service.job_slots import JobSlots
from people_pathing.service.notification import CallerRoles, NoticePublisher
from people_pathing.service.operations.get import GetPersonTracking
from people_pathing.service.operations.start import StartPersonTracking, new_job_id
from people_pathing.service.protocol.answering import Operations
from people_pathing.service.settings import ApiSettings, FinishSettings, WorkerSettings
from people_pathing.service.start_tokens import StartTokens
from people_pathing.service.videos import Videos

if TYPE_CHECKING:
    from types_boto3_sns.client import SNSClient
    from types_boto3_sts.type_defs import CredentialsTypeDef

    from people_pathing.engine import Detector, FaceDetector
    from people_pathing.service.steps.context import WorkerContext

# A caller waits for the reply: three attempts with short timeouts fit into the function's 30 seconds.
API_CLIENT_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=3, read_timeout=8
)
STEP_CLIENT_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 5})


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
def compose_operations() -> Operations:
    """Returns the two operations of the API function."""
    settings = ApiSettings.from_environment(os.environ)
    session = boto3.Session()
    s3 = session.client("s3", config=API_CLIENT_CONFIG)
    store = ArtifactStore(s3, settings.artifact_bucket)
    executions = Executions(
        session.client("stepfunctions", config=API_CLIENT_CONFIG), settings.state_machine_arn
    )
    start = StartPersonTracking(
        store,
        Videos(s3, settings.video_buckets),
        CallerRoles(session.client("sts", config=API_CLIENT_CONFIG)),
        executions,
        StartTokens(store, new_job_id),
        JobSlots(store),
        max_concurrent_jobs=settings.max_concurrent_jobs,
        notification_role_arns=settings.notification_role_arns,
    )
    return {"StartPersonTracking": start, "GetPersonTracking": GetPersonTracking(store, executions)}


@cache
def compose_worker() -> WorkerContext:
    """Returns what the worker's steps need. Detectors are loaded when a step first uses them."""
    # The zip functions import this module. The context imports the engine, which only the worker's image has.
    from people_pathing.service.steps.context import WorkerContext

    settings = WorkerSettings.from_environment(os.environ)
    s3 = boto3.Session().client("s3", config=STEP_CLIENT_CONFIG)
    store = ArtifactStore(s3, settings.artifact_bucket)
    return WorkerContext(settings, s3, store, compose_detector, compose_face_detector)


@cache
def compose_finish() -> FinishContext:
    """Returns what the steps after the worker's need."""
    settings = FinishSettings.from_environment(os.environ)
    session = boto3.Session()
    store = ArtifactStore(session.client("s3", config=STEP_CLIENT_CONFIG), settings.artifact_bucket)

    def sns_client(credentials: CredentialsTypeDef) -> SNSClient:
        return session.client(
            "sns",
            config=STEP_CLIENT_CONFIG,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )

    roles = CallerRoles(session.client("sts", config=STEP_CLIENT_CONFIG))
    return FinishContext(store, JobSlots(store), NoticePublisher(roles, sns_client))


@cache
def compose_detector() -> Detector:
    """Loads the detector that the worker's settings name."""
    from people_pathing.engine import load_detector

    settings = compose_worker().settings
    return load_detector(settings.detector, settings.model, input_px=settings.input_px)


@cache
def compose_face_detector() -> FaceDetector | None:
    """Loads the face detector that the worker's settings name. Returns None if face detection is off."""
    from people_pathing.engine import load_face_detector

    model = compose_worker().settings.face_model
    return load_face_detector(model) if model else None
