"""ENTRY: the container's steps of a job: plan, detect in a segment, track in a span, link."""

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

from tracking_service.artifact_store import ArtifactStore, job_key, segment_key, span_key
from tracking_service.errors import VideoRefused
from tracking_service.job import Job, Plan
from tracking_service.result_pages import Header
from tracking_service.settings import WorkerSettings
from tracking_service.video_reader import open_video

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

    from tracking_engine import Detections, Detector, FaceDetector, Steps, VideoMetadata

logger = Logger(service="tracking-service")
tracer = Tracer(service="tracking-service")

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
    from tracking_engine import load_detector

    settings = compose().settings
    return load_detector(
        settings.detector, settings.model, input_px=settings.input_px, cache_dir=settings.model_cache_dir
    )


@cache
def face_detector() -> FaceDetector | None:
    """The face detector, if the settings name one, loaded when the first segment asks for it."""
    from tracking_engine import load_face_detector

    model = compose().settings.face_model
    return load_face_detector(model) if model else None


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def plan(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """{"job_id"} → {"job_id", "segments": their indexes, "spans": their indexes}."""
    from tracking_engine import plan_segments, plan_spans

    job_id = event["job_id"]
    settings, s3, store = compose()
    with open_video(s3, _job(store, job_id).video) as source:
        metadata, segments = plan_segments(source, segment_s=settings.segment_s)
        _check_duration(metadata, source.name)
        if len(segments) > MAX_SEGMENTS:
            metadata, segments = plan_segments(source, count=MAX_SEGMENTS)
    spans = plan_spans(metadata)
    if len(spans) == 1:
        spans = ()
    planned = Plan(asdict(metadata), tuple(map(asdict, segments)), tuple(map(asdict, spans)))
    store.write(job_key(job_id, "plan.json"), planned.to_json())
    logger.info("planned", segments=len(segments), spans=len(spans), duration_ms=metadata.duration_ms)
    return {"job_id": job_id, "segments": list(range(len(segments))), "spans": list(range(len(spans)))}


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def detect(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """{"job_id", "segment": index} → {"segment", "detections": how many}."""
    from tracking_engine import Segment, detect_segment

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
def track(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """{"job_id", "span": index} → {"span"}."""
    import numpy as np

    from tracking_engine import Segment, around, concatenate, track_span

    job_id, index = event["job_id"], event["span"]
    _, _, store = compose()
    _job(store, job_id)
    planned = _plan(store, job_id)
    span = Segment(**planned.spans[index])
    start_us, end_us = around(span)
    needed = [
        number
        for number, segment in enumerate(planned.segments)
        if segment["start_us"] < end_us and (segment["end_us"] is None or segment["end_us"] > start_us)
    ]
    steps = track_span(concatenate(_parts(store, job_id, needed)), span)
    file = io.BytesIO()
    np.save(file, steps, allow_pickle=False)
    store.write(span_key(job_id, index), file.getvalue())
    logger.info("tracked", span=index, segments=len(needed), detections=len(steps))
    return {"span": index}


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def link(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """{"job_id"} → {"job_id", "status": "SUCCEEDED"}; the results are there once this has returned."""
    from tracking_engine import VideoMetadata, concatenate, link_detections
    from tracking_service.observations import BlockStream, blocks, observations

    job_id = event["job_id"]
    _, _, store = compose()
    job, planned = _job(store, job_id), _plan(store, job_id)
    metadata = VideoMetadata(**planned.metadata)
    detections = concatenate(_parts(store, job_id, range(len(planned.segments))))
    tracks = link_detections(detections, metadata, steps=_steps(store, job_id, len(planned.spans)))
    found = observations(tracks, metadata.frame_width, metadata.frame_height)
    header = _header(job, metadata, len(found))
    store.write_stream(job_key(job_id, "persons.bin"), io.BufferedReader(BlockStream(blocks(header, found))))
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
    from tracking_engine import Detections

    for index in indexes:
        yield Detections.load(io.BytesIO(store.read_existing(segment_key(job_id, index))))


def _steps(store: ArtifactStore, job_id: str, count: int) -> Steps | None:
    """The steps of all spans; None where there are no spans."""
    import numpy as np

    spans = [io.BytesIO(store.read_existing(span_key(job_id, index))) for index in range(count)]
    return np.concatenate([np.load(span, allow_pickle=False) for span in spans]) if spans else None


def _check_duration(metadata: VideoMetadata, name: str) -> None:
    if metadata.duration_ms > MAX_DURATION_MS:
        raise VideoRefused(
            f"{name} is {metadata.duration_ms / 3_600_000:.2f} hours long; at most 6 hours are taken"
        )


def _header(job: Job, metadata: VideoMetadata, observation_count: int) -> Header:
    from tracking_service.observations import api_metadata

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
