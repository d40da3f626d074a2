"""The detect step: detects the people, and on request their faces, in the sampled frames of one segment."""

from __future__ import annotations

import io

from people_pathing.service.artifacts import segment_key
from people_pathing.service.observability import logger
from people_pathing.service.steps.context import WorkerContext, frame_work_of, read_plan, read_running_job
from people_pathing.service.steps.tasks import DetectedSegment, SegmentTask
from people_pathing.service.videos.reader import open_video


def detect(task: SegmentTask, context: WorkerContext) -> DetectedSegment:
    """Detects the people in one segment and stores the detections.

    Raises:
        VideoRejectedError: the video was changed.
        VideoUnreadableError: the service has no access to the video.
        VideoError: the object is not a video, or takes far longer than the plan expects.
    """
    from people_pathing.engine import WorkMeter, detect_segment

    job, plan = read_running_job(context.jobs, task.job_id), read_plan(context.store, task.job_id)
    models = context.models()
    work = frame_work_of(context, plan.metadata)
    with open_video(context.s3, job.video) as source:
        detections = detect_segment(
            source,
            plan.segments[task.segment],
            models.detector,
            face_detector=models.face_detector,
            reidentifier=models.reidentifier,
            sample_fps=context.settings.sample_fps,
            masks=plan.masks,
            meter=WorkMeter(work, job.video.uri),
        )
    file = io.BytesIO()
    detections.save(file)
    context.store.write(segment_key(task.job_id, task.segment), file.getvalue())
    logger.info(
        "detected",
        segment=task.segment,
        detections=len(detections),
        faces=len(detections.faces),
        detector=models.detector.name,
    )
    return DetectedSegment(task.segment, len(detections))
