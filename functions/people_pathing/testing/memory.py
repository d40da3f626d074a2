"""The service's job store and its private bucket, in the memory of the test's process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from people_pathing.service.job import RESULTS_KEPT_S, CompletionStatus, Job
from people_pathing.service.job_items import Register, StoredJob, item_key
from people_pathing.service.protocol.errors import LimitExceededException


class MemoryJobs:
    """What the two operations use of `service.job_store.JobStore`. It needs no table in the user's account.

    Args:
        now_ms: the clock.
    """

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._jobs: dict[str, StoredJob] = {}

    def of_token(self, key: str) -> StoredJob | None:
        """Returns a token's job, or None if the token is new or has expired."""
        found = self._jobs.get(key)
        return None if found is None or found.is_expired(self._now_s()) else found

    def get(self, job_id: str) -> StoredJob | None:
        """Returns a job, or None if there is none, or if it has expired."""
        found = self.of_token(item_key(job_id))
        return found if found is not None and found.job.job_id == job_id else None

    def register(self) -> Register:
        """Returns the jobs that hold a slot."""
        running = (stored.job.job_id for stored in self._jobs.values() if stored.state == "RUNNING")
        return Register(frozenset(running), frozenset())

    def add(self, job: Job, digest: str, limit: int) -> StoredJob:
        """Stores a new job and gives it a slot. Raises LimitExceededException if all slots are taken."""
        key = item_key(job.job_id)
        if (known := self.of_token(key)) is not None:
            return known
        if len(self.register().running) >= limit:
            raise LimitExceededException.of(limit)
        expires_s = self._now_s() + RESULTS_KEPT_S
        self._jobs[key] = StoredJob(job, digest, "RUNNING", None, expires_s, notice_after_s=None)
        return self._jobs[key]

    def end(self, job_id: str, status: CompletionStatus, message: str | None) -> StoredJob:
        """Decides the outcome of a running job."""
        key = item_key(job_id)
        expires_s = self._now_s() + RESULTS_KEPT_S
        self._jobs[key] = replace(self._jobs[key], state=status, message=message, expires_s=expires_s)
        return self._jobs[key]

    def _now_s(self) -> int:
        return self._now_ms() // 1000


class MemoryArtifacts:
    """What the two operations use of `service.artifacts.ArtifactStore`."""

    def __init__(self) -> None:
        self._objects: dict[str, bytes] = {}

    def write(self, key: str, data: bytes) -> None:
        """Writes an object, whether or not it exists."""
        self._objects[key] = data

    def read_range(self, key: str, start: int, end: int) -> bytes | None:
        """Returns bytes start..end (exclusive), cut at the object's end, or None if it does not exist."""
        found = self._objects.get(key)
        return None if found is None else found[start:end]
