"""The link step: links the detections of the whole video into tracks and stores the result object."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from people_pathing.common.clock import now_ms
from people_pathing.results.provenance import Provenance
from people_pathing.results.provenance_header import write_header
from people_pathing.service import provenance
from people_pathing.service.artifacts import ArtifactStore, observations_key, window_key
from people_pathing.service.job import Job
from people_pathing.service.observability import logger
from people_pathing.service.protocol.errors import VideoRejectedError
from people_pathing.service.result_pages.layout import Header
from people_pathing.service.steps.context import WorkerContext, read_detections, read_plan, read_running_job
from people_pathing.service.steps.job_plan import JobPlan
from people_pathing.service.steps.tasks import EndedJob, JobTask

if TYPE_CHECKING:
    from people_pathing.engine import Detections, Successors, VideoMetadata


ASSOCIATION_S, DETECTION_S, NEIGHBOUR_S = 90e-6, 60e-6, 1.6e-6
"""Processor time of associating one detection, of linking it, and how much each detection in its frame adds.

Measured: linking takes 61 to 79 microseconds for a detection with 11 in each searched frame, and 148 with 65.
Associating takes 50 to 90.
"""
MAX_LINKING_S = 400.0
"""On a processor that is half as fast, that is 800 of the 900 seconds that the function may run.

At 7.5 searched frames a second, it is enough for six hours with 24 detections in every searched frame, or for
an hour with 79. Detections are more than people: *vtest* has 11 for 6 people.
"""


def link(task: JobTask, context: WorkerContext, now_ms: Callable[[], int] = now_ms) -> EndedJob:
    """Links a job's detections and stores its result. When this returns, callers can read the result.

    Args:
        task: the job.
        context: the worker's settings and clients.
        now_ms: the clock.

    Raises:
        VideoRejectedError: linking would take longer than MAX_LINKING_S.
        VideoError: nothing of the video but its first frame could be decoded.
    """
    from people_pathing.engine import concatenate, link_detections
    from people_pathing.engine.checks.coverage import check_decoded, coverage_warnings
    from people_pathing.service.result_pages.from_tracks import BlockStream, blocks, observations

    job, plan = read_running_job(context.jobs, task.job_id), read_plan(context.store, task.job_id)
    with closing(read_detections(context.store, task.job_id, range(len(plan.segments)))) as parts:
        detections = concatenate(_limited(parts, plan, job.video.uri))
    check_decoded(detections, job.video.uri)
    successors = _read_successors(context.store, task.job_id, len(plan.windows))
    tracks = link_detections(detections, plan.metadata, successors=successors)
    result = observations(tracks, plan.metadata.frame_width, plan.metadata.frame_height)
    ended_ms = now_ms()
    known = provenance.completed(
        plan.provenance,
        detections.frame_count,
        detections.expected_frame_count,
        coverage_warnings(detections),
        ended_ms,
    )
    header = _header(job, plan.metadata, known, len(result), ended_ms)
    stream = io.BufferedReader(BlockStream(blocks(header, result)))
    context.store.write_stream(observations_key(task.job_id), stream)
    logger.info(
        "linked",
        people=len(tracks),
        observations=len(result),
        faces=len(result.faces),
        warnings=known.warnings,
    )
    return EndedJob(task.job_id, "SUCCEEDED")


def _limited(parts: Iterable[Detections], plan: JobPlan, name: str) -> Iterator[Detections]:
    """Yields the parts. Raises VideoRejectedError if linking them would take longer than MAX_LINKING_S."""
    import numpy as np

    # Without windows, this step also associates.
    each_s = DETECTION_S if plan.windows else DETECTION_S + ASSOCIATION_S
    count, needed_s = 0, 0.0
    for part in parts:
        count += len(part)
        in_frames = np.bincount(part.rows).astype(float)
        needed_s += len(part) * each_s + float((in_frames**2).sum()) * NEIGHBOUR_S
        if needed_s > MAX_LINKING_S:
            raise VideoRejectedError(
                f"{name} has at least {count:,} detections of people, and linking them is too much work for "
                "one job; cut the video into parts, or set SampleFps to less than 5 to search fewer frames"
            )
        yield part


def _read_successors(store: ArtifactStore, job_id: str, window_count: int) -> Successors | None:
    """Returns the successors in all windows, or None if the video was not divided into windows."""
    import numpy as np

    files = [io.BytesIO(store.read_existing(window_key(job_id, index))) for index in range(window_count)]
    return np.concatenate([np.load(file, allow_pickle=False) for file in files]) if files else None


def _header(
    job: Job, metadata: VideoMetadata, known: Provenance, observation_count: int, ended_ms: int
) -> Header:
    from people_pathing.service.result_pages.from_tracks import api_metadata

    return Header(
        job_id=job.job_id,
        account=job.account,
        secret=job.secret,
        ended_ms=ended_ms,
        observation_count=observation_count,
        video=job.video.as_requested(),
        job_tag=job.job_tag,
        metadata=api_metadata(metadata),
        provenance=write_header(known),
    )
