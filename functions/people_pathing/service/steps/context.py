"""What the worker's steps share: settings, clients, detectors, and the job's artifacts."""

from __future__ import annotations

import io
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from people_pathing.common.json_values import from_json
from people_pathing.common.read_ahead import READS_AHEAD, read_ahead
from people_pathing.service.artifacts import ArtifactStore, plan_key, segment_key
from people_pathing.service.job import Job
from people_pathing.service.job_store import JobStore
from people_pathing.service.observability import logger
from people_pathing.service.steps.job_plan import JobPlan
from people_pathing.service.worker_settings import WorkerSettings

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

    from people_pathing.engine import (
        Detections,
        Detector,
        FaceDetector,
        FrameWork,
        Reidentifier,
        VideoMetadata,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """What is loaded to find people.

    Attributes:
        detector: finds people.
        face_detector: finds faces; None if face detection is off.
        reidentifier: describes people for linking; None if they are linked without it.
        warnings: sentences about models that had to be replaced by worse ones.
    """

    detector: Detector
    face_detector: FaceDetector | None = None
    reidentifier: Reidentifier | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkerContext:
    """What a worker step needs besides its task.

    Attributes:
        settings: the worker's settings.
        s3: a client with rights to the videos.
        store: the artifact bucket.
        jobs: the job store.
        models: returns the models. Loading them takes seconds, so only planning and detection call this.
    """

    settings: WorkerSettings
    s3: S3Client
    store: ArtifactStore
    jobs: JobStore
    models: Callable[[], Models]


class JobEndedError(Exception):
    """The job does not run any more. Its steps must not continue, because it holds no slot."""


def read_running_job(jobs: JobStore, job_id: str) -> Job:
    """Reads a job that is running. All later log lines of the invocation name it.

    Raises:
        JobEndedError: the job has ended, or is erased, and its execution was redriven.
    """
    stored = jobs.get(job_id)
    if stored is None or stored.state != "RUNNING":
        raise JobEndedError(f"the job {job_id} is not running; start the video again instead of redriving it")
    logger.append_keys(job_id=job_id, video=stored.job.video.uri)
    return stored.job


def read_plan(store: ArtifactStore, job_id: str) -> JobPlan:
    """Reads a job's plan."""
    return from_json(JobPlan, store.read_existing(plan_key(job_id)))


def frame_work_of(context: WorkerContext, metadata: VideoMetadata) -> FrameWork:
    """Estimates how long each frame of a video takes with the worker's settings."""
    from people_pathing.engine import frame_work

    models = context.models()
    return frame_work(
        models.detector,
        metadata.frame_width,
        metadata.frame_height,
        with_faces=models.face_detector is not None,
        sample_fps=context.settings.sample_fps,
        reidentifier=models.reidentifier,
    )


def read_detections(
    store: ArtifactStore, job_id: str, segments: Iterable[int]
) -> Generator[Detections, None, None]:
    """Yields the detections in these segments, one segment at a time. Some are read ahead.

    Close it, because reads that outlive their invocation would delay the next one.
    """
    from people_pathing.engine import Detections

    keys = [segment_key(job_id, index) for index in segments]
    with (
        ThreadPoolExecutor(READS_AHEAD) as background,
        closing(read_ahead(background, store.read_existing, keys)) as stored,
    ):
        for data in stored:
            yield Detections.load(io.BytesIO(data))
