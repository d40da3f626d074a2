"""One token, one job: however often and by however many callers at once a start is repeated.

A token is an object. Whoever creates it holds a lease on starting its job; whoever comes second waits for
that start and gets the same JobId. A lease left behind by a crash is taken over with the JobId it names, and
since every later step is idempotent by JobId, nothing runs twice.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from people_pathing.service.artifacts import ArtifactStore
from people_pathing.service.protocol.errors import IdempotentParameterMismatchException, ThrottlingException

TOKEN_LIFE_MS = 7 * 24 * 3600 * 1000
LEASE_MS = 35_000
"""Longer than the front door's function may run, so that whoever holds a lease that is over is dead."""
PATIENCE_MS = 8_000
POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Token:
    """What is stored of a token: its job, and until when somebody is about to start it."""

    job_id: str
    digest: str
    created_at_ms: int
    lease_until_ms: int
    is_started: bool

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()


@dataclass(frozen=True, slots=True)
class Lease:
    """The right, and the duty, to start a job.

    is_first   nobody had the token's lease before, so nothing has been done for its job yet
    """

    key: str
    token: Token
    etag: str
    is_first: bool

    @property
    def job_id(self) -> str:
        return self.token.job_id


class StartTokens:
    """Client tokens of the last seven days."""

    def __init__(
        self,
        store: ArtifactStore,
        new_job_id: Callable[[], str],
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._new_job_id = new_job_id
        self._now = now
        self._sleep = sleep

    def look_up(self, key: str, digest: str) -> Token | None:
        """The token as it stands, None if it is new or has expired.

        Raises IdempotentParameterMismatchException.
        """
        found = self._read(key)
        if found is None or self._is_expired(found[0]):
            return None
        self._check_digest(found[0], digest)
        return found[0]

    def claim(self, key: str, digest: str) -> Lease | str:
        """Either a lease on starting the token's job, or the JobId if another caller has started it.

        Raises IdempotentParameterMismatchException, and ThrottlingException if that other start takes long.
        """
        patience_ends_ms = self._now_ms() + PATIENCE_MS
        while True:
            answer = self._try_claim(key, digest)
            if answer is not None:
                return answer
            if self._now_ms() > patience_ends_ms:
                raise ThrottlingException(
                    "Another call with the same token is still starting the job; try again"
                )
            self._sleep(POLL_S * random.uniform(0.5, 1.5))  # noqa: S311

    def mark_started(self, lease: Lease) -> None:
        """Let everybody who repeats the call have the JobId at once."""
        self._store.replace(lease.key, replace(lease.token, is_started=True).to_json(), lease.etag)

    def forget(self, lease: Lease) -> None:
        """Give the token back: its job was refused, the next call begins anew."""
        self._store.delete(lease.key)

    def hand_on(self, lease: Lease) -> None:
        """End the lease; how far its start got is not known, so the next call goes on with the same JobId."""
        self._store.replace(lease.key, replace(lease.token, lease_until_ms=0).to_json(), lease.etag)

    def _try_claim(self, key: str, digest: str) -> Lease | str | None:
        found = self._read(key)
        if found is None:
            fresh = self._fresh(digest)
            created = self._store.create(key, fresh.to_json())
            return None if created is None else Lease(key, fresh, created, is_first=True)
        token, etag = found
        is_first = self._is_expired(token)
        if is_first:
            token = self._fresh(digest)
        else:
            self._check_digest(token, digest)
            if token.is_started:
                return token.job_id
            if token.lease_until_ms > self._now_ms():
                return None
            token = replace(token, lease_until_ms=self._now_ms() + LEASE_MS)
        replaced = self._store.replace(key, token.to_json(), etag)
        return None if replaced is None else Lease(key, token, replaced, is_first)

    def _read(self, key: str) -> tuple[Token, str] | None:
        stored = self._store.read(key)
        return None if stored is None else (Token(**json.loads(stored.data)), stored.etag)

    def _fresh(self, digest: str) -> Token:
        now_ms = self._now_ms()
        return Token(self._new_job_id(), digest, now_ms, now_ms + LEASE_MS, is_started=False)

    def _is_expired(self, token: Token) -> bool:
        return self._now_ms() - token.created_at_ms >= TOKEN_LIFE_MS

    @staticmethod
    def _check_digest(token: Token, digest: str) -> None:
        if token.digest != digest:
            raise IdempotentParameterMismatchException(
                "This ClientRequestToken was used with other parameters in the last 7 days; "
                "repeat the call unchanged, or give it a new token"
            )

    def _now_ms(self) -> int:
        return int(self._now() * 1000)
