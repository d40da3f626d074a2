"""How many jobs run at once: exactly as many as allowed, however many are started in the same moment.

One object lists the jobs that run. It is only ever replaced if unchanged, so no place is given twice.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, field, replace

from people_pathing.service.artifacts import JOB_SLOTS_KEY, ArtifactStore
from people_pathing.service.protocol.errors import LimitExceededException, ThrottlingException

REVIEW_EVERY_MS = 60_000
GRACE_MS = 60_000
"""A job admitted more recently is taken to run, though its execution may not be listed yet."""
PATIENCE_MS = 10_000
BACKOFF_S = 0.1


@dataclass(frozen=True, slots=True)
class _Register:
    """admitted_at_ms: JobId → when it was admitted."""

    admitted_at_ms: dict[str, int] = field(default_factory=dict)
    reviewed_at_ms: int = 0

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()


class JobSlots:
    """The jobs that run now."""

    def __init__(
        self,
        store: ArtifactStore,
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._now = now
        self._sleep = sleep

    def check_free_slot(self, limit: int, running_jobs: Callable[[], Collection[str]]) -> None:
        """Raises LimitExceededException when no further job could be admitted; in the usual case one read.

        Every job gives its own place free. For those that were stopped by hand or never got started: where
        all places are taken, jobs that are not among running_jobs() are struck out, at most once a minute.
        """
        register, etag = self._read()
        if len(register.admitted_at_ms) < limit:
            return
        now_ms = self._now_ms()
        if now_ms - register.reviewed_at_ms >= REVIEW_EVERY_MS and self._write(
            replace(register, reviewed_at_ms=now_ms), etag
        ):
            running = running_jobs()
            self._update(
                lambda jobs: {key: at for key, at in jobs.items() if key in running or now_ms - at < GRACE_MS}
            )
            register, _ = self._read()
        if len(register.admitted_at_ms) >= limit:
            raise _limit_exceeded(limit)

    def admit(self, job_id: str, limit: int) -> None:
        """Count a job as running; counting it again changes nothing.

        Raises LimitExceededException, and ThrottlingException if too many callers are at it.
        """

        def add(jobs: dict[str, int]) -> dict[str, int]:
            if job_id in jobs:
                return jobs
            if len(jobs) >= limit:
                raise _limit_exceeded(limit)
            return jobs | {job_id: self._now_ms()}

        self._update(add)

    def release(self, job_id: str) -> None:
        """Count a job as ended; releasing it again changes nothing."""
        self._update(lambda jobs: {key: at for key, at in jobs.items() if key != job_id})

    def _update(self, change: Callable[[dict[str, int]], dict[str, int]]) -> None:
        patience_ends_ms = self._now_ms() + PATIENCE_MS
        while True:
            register, etag = self._read()
            jobs = change(register.admitted_at_ms)
            if jobs == register.admitted_at_ms or self._write(replace(register, admitted_at_ms=jobs), etag):
                return
            if self._now_ms() > patience_ends_ms:
                raise ThrottlingException("Too many jobs start or end at this moment; try again")
            self._sleep(BACKOFF_S * random.random())  # noqa: S311

    def _read(self) -> tuple[_Register, str | None]:
        stored = self._store.read(JOB_SLOTS_KEY)
        return (_Register(), None) if stored is None else (_Register(**json.loads(stored.data)), stored.etag)

    def _write(self, register: _Register, etag: str | None) -> bool:
        data = register.to_json()
        if etag is None:
            return self._store.create(JOB_SLOTS_KEY, data) is not None
        return self._store.replace(JOB_SLOTS_KEY, data, etag) is not None

    def _now_ms(self) -> int:
        return int(self._now() * 1000)


def _limit_exceeded(limit: int) -> LimitExceededException:
    return LimitExceededException(
        f"{limit} jobs run already, as many as may run at once; try again when one has ended"
    )
