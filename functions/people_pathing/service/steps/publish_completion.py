"""The last step of a job: releases its slot and publishes its completion notice."""

from __future__ import annotations

from collections.abc import Callable

from aws_lambda_powertools.metrics import MetricUnit
from botocore.exceptions import ClientError

from people_pathing.common.clock import now_ms
from people_pathing.common.json_values import from_json
from people_pathing.service.artifacts import ArtifactStore, request_key
from people_pathing.service.job import Job
from people_pathing.service.job_slots import JobSlots
from people_pathing.service.notification import NoticePublisher, completion_notice
from people_pathing.service.observability import logger, metrics
from people_pathing.service.steps.tasks import EndedJob


def publish_completion(
    ended: EndedJob,
    store: ArtifactStore,
    job_slots: JobSlots,
    publisher: NoticePublisher,
    now_ms: Callable[[], int] = now_ms,
) -> EndedJob:
    """Releases an ended job's slot and publishes its completion notice. Repeating it repeats the notice.

    Args:
        ended: the job and how it ended.
        store: the artifact bucket.
        job_slots: the slots of the running jobs.
        publisher: publishes under the caller's role.
        now_ms: the clock.

    Raises:
        ClientError: the role or the topic rejected the notice. The state machine then retries this step.
    """
    job = from_json(Job, store.read_existing(request_key(ended.job_id)))
    logger.append_keys(job_id=ended.job_id, video=job.video.uri)
    # The slot comes first: a subscriber may start the next job as soon as it receives the notice.
    job_slots.release(ended.job_id)
    if job.channel is not None:
        notice = completion_notice(job, ended.status, ended.message, now_ms())
        try:
            publisher.publish(job.channel, job.job_id, notice)
        except ClientError:
            metrics.add_metric("NoticeRejected", MetricUnit.Count, 1)
            raise
    metrics.add_metric(f"Job{ended.status.capitalize()}", MetricUnit.Count, 1)
    logger.info("ended", status=ended.status)
    return ended
