"""One client token, one job: however often and by however many callers at once a start is repeated.

A token is an object in the private bucket. The call that creates it holds a lease: the right, for a limited
time, to start the token's job. A concurrent call with the same token waits for that start and returns the
same JobId. If the first call crashes, its lease expires, and the next call takes the lease over with the same
JobId. Every later step of a start is idempotent by JobId, so no job runs twice.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from people_pathing.common.clock import now_ms
from people_pathing.common.json_values import from_json, to_json
from people_pathing.service.artifacts import ArtifactStore
from people_pathing.service.protocol.errors import IdempotentParameterMismatchException, ThrottlingException

TOKEN_LIFE_MS = 7 * 24 * 3600 * 1000

LEASE_MS = 35_000
"""Longer than the API function's timeout: when a lease expires, the call that held it has ended."""

MAX_WAIT_MS = 8_000
"""How long a call waits for a concurrent start. It is shorter than the API function's timeout."""

POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Token:
    """What is stored about a token.

    Attributes:
        job_id: the token's job.
        digest: SHA-256 of the request's parameters. A token may only be repeated with the same parameters.
        created_ms: when the token was first used. It expires TOKEN_LIFE_MS later.
        lease_until_ms: when the lease on starting the job expires.
        is_started: whether the job has been started, so that repeated calls can return its JobId at once.
    """

    job_id: str
    digest: str
    created_ms: int
    lease_until_ms: int
    is_started: bool


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to start a token's job.

    Attributes:
        key: where the token is stored.
        token: the token as this call wrote it.
        etag: the ETag of that write. Later writes require it, so an expired lease cannot change the token.
        is_first: no other call has held this token's lease, so nothing has been done for its job yet.
    """

    key: str
    token: Token
    etag: str
    is_first: bool

    @property
    def job_id(self) -> str:
        """Returns the JobId of the job to start."""
        return self.token.job_id


class StartTokens:
    """The tokens of the last seven days.

    Args:
        store: where tokens are stored.
        new_job_id: creates the JobId of a new token.
        now_ms: the clock.
        sleep: waits for a number of seconds.
    """

    def __init__(
        self,
        store: ArtifactStore,
        new_job_id: Callable[[], str],
        *,
        now_ms: Callable[[], int] = now_ms,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._new_job_id = new_job_id
        self._now_ms = now_ms
        self._sleep = sleep

    def find(self, key: str, digest: str) -> Token | None:
        """Returns a stored token, or None if it is new or has expired.

        Raises:
            IdempotentParameterMismatchException: the token was used with other parameters.
        """
        found = self._read(key)
        if found is None or self._is_expired(found[0]):
            return None
        _check_digest(found[0], digest)
        return found[0]

    def claim(self, key: str, digest: str) -> Lease | str:
        """Returns a lease on starting the token's job, or the JobId if another call has started it.

        Raises:
            IdempotentParameterMismatchException: the token was used with other parameters.
            ThrottlingException: another call is still starting the job after MAX_WAIT_MS.
        """
        deadline_ms = self._now_ms() + MAX_WAIT_MS
        while True:
            claimed = self._try_claim(key, digest)
            if claimed is not None:
                return claimed
            if self._now_ms() > deadline_ms:
                raise ThrottlingException(
                    "Another call with the same token is still starting the job; try again"
                )
            self._sleep(POLL_S * random.uniform(0.5, 1.5))  # noqa: S311

    def mark_started(self, lease: Lease) -> None:
        """Records that the job has been started, so that repeated calls return its JobId at once."""
        self._store.replace(lease.key, _encode(replace(lease.token, is_started=True)), lease.etag)

    def discard(self, lease: Lease) -> None:
        """Deletes the token of a job that was rejected. The next call with the token starts a new job."""
        self._store.delete(lease.key)

    def release(self, lease: Lease) -> None:
        """Ends the lease early. The next call resumes with the same JobId: the job may have been started."""
        self._store.replace(lease.key, _encode(replace(lease.token, lease_until_ms=0)), lease.etag)

    def _try_claim(self, key: str, digest: str) -> Lease | str | None:
        """Returns None if another call holds the lease, or changed the token first."""
        found = self._read(key)
        if found is None:
            fresh = self._new_token(digest)
            created = self._store.create(key, _encode(fresh))
            return None if created is None else Lease(key, fresh, created, is_first=True)
        token, etag = found
        is_first = self._is_expired(token)
        if is_first:
            token = self._new_token(digest)
        else:
            _check_digest(token, digest)
            if token.is_started:
                return token.job_id
            if token.lease_until_ms > self._now_ms():
                return None
            token = replace(token, lease_until_ms=self._now_ms() + LEASE_MS)
        replaced = self._store.replace(key, _encode(token), etag)
        return None if replaced is None else Lease(key, token, replaced, is_first)

    def _read(self, key: str) -> tuple[Token, str] | None:
        stored = self._store.read(key)
        return None if stored is None else (from_json(Token, stored.data), stored.etag)

    def _new_token(self, digest: str) -> Token:
        now_ms = self._now_ms()
        return Token(self._new_job_id(), digest, now_ms, now_ms + LEASE_MS, is_started=False)

    def _is_expired(self, token: Token) -> bool:
        return self._now_ms() - token.created_ms >= TOKEN_LIFE_MS


def _encode(token: Token) -> bytes:
    return to_json(token).encode()


def _check_digest(token: Token, digest: str) -> None:
    if token.digest != digest:
        raise IdempotentParameterMismatchException(
            "This ClientRequestToken was used with other parameters in the last 7 days; "
            "repeat the call unchanged, or use a new token"
        )
