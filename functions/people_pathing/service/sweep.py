"""The sweep: what is left to do for jobs whose steps died, were stopped, or were never started.

It runs every minute for all jobs in the register, and at once for a job whose execution is reported as
stopped.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from people_pathing.service.executions import Executions
from people_pathing.service.job_store import JobStore
from people_pathing.service.notification import NoticePublisher
from people_pathing.service.observability import logger, metrics
from people_pathing.service.steps.publish_completion import end_job, publish_notice
from people_pathing.service.steps.tasks import INTERNAL_MESSAGE, EndedJob

MAX_DESCRIBED_JOBS = 50
"""Above this number of jobs, one list of the running executions replaces most of the single requests."""

MAX_OWED_NOTICES = 1000
"""Above this number, a notice that is rejected is given up. The register is one item of at most 400 KB."""

OVERDUE_S = 900
"""How long a notice may be owed before it counts as overdue."""

SETTLING_S = 5
"""DynamoDB may show the two items of a transaction one after the other, for a moment."""

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
        sleep: waits for a number of seconds.
    """

    jobs: JobStore
    executions: Executions
    publisher: NoticePublisher
    sleep: Callable[[float], None] = time.sleep

    def run(self) -> None:
        """Looks after every job in the register. One job's failure does not stop the others.

        Slots come first. Publishing may stall, and must not delay them.

        Raises:
            ExceptionGroup: some jobs failed. The next sweep tries them again.
        """
        register = self.jobs.register()
        metrics.add_metric("JobsRunning", MetricUnit.Count, len(register.running))
        open_jobs = register.running
        if len(open_jobs) > MAX_DESCRIBED_JOBS:
            open_jobs -= self.executions.running_jobs()
        teller = _teller()
        ended: set[str] = set()
        overdue: set[str] = set()

        def end(job_id: str) -> None:
            if self._end_stopped(job_id, teller):
                ended.add(job_id)

        errors = _for_each(open_jobs, end)
        owed = register.ending | ended
        is_crowded = len(owed) > MAX_OWED_NOTICES

        def publish(job_id: str) -> None:
            if self._publish_owed(job_id, teller, give_up=is_crowded):
                overdue.add(job_id)

        errors += _for_each(owed, publish)
        metrics.add_metric("NoticesOverdue", MetricUnit.Count, len(overdue))
        if errors:
            raise ExceptionGroup(f"{len(errors)} jobs failed", errors)

    def run_for(self, job_id: str) -> None:
        """Looks after one job whose execution is reported as stopped."""
        teller, register = _teller(), self.jobs.register()
        is_ended = job_id in register.running and self._end_stopped(job_id, teller)
        if is_ended or job_id in register.ending:
            self._publish_owed(job_id, teller, give_up=False)

    def _end_stopped(self, job_id: str, teller: str) -> bool:
        """Ends a job whose execution has stopped, or starts the execution of an accepted job.

        Returns:
            Whether the job has ended, so that its notice may be owed.
        """
        status = self.executions.status(job_id)
        if status == "RUNNING":
            return False
        if status is None:
            self._start_or_remove(job_id)
            return False
        message = STOPPED_MESSAGES.get(status, INTERNAL_MESSAGE)
        ending = end_job(EndedJob(job_id, "ERROR", message), self.jobs, teller)
        if ending.job is None or not ending.job.is_notice_owed:
            self.jobs.remove(job_id)
            return False
        return True

    def _start_or_remove(self, job_id: str) -> None:
        stored = self.jobs.get_even_expired(job_id)
        if stored is None:
            self.sleep(SETTLING_S)
            stored = self.jobs.get_even_expired(job_id)
        if stored is None:
            # The table may have been restored from a backup without the job.
            logger.warning("a job without an item leaves the register", job_id=job_id)
            self.jobs.remove(job_id)
        elif stored.state == "RUNNING":
            # The call that accepted the job died or failed before it started the execution. The job keeps its
            # slot: if the other call is only slow, its execution must not run without one.
            logger.info("an accepted job is started", job_id=job_id)
            self.executions.start(job_id)
        else:
            # Its last step died between recording the outcome and releasing the slot.
            self.jobs.release_slot(job_id)

    def _publish_owed(self, job_id: str, teller: str, *, give_up: bool) -> bool:
        """Publishes a job's notice if it is owed and no other invocation has claimed it.

        Returns:
            Whether the notice is overdue.
        """
        stored = self.jobs.get_even_expired(job_id)
        if stored is None or stored.notice_after_s is None:
            if stored is None or stored.state != "RUNNING":
                self.jobs.remove(job_id)
            return False
        now_s = self.jobs.now_s()
        is_overdue = now_s - stored.ended_s >= OVERDUE_S
        if stored.is_expired(now_s):
            self._give_up(job_id)
            return False
        if not self.jobs.claim_notice(stored, teller):
            return is_overdue
        if publish_notice(stored, self.jobs, self.publisher):
            return False
        if give_up:
            self._give_up(job_id)
        return is_overdue

    def _give_up(self, job_id: str) -> None:
        logger.error("the notice could not be published and is given up", job_id=job_id)
        metrics.add_metric("NoticeGivenUp", MetricUnit.Count, 1)
        self.jobs.remove(job_id)


def _teller() -> str:
    # The name is random, so that two sweeps do not publish one notice at the same time.
    return f"sweep-{secrets.token_hex(8)}"


def _for_each(job_ids: frozenset[str], look_after: Callable[[str], None]) -> list[Exception]:
    """Looks after every job and returns the errors."""
    errors = []
    # In random order, so that an invocation that runs out of time does not always leave the same jobs.
    for job_id in random.sample(sorted(job_ids), len(job_ids)):
        try:
            look_after(job_id)
        except Exception as error:
            logger.exception("one job failed", job_id=job_id)
            errors.append(error)
    return errors


def sweep(event: Mapping[str, Any], context: Sweep) -> None:
    """Handles an event of the schedule, or one about a stopped execution.

    The event is only a signal to look: the state of the execution comes from Step Functions.
    """
    job_id = event.get("detail", {}).get("name")
    if isinstance(job_id, str):
        context.run_for(job_id)
    else:
        context.run()
