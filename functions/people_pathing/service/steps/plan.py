"""The plan step: reads the video's metadata and divides the video into segments and tracking windows."""

from __future__ import annotations

from dataclasses import replace

from people_pathing.common.json_values import to_json
from people_pathing.service import provenance
from people_pathing.service.artifacts import plan_key
from people_pathing.service.observability import logger
from people_pathing.service.protocol.errors import VideoRejectedError
from people_pathing.service.steps.context import WorkerContext, frame_work_of, read_running_job
from people_pathing.service.steps.job_plan import JobPlan
from people_pathing.service.steps.tasks import JobTask, PlannedJob
from people_pathing.service.videos.masks import masks_of
from people_pathing.service.videos.reader import open_video

MAX_DURATION_MS = 6 * 3600 * 1000

MAX_SEGMENTS = 400
"""The history of an execution ends at 25,000 events. More segments could fill it if Lambda throttles all
day."""


def plan(task: JobTask, context: WorkerContext) -> PlannedJob:
    """Plans a job and stores its plan.

    Raises:
        VideoRejectedError: the video is too long, or was changed; or its masks are wrong.
        VideoUnreadableError: the service has no access to the video, or to its masks.
        VideoError: the object is not a video, or too much work with the worker's settings.
    """
    from people_pathing.engine import plan_by_work, plan_windows, summarize

    job = read_running_job(context.jobs, task.job_id)
    masks = masks_of(context.s3, job.video)
    with open_video(context.s3, job.video) as source:
        video = summarize(source)
    metadata = video.metadata
    if metadata.duration_ms > MAX_DURATION_MS:
        raise VideoRejectedError(
            f"{video.name} is {metadata.duration_ms / 3_600_000:.2f} hours long; at most 6 hours are allowed"
        )
    segments = plan_by_work(
        video,
        frame_work_of(context, metadata),
        segment_s=context.settings.segment_s,
        max_segments=MAX_SEGMENTS,
    )
    windows = plan_windows(metadata)
    if len(windows) == 1:
        # A short video: the link step associates it without a further invocation.
        windows = ()
    models = context.models()
    known = provenance.planned(
        metadata,
        models.detector,
        face_detector=models.face_detector,
        reidentifier=models.reidentifier,
        sample_fps=context.settings.sample_fps,
        masks=masks,
    )
    planned = JobPlan(metadata, segments, windows, replace(known, warnings=models.warnings), masks)
    context.store.write(plan_key(task.job_id), to_json(planned).encode())
    logger.info(
        "planned",
        segments=len(segments),
        windows=len(windows),
        duration_ms=metadata.duration_ms,
        masks=len(masks),
    )
    return PlannedJob(task.job_id, tuple(range(len(segments))), tuple(range(len(windows))))
