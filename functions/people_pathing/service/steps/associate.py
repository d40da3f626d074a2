"""The associate step: finds each detection's successor in one tracking window of a long video."""

from __future__ import annotations

import io
from contextlib import closing

from people_pathing.service.artifacts import window_key
from people_pathing.service.observability import logger
from people_pathing.service.steps.context import WorkerContext, read_detections, read_plan, read_running_job
from people_pathing.service.steps.tasks import AssociatedWindow, WindowTask


def associate(task: WindowTask, context: WorkerContext) -> AssociatedWindow:
    """Associates the detections in one tracking window and stores their successors.

    It reads only the segments that overlap the window and the seconds around it.
    """
    import numpy as np

    from people_pathing.engine import associate_window, concatenate, needed_interval_us

    read_running_job(context.jobs, task.job_id)
    plan = read_plan(context.store, task.job_id)
    window = plan.windows[task.window]
    start_us, end_us = needed_interval_us(window)
    needed = [
        number
        for number, segment in enumerate(plan.segments)
        if segment.start_us < end_us and (segment.end_us is None or segment.end_us > start_us)
    ]
    with closing(read_detections(context.store, task.job_id, needed)) as parts:
        detections = concatenate(parts)
    successors = associate_window(detections, window)
    file = io.BytesIO()
    np.save(file, successors, allow_pickle=False)
    context.store.write(window_key(task.job_id, task.window), file.getvalue())
    logger.info("associated", window=task.window, segments=len(needed), detections=len(successors))
    return AssociatedWindow(task.window)
