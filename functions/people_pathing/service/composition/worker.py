"""Composes the worker's functions: settings, clients, and the detectors when a step first uses them."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from people_pathing.service.artifacts import ArtifactStore
from people_pathing.service.job_store import JobStore
from people_pathing.service.steps.context import WorkerContext
from people_pathing.service.worker_settings import WorkerSettings

if TYPE_CHECKING:
    from people_pathing.engine import Detector, FaceDetector

CLIENT_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 5})


@cache
def compose_worker() -> WorkerContext:
    """Returns what the worker's steps need."""
    settings = WorkerSettings.from_environment(os.environ)
    session = boto3.Session()
    s3 = session.client("s3", config=CLIENT_CONFIG)
    store = ArtifactStore(s3, settings.artifact_bucket)
    jobs = JobStore(session.client("dynamodb", config=CLIENT_CONFIG), settings.job_store_table)
    return WorkerContext(settings, s3, store, jobs, compose_detector, compose_face_detector)


@cache
def compose_detector() -> Detector:
    """Loads the detector that the settings name."""
    from people_pathing.engine import load_detector

    settings = compose_worker().settings
    return load_detector(settings.detector, settings.model, input_px=settings.input_px)


@cache
def compose_face_detector() -> FaceDetector | None:
    """Loads the face detector that the settings name. Returns None if face detection is off."""
    from people_pathing.engine import load_face_detector

    model = compose_worker().settings.face_model
    return load_face_detector(model) if model else None
