"""The job limit: never more jobs than allowed, however many are started at the same moment.

A slot is the right of one job to run. One object in the private bucket lists the jobs that hold a slot. It is
only replaced if it is unchanged since it was read, so no slot is given to two jobs.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from people_pathing.common.clock import now_ms
from people_pathing.common.json_values import from_json, to_json
from people_pathing.service.artifacts import JOB_SLOTS_KEY, ArtifactStore
from people_pathing.service.protocol.errors import LimitExceededException, ThrottlingException

SWEEP_EVERY_MS = 60_000

GRACE_MS = 60_000
"""How long a job keeps its slot although Step Functions does not list its execution as running yet."""

MAX_RETRY_MS = 10_000
BACKOFF_S = 0.1


@dataclass(frozen=True, slots=True)
class _Register:
    """The jobs that hold a slot.

    Attributes:
        admitted_ms: when each job, by its JobId, got its slot.
        swept_ms: when the register was last compared with the running executions.
    """

    admitted_ms: dict[str, int] = field(default_factory=dict)
    swept_ms: int = 0


class JobSlots:
    """Gives slots to jobs, up to a limit.

    Args:
        store: where the register is stored.
        now_ms: the clock.
        sleep: waits for a number of seconds.
    """

    def __init__(
        self,
        store: ArtifactStore,
        *,
        now_ms: Callable[[], int] = now_ms,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._now_ms = now_ms
        self._sleep = sleep

    def check_free_slot(self, limit: int, running_jobs: Callable[[], Collection[str]]) -> None:
        """Checks whether a job could start now. While slots are free, this costs one read.

        Each job releases its slot when it ends. Jobs that were stopped by hand, or that never started, cannot
        do that. So if all slots are taken, the slots of jobs that are not running are released here, at most
        once a minute.

        Args:
            limit: how many jobs may run at once.
            running_jobs: lists the JobIds of the running executions.

        Raises:
            LimitExceededException: all slots are taken.
        """
        register, etag = self._read()
        if len(register.admitted_ms) < limit:
            return
        now_ms = self._now_ms()
        # The conditional write makes one of several concurrent calls do the sweep.
        if now_ms - register.swept_ms >= SWEEP_EVERY_MS and self._write(
            replace(register, swept_ms=now_ms), etag
        ):
            running = running_jobs()
            self._update(
                lambda jobs: {
                    job_id: admitted_ms
                    for job_id, admitted_ms in jobs.items()
                    if job_id in running or now_ms - admitted_ms < GRACE_MS
                }
            )
            register, _ = self._read()
        if len(register.admitted_ms) >= limit:
            raise _limit_exceeded(limit)

    def admit(self, job_id: str, limit: int) -> None:
        """Gives a job a slot. Admitting it again changes nothing.

        Raises:
            LimitExceededException: all slots are taken.
            ThrottlingException: other calls kept changing the register for MAX_RETRY_MS.
        """

        def add(jobs: dict[str, int]) -> dict[str, int]:
            if job_id in jobs:
                return jobs
            if len(jobs) >= limit:
                raise _limit_exceeded(limit)
            return jobs | {job_id: self._now_ms()}

        self._update(add)

    def release(self, job_id: str) -> None:
        """Releases a job's slot. Releasing it again changes nothing.

        Raises:
            ThrottlingException: other calls kept changing the register for MAX_RETRY_MS.
        """
        self._update(lambda jobs: {key: at_ms for key, at_ms in jobs.items() if key != job_id})

    def _update(self, change: Callable[[dict[str, int]], dict[str, int]]) -> None:
        deadline_ms = self._now_ms() + MAX_RETRY_MS
        while True:
            register, etag = self._read()
            jobs = change(register.admitted_ms)
            if jobs == register.admitted_ms or self._write(replace(register, admitted_ms=jobs), etag):
                return
            if self._now_ms() > deadline_ms:
                raise ThrottlingException("Too many jobs are starting or ending; try again")
            self._sleep(BACKOFF_S * random.random())  # noqa: S311

    def _read(self) -> tuple[_Register, str | None]:
        stored = self._store.read(JOB_SLOTS_KEY)
        return (_Register(), None) if stored is None else (from_json(_Register, stored.data), stored.etag)

    def _write(self, register: _Register, etag: str | None) -> bool:
        data = to_json(register).encode()
        if etag is None:
            return self._store.create(JOB_SLOTS_KEY, data) is not None
        return self._store.replace(JOB_SLOTS_KEY, data, etag) is not None


def _limit_exceeded(limit: int) -> LimitExceededException:
    return LimitExceededException(
        f"{limit} jobs are running, which is the limit; try again when one of them has ended"
    )
