"""The job record: the state of one video, from its upload to its results."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from people_pathing.pipeline.start_request import SentRequests
from people_pathing.pipeline.video import Video
from people_pathing.results.chunks import Progress

START_LEASE_MS = 120_000
"""Longer than one start takes with its retries, so that a lease normally expires only if its owner died.

If it expires during a start that hangs, the start is repeated with the same client token, which gives the
same job.
"""

COLLECT_LEASE_MS = 120_000
"""Longer than one chunk takes. The collector renews the lease at every chunk and every uploaded part."""

FIRST_POLL_MS = 60_000
MAX_POLL_PAUSE_MS = 600_000
"""How long the pipeline waits for a completion notice before it polls a job that has just started, and one
that has been running for long.

Notices are rarely lost. But the notice of a short job may arrive before its start is recorded, and is ignored
then, because only the start tells which job is the pipeline's own.
"""

MAX_DEFER_MS = 300_000
"""The longest pause after a transient error. The pauses start at a second and double up to this."""

STUCK_AFTER_MS = 900_000
"""A job whose attempts have failed for so long probably needs an operator. See `JobRecord.is_stuck`."""


class JobState(StrEnum):
    """The state of a job. WAITING and IN_PROGRESS are open, SUCCEEDED and FAILED are final."""

    WAITING = "WAITING"
    IN_PROGRESS = "IN_PROGRESS"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


OPEN_STATES = (JobState.WAITING, JobState.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class JobRecord:
    """The job of one video. Times are milliseconds since the epoch.

    Two mechanisms keep functions that run at the same time apart. `revision` makes every change conditional:
    it is stored only if no other function has changed the record since. `lease_until_ms` keeps others away
    while one function talks to the service; if that function dies, the lease expires and another takes over.

    Attributes:
        video_id: the key of the record.
        bucket: the video's bucket.
        key: the video's key.
        version: the video's version, or None if the bucket keeps no versions.
        content_id: see `Video.content_id`.
        results_prefix: the prefix of the result files.
        uploaded_ms: when the video was uploaded.
        updated_ms: when the record was last changed.
        state: the state of the job.
        revision: number of changes to the record.
        due_ms: when the job is next started or polled. Jobs have their turn in this order. A new job is due
            since its upload.
        lease_until_ms: until when one function owns the job, or 0 if none does.
        limit_reached_ms: when the service last refused the job because its job limit was reached.
        attempts: how many transient errors the job has had in a row.
        job_id: the service's id of the job, once it is started.
        started_ms: when the service accepted the job.
        finished_ms: when the job reached its final state here.
        reason: why the job waits, is deferred or failed.
        progress: where collecting the results resumes, or None if it has not begun or is finished.
        requests: the requests that were sent to start the job, or None before the first one.
        trouble_since_ms: since when all attempts to start or to collect the job have failed, or None.
        ended_by: a random value of the write that ended the job. It shows which function counts the end.
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
    requests: SentRequests | None = None
    trouble_since_ms: int | None = None
    ended_by: str | None = None

    @classmethod
    def of(cls, video: Video, uploaded_ms: int, now_ms: int) -> Self:
        """Returns the record of a new job, which waits to be started."""
        return cls(
            video_id=video.video_id,
            bucket=video.bucket,
            key=video.key,
            version=video.version,
            content_id=video.content_id,
            results_prefix=video.results_prefix,
            uploaded_ms=uploaded_ms,
            updated_ms=now_ms,
            # The event's clock may be ahead, and the job must not wait for that.
            due_ms=min(uploaded_ms, now_ms),
        )

    @property
    def video(self) -> Video:
        """The video that this record is about."""
        return Video(self.bucket, self.key, self.version, self.content_id)

    @property
    def is_open(self) -> bool:
        """Tells whether the job has not reached a final state."""
        return self.state in OPEN_STATES

    @property
    def is_stuck(self) -> bool:
        """Tells whether attempts to start or to collect the job have failed for a long time."""
        return self.trouble_since_ms is not None and self.updated_ms - self.trouble_since_ms >= STUCK_AFTER_MS

    @property
    def may_have_started(self) -> bool:
        """Tells whether an earlier start may have succeeded: its reply was lost, or its function died."""
        was_interrupted = self.lease_until_ms > 0 or self.trouble_since_ms is not None
        return self.requests is not None and was_interrupted

    def is_free(self, now_ms: int) -> bool:
        """Tells whether no function owns the job."""
        return self.lease_until_ms <= now_ms

    def leased(self, now_ms: int, lease_ms: int) -> Self:
        """Returns the record of a job that one function owns from now on."""
        return replace(self, lease_until_ms=now_ms + lease_ms, updated_ms=now_ms)

    def starting(self, requests: SentRequests, now_ms: int) -> Self:
        """Returns the record of a job that one function starts from now on.

        Args:
            requests: the requests that were sent before, and the one that is sent now.
            now_ms: the current time.
        """
        return replace(self.leased(now_ms, START_LEASE_MS), requests=requests)

    def in_progress(self, job_id: str, now_ms: int) -> Self:
        """Returns the record of a job that the service has accepted."""
        return replace(
            self,
            state=JobState.IN_PROGRESS,
            job_id=job_id,
            started_ms=self.started_ms or now_ms,
            updated_ms=now_ms,
            due_ms=now_ms + FIRST_POLL_MS,
            lease_until_ms=0,
            limit_reached_ms=None,
            attempts=0,
            reason=None,
            requests=None,
            trouble_since_ms=None,
        )

    def limit_reached(self, reason: str, now_ms: int) -> Self:
        """Returns the record of a job that the service refused because its job limit is reached.

        The job stays due: it starts as soon as another job ends.
        """
        return replace(
            self,
            lease_until_ms=0,
            limit_reached_ms=now_ms,
            attempts=0,
            reason=reason,
            trouble_since_ms=None,
            updated_ms=now_ms,
        )

    def deferred(self, reason: str, now_ms: int) -> Self:
        """Returns the record of a job that could not be started or collected.

        Each pause is twice as long as the last.
        """
        pause_ms = min(MAX_DEFER_MS, 1000 * 2 ** min(self.attempts, 20))
        return replace(
            self,
            lease_until_ms=0,
            due_ms=now_ms + pause_ms,
            attempts=self.attempts + 1,
            reason=reason,
            trouble_since_ms=now_ms if self.trouble_since_ms is None else self.trouble_since_ms,
            updated_ms=now_ms,
        )

    def refused(self, reason: str, requests: SentRequests, now_ms: int) -> Self:
        """Returns the record of a job that was refused because of the configuration.

        Args:
            reason: the words of the service.
            requests: the requests for the next attempt.
            now_ms: the current time.
        """
        return replace(self.deferred(reason, now_ms), requests=requests)

    def polled(self, now_ms: int) -> Self:
        """Returns the record of a job that the service has not finished yet.

        The pause is as long as the job has been running, within limits. So it doubles with each poll.
        """
        age_ms = now_ms - (self.started_ms or now_ms)
        return replace(
            self,
            lease_until_ms=0,
            due_ms=now_ms + min(MAX_POLL_PAUSE_MS, max(FIRST_POLL_MS, age_ms)),
            attempts=0,
            reason=None,
            trouble_since_ms=None,
            updated_ms=now_ms,
        )

    def collected_to(self, progress: Progress | None, now_ms: int) -> Self:
        """Returns the record after a chunk is stored, with a renewed lease.

        The job is due at once: if the collector dies, another one resumes when the lease has expired.
        """
        return replace(
            self,
            progress=progress,
            attempts=0,
            trouble_since_ms=None,
            due_ms=now_ms,
            lease_until_ms=now_ms + COLLECT_LEASE_MS,
            updated_ms=now_ms,
        )

    def paused(self, now_ms: int) -> Self:
        """Returns the record of a job whose collector ran out of time. The next invocation resumes."""
        return replace(self, due_ms=now_ms, lease_until_ms=0, updated_ms=now_ms)

    def succeeded(self, now_ms: int) -> Self:
        """Returns the record of a job whose results are stored."""
        return replace(self._finished(JobState.SUCCEEDED, now_ms), reason=None)

    def failed(self, reason: str, now_ms: int) -> Self:
        """Returns the record of a job that will never have results."""
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
            requests=None,
            trouble_since_ms=None,
        )
