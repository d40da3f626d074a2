"""The step after a failed one: stores why the job has no results."""

from __future__ import annotations

from collections.abc import Callable

from people_pathing.common.clock import now_ms
from people_pathing.common.json_values import to_json
from people_pathing.service.artifacts import ArtifactStore, observations_key, outcome_key
from people_pathing.service.job import Outcome
from people_pathing.service.observability import logger
from people_pathing.service.steps.tasks import EndedJob, FailedStep

VIDEO_ERRORS = ("VideoError", "VideoRejectedError")
"""The errors whose messages are written for the video's owner. The state machine does not retry them."""

INTERNAL_MESSAGE = "The service failed to process the video."


def record_failure(failed: FailedStep, store: ArtifactStore, now_ms: Callable[[], int] = now_ms) -> EndedJob:
    """Stores the outcome of a job whose step failed.

    Args:
        failed: the job and the error.
        store: the artifact bucket.
        now_ms: the clock.
    """
    logger.append_keys(job_id=failed.job_id)
    if store.exists(observations_key(failed.job_id)):
        # The link step failed after it had stored the result, for example by a timeout. Callers may have read
        # the result already, so the job succeeded.
        return EndedJob(failed.job_id, "SUCCEEDED")
    outcome = outcome_of(failed, now_ms())
    store.write(outcome_key(failed.job_id), to_json(outcome).encode())
    logger.warning("failed", error={"Error": failed.error, "Cause": failed.cause})
    return EndedJob(failed.job_id, outcome.status, outcome.message)


def outcome_of(failed: FailedStep, ended_ms: int) -> Outcome:
    """Returns the outcome that an error stands for.

    If the video is the cause, that is FAILED with the reason. If the service is the cause, that is ERROR
    without details.
    """
    if failed.error in VIDEO_ERRORS:
        return Outcome("FAILED", failed.message, ended_ms)
    return Outcome("ERROR", INTERNAL_MESSAGE, ended_ms)
