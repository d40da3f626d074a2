"""Where a video is: one record for each, from its upload to its results."""

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Self

from people_pathing.pipeline.video import Video

START_LEASE_MS = 120_000
COLLECT_LEASE_MS = 120_000
POLL_AFTER_MS = 600_000
MAX_DEFER_MS = 300_000


class JobState(StrEnum):
    """WAITING and IN_PROGRESS are open; SUCCEEDED and FAILED are final."""

    WAITING = "WAITING"
    IN_PROGRESS = "IN_PROGRESS"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


OPEN_STATES = (JobState.WAITING, JobState.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class OpenPerson:
    """The person whose observations were being read when a chunk of results ended."""

    index: int
    first_seen_ms: int
    last_seen_ms: int
    dwell_ms: int
    point_count: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the results of a job have been collected, always at the end of a chunk."""

    next_token: str
    chunk_count: int
    observation_count: int
    people_count: int
    person: OpenPerson | None

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        values = json.loads(text)
        person = values.pop("person")
        return cls(**values, person=OpenPerson(**person) if person else None)


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One video's job. Times are epoch milliseconds.

    revision         counts the record's changes: a change is stored only over the revision it was made from
    due_ms          when the job is next to be looked at without being asked for
    lease_until_ms   until then one function is at work on the job, and others leave it alone
    limit_reached_ms      when the service last had no room for the job
    attempts        how often in a row the job could not be started or collected for a passing reason
    """

    video_id: str
    bucket: str
    key: str
    version: str | None
    content_id: str
    results_prefix: str
    uploaded_ms: int
    updated_ms: int
    state: JobState = JobState.WAITING
    revision: int = 0
    due_ms: int = 0
    lease_until_ms: int = 0
    limit_reached_ms: int | None = None
    attempts: int = 0
    job_id: str | None = None
    started_ms: int | None = None
    finished_ms: int | None = None
    reason: str | None = None
    progress: Progress | None = None

    @classmethod
    def of(cls, video: Video, uploaded_ms: int, now_ms: int) -> Self:
        """A new record: the job waits to be started."""
        return cls(
            video_id=video.video_id,
            bucket=video.bucket,
            key=video.key,
            version=video.version,
            content_id=video.content_id,
            results_prefix=video.results_prefix,
            uploaded_ms=uploaded_ms,
            updated_ms=now_ms,
        )

    @property
    def video(self) -> Video:
        return Video(self.bucket, self.key, self.version, self.content_id)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    def is_free(self, now_ms: int) -> bool:
        """Nobody is at work on the job."""
        return self.lease_until_ms <= now_ms

    def is_due(self, now_ms: int) -> bool:
        """The job is to be looked at, and nobody does."""
        return self.is_open and self.due_ms <= now_ms and self.is_free(now_ms)

    def held(self, now_ms: int, lease_ms: int) -> Self:
        return replace(self, lease_until_ms=now_ms + lease_ms, updated_ms=now_ms)

    def in_progress(self, job_id: str, now_ms: int) -> Self:
        """The service has the job."""
        return replace(
            self,
            state=JobState.IN_PROGRESS,
            job_id=job_id,
            started_ms=self.started_ms or now_ms,
            updated_ms=now_ms,
            due_ms=now_ms + POLL_AFTER_MS,
            lease_until_ms=0,
            limit_reached_ms=None,
            attempts=0,
            reason=None,
        )

    def refused(self, reason: str, now_ms: int) -> Self:
        """The service has no room: the job waits for its next turn."""
        return replace(self, lease_until_ms=0, limit_reached_ms=now_ms, reason=reason, updated_ms=now_ms)

    def deferred(self, reason: str, now_ms: int) -> Self:
        """Something failed that may pass: the job is tried again, after a pause longer each time."""
        pause_ms = min(MAX_DEFER_MS, 1000 * 2 ** min(self.attempts, 20))
        return replace(
            self,
            lease_until_ms=0,
            due_ms=now_ms + pause_ms,
            attempts=self.attempts + 1,
            reason=reason,
            updated_ms=now_ms,
        )

    def polled(self, now_ms: int) -> Self:
        """The service is still at it."""
        return replace(self, lease_until_ms=0, due_ms=now_ms + POLL_AFTER_MS, attempts=0, updated_ms=now_ms)

    def collected_to(self, progress: Progress | None, now_ms: int) -> Self:
        """The collector goes on from here, or after an interruption another does."""
        return replace(
            self,
            progress=progress,
            attempts=0,
            due_ms=now_ms,
            lease_until_ms=now_ms + COLLECT_LEASE_MS,
            updated_ms=now_ms,
        )

    def paused(self, now_ms: int) -> Self:
        """The collector ran out of time: another goes on as soon as it may."""
        return replace(self, due_ms=now_ms, lease_until_ms=0, updated_ms=now_ms)

    def succeeded(self, now_ms: int) -> Self:
        return replace(self._finished(JobState.SUCCEEDED, now_ms), reason=None)

    def failed(self, reason: str, now_ms: int) -> Self:
        return replace(self._finished(JobState.FAILED, now_ms), reason=reason)

    def _finished(self, state: JobState, now_ms: int) -> Self:
        return replace(
            self,
            state=state,
            finished_ms=now_ms,
            updated_ms=now_ms,
            lease_until_ms=0,
            limit_reached_ms=None,
            progress=None,
        )
