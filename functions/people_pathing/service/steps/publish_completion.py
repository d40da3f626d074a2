"""The last step of a job: records its outcome, releases its slot, and publishes its completion notice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from botocore.exceptions import ClientError

from people_pathing.common.json_values import from_mapping
from people_pathing.service.job_items import StoredJob
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


def publish_completion(
    ended: EndedJob, jobs: JobStore, publisher: NoticePublisher, teller: str = EXECUTION
) -> EndedJob:
    """Ends a job. Whatever was done before is not done again, so the step may be repeated at any time.

    The order matters. The outcome is recorded first, so that the notice and GetPersonTracking agree. The slot
    is released before the notice is published, because a subscriber may start the next job at once. The job
    leaves the register last: until then, the sweep finishes what this call cannot.

    Args:
        ended: the job and how it ended. If an outcome is recorded already, that one counts.
        jobs: the job store.
        publisher: publishes under the caller's role.
        teller: who publishes the notice, see `JobStore.end`.

    Returns:
        The job with the recorded outcome.

    Raises:
        ClientError: the role or the topic rejected the notice. The notice is still owed.
    """
    logger.append_keys(job_id=ended.job_id)
    ending = jobs.end(ended.job_id, ended.status, ended.message, teller)
    if ending.is_first:
        metrics.add_metric(f"Job{ended.status.capitalize()}", MetricUnit.Count, 1)
        logger.info("ended", status=ended.status, reason=ended.message)
    else:
        metrics.add_metric("JobEndRepeated", MetricUnit.Count, 1)
    stored = ending.job
    # A notice that could not be published for as long as the results are kept is given up.
    if stored is not None and stored.is_notice_owed and not stored.is_expired(jobs.now_s()):
        jobs.release_slot(ended.job_id)
        if not ending.is_first and not jobs.claim_notice(stored, teller):
            logger.info("another invocation publishes the notice")
            return _outcome(ended, stored)
        _publish(stored, publisher)
        jobs.record_published(ended.job_id)
    jobs.remove(ended.job_id)
    return _outcome(ended, stored)


def _publish(stored: StoredJob, publisher: NoticePublisher) -> None:
    if stored.job.channel is None:
        return
    try:
        publisher.publish(stored.job.channel, stored.job.job_id, completion_notice(stored))
    except ClientError:
        metrics.add_metric("NoticeRejected", MetricUnit.Count, 1)
        raise


def _outcome(ended: EndedJob, stored: StoredJob | None) -> EndedJob:
    if stored is None or stored.state == "RUNNING":
        return ended
    return EndedJob(ended.job_id, stored.state, stored.message)
