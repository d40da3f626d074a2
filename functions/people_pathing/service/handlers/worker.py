"""ENTRY: the container's steps of a job: plan, detect in a segment, track in a window, link."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from people_pathing.service.artifacts import ArtifactStore, job_key, segment_key, window_key
from people_pathing.service.job import Job, Plan
from people_pathing.service.protocol.errors import VideoRejectedError
from people_pathing.service.result_pages.layout import Header
from people_pathing.service.settings import WorkerSettings
from people_pathing.service.video_reader import open_video

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

    from people_pathing.engine import Detections, Detector, FaceDetector, Successors, VideoMetadata

logger = Logger(service="service")
tracer = Tracer(service="service")

CLIENT_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 5})
MAX_DURATION_MS = 6 * 3600 * 1000
MAX_SEGMENTS = 1000
"""Seven events each, retries apart, and an execution's history ends at 25,000."""


class Composition(NamedTuple):
    """What the steps work with."""

    settings: WorkerSettings
    s3: S3Client
    store: ArtifactStore


@cache
def compose() -> Composition:
    """This function's settings and clients."""
    settings = WorkerSettings.from_environment(os.environ)
    s3 = boto3.Session().client("s3", config=CLIENT_CONFIG)
    return Composition(settings, s3, ArtifactStore(s3, settings.artifact_bucket))


@cache
def detector() -> Detector:
    """The detector, loaded when the first segment asks for it."""
    from people_pathing.engine import load_detector

    settings = compose().settings
    return load_detector(
        settings.detector, settings.model, input_px=settings.input_px, cache_dir=settings.model_cache_dir
    )


@cache
def face_detector() -> FaceDetector | None:
    """The face detector, if the settings name one, loaded when the first segment asks for it."""
    from people_pathing.engine import load_face_detector

    model = compose().settings.face_model
    return load_face_detector(model) if model else None


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def plan(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """{"job_id"} → {"job_id", "segments": their indexes, "windows": their indexes}."""
    from people_pathing.engine import plan_segments, plan_windows

    job_id = event["job_id"]
    settings, s3, store = compose()
    with open_video(s3, _job(store, job_id).video) as source:
        metadata, segments = plan_segments(source, segment_s=settings.segment_s)
        _check_duration(metadata, source.name)
        if len(segments) > MAX_SEGMENTS:
            metadata, segments = plan_segments(source, count=MAX_SEGMENTS)
    windows = plan_windows(metadata)
    if len(windows) == 1:
        windows = ()
    planned = Plan(asdict(metadata), tuple(map(asdict, segments)), tuple(map(asdict, windows)))
    store.write(job_key(job_id, "plan.json"), planned.to_json())
    logger.info("planned", segments=len(segments), windows=len(windows), duration_ms=metadata.duration_ms)
    return {"job_id": job_id, "segments": list(range(len(segments))), "windows": list(range(len(windows)))}


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def detect(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """{"job_id", "segment": index} → {"segment", "detections": how many}."""
    from people_pathing.engine import Segment, detect_segment

    job_id, index = event["job_id"], event["segment"]
    settings, s3, store = compose()
    segment = Segment(**_plan(store, job_id).segments[index])
    with open_video(s3, _job(store, job_id).video) as source:
        detections = detect_segment(
            source, segment, detector(), face_detector=face_detector(), sample_fps=settings.sample_fps
        )
    file = io.BytesIO()
    detections.save(file)
    store.write(segment_key(job_id, index), file.getvalue())
    logger.info(
        "detected",
        segment=index,
        detections=len(detections),
        faces=len(detections.faces),
        detector=detector().name,
    )
    return {"segment": index, "detections": len(detections)}


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def associate(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """{"job_id", "window": index} → {"window"}."""
    import numpy as np

    from people_pathing.engine import Segment, around, associate_window, concatenate

    job_id, index = event["job_id"], event["window"]
    _, _, store = compose()
    _job(store, job_id)
    planned = _plan(store, job_id)
    window = Segment(**planned.windows[index])
    start_us, end_us = around(window)
    needed = [
        number
        for number, segment in enumerate(planned.segments)
        if segment["start_us"] < end_us and (segment["end_us"] is None or segment["end_us"] > start_us)
    ]
    successors = associate_window(concatenate(_parts(store, job_id, needed)), window)
    file = io.BytesIO()
    np.save(file, successors, allow_pickle=False)
    store.write(window_key(job_id, index), file.getvalue())
    logger.info("tracked", window=index, segments=len(needed), detections=len(successors))
    return {"window": index}


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def link(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """{"job_id"} → {"job_id", "status": "SUCCEEDED"}; the results are there once this has returned."""
    from people_pathing.engine import VideoMetadata, concatenate, link_detections
    from people_pathing.service.result_pages.from_tracks import BlockStream, blocks, observations

    job_id = event["job_id"]
    _, _, store = compose()
    job, planned = _job(store, job_id), _plan(store, job_id)
    metadata = VideoMetadata(**planned.metadata)
    detections = concatenate(_parts(store, job_id, range(len(planned.segments))))
    tracks = link_detections(
        detections, metadata, successors=_successors(store, job_id, len(planned.windows))
    )
    found = observations(tracks, metadata.frame_width, metadata.frame_height)
    header = _header(job, metadata, len(found))
    store.write_stream(
        job_key(job_id, "observations.bin"), io.BufferedReader(BlockStream(blocks(header, found)))
    )
    logger.info("linked", persons=len(tracks), observations=len(found), faces=len(found.faces))
    return {"job_id": job_id, "status": "SUCCEEDED"}


def _job(store: ArtifactStore, job_id: str) -> Job:
    """The job; from here on every line of the log says which it is."""
    job = Job.from_json(store.read_existing(job_key(job_id, "request.json")))
    logger.append_keys(job_id=job_id, video=job.video.uri)
    return job


def _plan(store: ArtifactStore, job_id: str) -> Plan:
    return Plan.from_json(store.read_existing(job_key(job_id, "plan.json")))


def _parts(store: ArtifactStore, job_id: str, indexes: Iterable[int]) -> Iterator[Detections]:
    from people_pathing.engine import Detections

    for index in indexes:
        yield Detections.load(io.BytesIO(store.read_existing(segment_key(job_id, index))))


def _successors(store: ArtifactStore, job_id: str, count: int) -> Successors | None:
    """The successors in all windows; None where there are no windows."""
    import numpy as np

    windows = [io.BytesIO(store.read_existing(window_key(job_id, index))) for index in range(count)]
    return np.concatenate([np.load(window, allow_pickle=False) for window in windows]) if windows else None


def _check_duration(metadata: VideoMetadata, name: str) -> None:
    if metadata.duration_ms > MAX_DURATION_MS:
        raise VideoRejectedError(
            f"{name} is {metadata.duration_ms / 3_600_000:.2f} hours long; at most 6 hours are taken"
        )


def _header(job: Job, metadata: VideoMetadata, observation_count: int) -> Header:
    from people_pathing.service.result_pages.from_tracks import api_metadata

    return Header(
        job_id=job.job_id,
        account=job.account,
        secret=job.secret,
        ended_at_ms=int(time.time() * 1000),
        observation_count=observation_count,
        video=job.video.as_requested(),
        job_tag=job.job_tag,
        metadata=api_metadata(metadata),
    )
