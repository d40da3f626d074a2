"""Composes the worker's functions: settings, clients, and the models when a step first uses them."""

from __future__ import annotations

import os
from functools import cache

import boto3
from botocore.config import Config

from people_pathing.service.artifacts import ArtifactStore
from people_pathing.service.job_store import JobStore
from people_pathing.service.observability import logger
from people_pathing.service.steps.context import Models, WorkerContext
from people_pathing.service.worker_settings import WorkerSettings

CLIENT_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 5},
    # In a VPC that lacks an endpoint, calls then fail within a minute instead of five.
    connect_timeout=5,
    # Otherwise, requests from us-east-1 go to s3.amazonaws.com, which is not a name of that region alone.
    s3={"us_east_1_regional_endpoint": "regional"},
)


@cache
def compose_worker() -> WorkerContext:
    """Returns what the worker's steps need."""
    settings = WorkerSettings.from_environment(os.environ)
    session = boto3.Session()
    s3 = session.client("s3", config=CLIENT_CONFIG)
    store = ArtifactStore(s3, settings.artifact_bucket)
    jobs = JobStore(session.client("dynamodb", config=CLIENT_CONFIG), settings.job_store_table)
    return WorkerContext(settings, s3, store, jobs, compose_models)


@cache
def compose_models() -> Models:
    """Loads the models that the settings name."""
    from people_pathing.engine.selection import select_detector, select_face_detector, select_reidentifier

    settings = compose_worker().settings
    people = select_detector(settings.detector, settings.model, input_px=settings.input_px)
    faces = select_face_detector(settings.face_model) if settings.face_model else None
    reidentifier = select_reidentifier(settings.reidentification_model)
    warnings = tuple(choice.warning for choice in (people, reidentifier) if choice.warning)
    for warning in warnings:
        logger.warning(warning)
    return Models(
        people.load(),
        face_detector=faces.load() if faces else None,
        reidentifier=reidentifier.load(),
        warnings=warnings,
    )
