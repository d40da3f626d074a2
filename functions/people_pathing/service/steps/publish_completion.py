"""The last step of a job: records its outcome, releases its slot, and publishes its completion notice.

The order matters. The outcome is recorded first, so that the notice and GetPersonTracking agree. The slot is
released before the notice is published, because a subscriber may start the next job at once. The job leaves
the register last: until then, the sweep finishes what a step that failed or died has left.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from botocore.exceptions import BotoCoreError, ClientError

from people_pathing.common.json_values import from_mapping
from people_pathing.service.job import CompletionStatus
from people_pathing.service.job_items import Ending, StoredJob
from people_pathing.service.job_store import JobStore
from people_pathing.service.notification import NoticePublisher, completion_notice
from people_pathing.service.observability import logger, metrics
from people_pathing.service.steps.tasks import EndedJob, FailedStep

EXECUTION = "execution"
"""The teller of an execution's last step. Its retries may publish what an earlier try has claimed."""


def read_outcome(event: Mapping[str, Any]) -> EndedJob:
    """Reads the input of the last step: the link step's result, or what a Catch passes on.

    The cause of a failure is logged here. Callers only see the part that is meant for them.
    """
    if "error" not in event:
        return from_mapping(EndedJob, event)
    failed = FailedStep.from_event(event)
    logger.warning(
        "a step failed", job_id=failed.job_id, error={"Error": failed.error, "Cause": failed.cause}
    )
    return failed.outcome()


def publish_completion(ended: EndedJob, jobs: JobStore, publisher: NoticePublisher) -> EndedJob:
    """Runs the last step of an execution. It may be repeated: what was done before is not done again.

    Args:
        ended: the job and how it ended. If an outcome is recorded already, that one counts.
        jobs: the job store.
        publisher: publishes under the caller's role.

    Returns:
        The job with the recorded outcome.

    Raises:
        ClientError, BotoCoreError, ThrottlingException: the job store cannot be changed.
    """
    ending = end_job(ended, jobs, EXECUTION)
    stored = ending.job
    if stored is None or not stored.is_notice_owed:
        jobs.remove(ended.job_id)
    elif ending.is_first or jobs.claim_notice(stored, EXECUTION):
        publish_notice(stored, jobs, publisher)
    return ended if stored is None else EndedJob(ended.job_id, stored.outcome, stored.message)


def end_job(ended: EndedJob, jobs: JobStore, teller: str) -> Ending:
    """Records how a job ended, unless that is recorded already, and releases its slot."""
    logger.append_keys(job_id=ended.job_id)
    ending = jobs.end(ended.job_id, ended.status, ended.message, teller)
    if ending.is_first:
        _count_end(ended.status)
        logger.info("ended", status=ended.status, reason=ended.message)
    metrics.add_metric("JobEndRepeated", MetricUnit.Count, 0 if ending.is_first else 1)
    if ending.job is not None and ending.job.is_notice_owed:
        jobs.release_slot(ended.job_id)
    return ending


def _count_end(status: CompletionStatus) -> None:
    """Writes the metric at once: the invocation may be killed while it publishes notices."""
    ended = EphemeralMetrics(namespace=metrics.namespace, service=metrics.service)
    ended.add_metric(f"Job{status.capitalize()}", MetricUnit.Count, 1)
    ended.flush_metrics()


def publish_notice(stored: StoredJob, jobs: JobStore, publisher: NoticePublisher) -> bool:
    """Publishes the notice of a job that has ended. Only the invocation that has claimed it may call this.

    Returns:
        False if the role or the topic rejected the notice. The sweep tries again later.
    """
    if stored.job.channel is not None:
        try:
            publisher.publish(stored.job.channel, stored.job.job_id, completion_notice(stored))
        except (ClientError, BotoCoreError):
            logger.warning("the notice was rejected; it is still owed", exc_info=True)
            metrics.add_metric("NoticeRejected", MetricUnit.Count, 1)
            return False
    jobs.record_published(stored.job.job_id)
    jobs.remove(stored.job.job_id)
    return True
