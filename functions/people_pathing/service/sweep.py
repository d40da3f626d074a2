"""The sweep: what is left to do for jobs whose steps died, were stopped, or were never started.

It runs every minute for all jobs in the register, and at once for a job whose execution is reported as
stopped.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from people_pathing.service.executions import Executions
from people_pathing.service.job_items import Register
from people_pathing.service.job_store import JobStore
from people_pathing.service.notification import NoticePublisher
from people_pathing.service.observability import logger, metrics
from people_pathing.service.steps.publish_completion import publish_completion
from people_pathing.service.steps.tasks import INTERNAL_MESSAGE, EndedJob

MAX_DESCRIBED_JOBS = 50
"""Above this number of jobs, one list of the running executions replaces most of the single requests."""

STOPPED_MESSAGES = {
    "ABORTED": "The job was stopped before it ended.",
    "TIMED_OUT": "The job took longer than a day, which is the limit.",
}


@dataclass(frozen=True, slots=True)
class Sweep:
    """Compares the register with the executions.

    Attributes:
        jobs: the job store.
        executions: reports the state of executions, and starts them.
        publisher: publishes completion notices.
    """

    jobs: JobStore
    executions: Executions
    publisher: NoticePublisher

    def run(self) -> None:
        """Looks after every job in the register. One job's failure does not stop the others.

        Raises:
            ExceptionGroup: some jobs failed. The next sweep tries them again.
        """
        register = self.jobs.register()
        metrics.add_metric("JobsRunning", MetricUnit.Count, len(register.running))
        job_ids = register.running | register.ending
        if len(job_ids) > MAX_DESCRIBED_JOBS:
            job_ids -= self.executions.running_jobs()
        errors = []
        # In random order, so that an invocation that runs out of time does not always leave the same jobs.
        for job_id in random.sample(sorted(job_ids), len(job_ids)):
            try:
                self._look_after(job_id, register)
            except Exception as error:
                logger.exception("one job failed", job_id=job_id)
                errors.append(error)
        if errors:
            raise ExceptionGroup(f"{len(errors)} of {len(job_ids)} jobs failed", errors)

    def run_for(self, job_id: str) -> None:
        """Looks after one job whose execution is reported as stopped."""
        register = self.jobs.register()
        if job_id in register.running | register.ending:
            self._look_after(job_id, register)

    def _look_after(self, job_id: str, register: Register) -> None:
        status = self.executions.status(job_id)
        if status == "RUNNING":
            return
        if status is None and job_id in register.running:
            job = self.jobs.get(job_id)
            if job is not None and job.state == "RUNNING":
                # The call that accepted the job died or failed before it started the execution. The job keeps
                # its slot: if the other call is only slow, its execution must not run without one.
                logger.info("an accepted job is started", job_id=job_id)
                self.executions.start(job_id)
                return
        message = STOPPED_MESSAGES.get(str(status), INTERNAL_MESSAGE)
        ended = EndedJob(job_id, "ERROR", message)
        # The name is random, so that two sweeps do not publish one notice at the same time.
        publish_completion(ended, self.jobs, self.publisher, teller=f"sweep-{secrets.token_hex(8)}")


def sweep(event: Mapping[str, Any], context: Sweep) -> None:
    """Handles an event of the schedule, or one about a stopped execution.

    The event is only a signal to look: the state of the execution comes from Step Functions.
    """
    job_id = event.get("detail", {}).get("name")
    if isinstance(job_id, str):
        context.run_for(job_id)
    else:
        context.run()
