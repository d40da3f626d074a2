"""The plan step: reads the video's metadata and divides the video into segments and tracking windows."""

from __future__ import annotations

from people_pathing.common.json_values import to_json
from people_pathing.service.artifacts import plan_key
from people_pathing.service.observability import logger
from people_pathing.service.protocol.errors import VideoRejectedError
from people_pathing.service.steps.context import WorkerContext, read_job
from people_pathing.service.steps.job_plan import JobPlan
from people_pathing.service.steps.tasks import JobTask, PlannedJob
from people_pathing.service.video_reader import open_video

MAX_DURATION_MS = 6 * 3600 * 1000

MAX_SEGMENTS = 1000
"""A segment adds seven events to an execution's history, without retries. A history ends at 25,000 events."""


def plan(task: JobTask, context: WorkerContext) -> PlannedJob:
    """Plans a job and stores its plan.

    Raises:
        VideoRejectedError: the video is too long, was changed, or cannot be read.
        VideoError: the object is not a video.
    """
    from people_pathing.engine import plan_segments, plan_windows

    with open_video(context.s3, read_job(context.store, task.job_id).video) as source:
        metadata, segments = plan_segments(source, segment_s=context.settings.segment_s)
        if metadata.duration_ms > MAX_DURATION_MS:
            raise VideoRejectedError(
                f"{source.name} is {metadata.duration_ms / 3_600_000:.2f} hours long; "
                "at most 6 hours are allowed"
            )
        if len(segments) > MAX_SEGMENTS:
            metadata, segments = plan_segments(source, count=MAX_SEGMENTS)
    windows = plan_windows(metadata)
    if len(windows) == 1:
        # A short video: the link step associates it without a further invocation.
        windows = ()
    planned = JobPlan(metadata, tuple(segments), tuple(windows))
    context.store.write(plan_key(task.job_id), to_json(planned).encode())
    logger.info("planned", segments=len(segments), windows=len(windows), duration_ms=metadata.duration_ms)
    return PlannedJob(task.job_id, tuple(range(len(segments))), tuple(range(len(windows))))
