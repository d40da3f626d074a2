"""The items of the job store: a job with its state, and the register of the jobs that need attention."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from people_pathing.common.formats import FORMAT, check_format
from people_pathing.common.json_values import from_json, to_json
from people_pathing.service.job import RESULTS_KEPT_S, CompletionStatus, Job, JobState

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

JOB_FORMAT = 1
"""The format of a job's item. The register has none: it would change its key."""

KEY_DIGITS = 32
REGISTER_KEY = "#register"
"""No JobId begins like this, so no caller can name the register as a job."""


@dataclass(frozen=True, slots=True)
class StoredJob:
    """A job and its state, as the table has them.

    Attributes:
        job: the job as it was requested.
        digest: SHA-256 of the request's parameters. A token may only be repeated with the same parameters.
        state: the state of the job.
        message: the reason why the job has no results, as the caller may read it, or None.
        expires_s: 7 days after the start, or after the end of a job that has ended. Then the job is unknown,
            unless it is still running.
        notice_after_s: when another invocation may publish the completion notice, or None if no notice is
            owed: the job is running, or its notice is recorded as published.
    """

    job: Job
    digest: str
    state: JobState
    message: str | None
    expires_s: int
    notice_after_s: int | None

    @property
    def is_notice_owed(self) -> bool:
        """Tells whether the completion notice is not recorded as published yet."""
        return self.notice_after_s is not None

    @property
    def outcome(self) -> CompletionStatus:
        """Returns how the job ended. Raises ValueError if it is running."""
        if self.state == "RUNNING":
            raise ValueError(f"the job {self.job.job_id} has not ended")
        return self.state

    @property
    def ended_s(self) -> int:
        """Returns when the job ended. Only for jobs that have ended."""
        return self.expires_s - RESULTS_KEPT_S

    def is_expired(self, now_s: int) -> bool:
        """Tells whether callers can no longer see the job, and its token may be used for another one."""
        return self.state != "RUNNING" and self.expires_s <= now_s


@dataclass(frozen=True, slots=True)
class Register:
    """The jobs that need attention.

    Attributes:
        running: JobIds of the jobs that hold a slot.
        ending: JobIds of the jobs whose completion notice may not be published yet.
    """

    running: frozenset[str]
    ending: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ending:
    """What ending a job found.

    Attributes:
        job: the job with its outcome, or None if there is no such job any more.
        is_first: whether this call has ended the job. Otherwise an earlier call has.
    """

    job: StoredJob | None
    is_first: bool


def token_key(account: str, token: str) -> str:
    """Returns the first half of the JobId of a token's job, which is the key of the job's item."""
    return hashlib.sha256(json.dumps([account, token]).encode()).hexdigest()[:KEY_DIGITS]


def item_key(job_id: str) -> str:
    """Returns the key of a job's item."""
    return job_id[:KEY_DIGITS]


def new_job_id(key: str) -> str:
    """Returns a JobId for a token. Half of it is random, so no caller can guess another caller's JobId."""
    return key + secrets.token_hex(16)


def job_id_set(job_id: str) -> Any:
    """Returns a set of one JobId, as an attribute of the register."""
    # As bytes, 400 JobIds take 13 kilobytes. An update of the register is paid for by its size.
    return {"BS": [bytes.fromhex(job_id)]}


def register_of(item: Mapping[str, Any]) -> Register:
    """Reads the register's item. It has no attributes, or does not exist, while there are no jobs."""
    return Register(_job_ids(item.get("running")), _job_ids(item.get("ending")))


def _job_ids(attribute: Any) -> frozenset[str]:
    return frozenset(bytes(value).hex() for value in attribute["BS"]) if attribute else frozenset()


def to_item(stored: StoredJob, ttl: int) -> dict[str, AttributeValueTypeDef]:
    """Returns the item of a new job. `ttl` is when DynamoDB may delete it, in seconds since the epoch."""
    return {
        "pk": {"S": item_key(stored.job.job_id)},
        FORMAT: {"N": str(JOB_FORMAT)},
        "job_id": {"S": stored.job.job_id},
        "request": {"S": to_json(stored.job)},
        "digest": {"S": stored.digest},
        "state": {"S": stored.state},
        "expires_s": {"N": str(stored.expires_s)},
        "ttl": {"N": str(ttl)},
    }


def stored_job_of(item: Mapping[str, Any]) -> StoredJob:
    """Reads the item of a job. Raises NewerFormatError if a later release has stored it in another way."""
    check_format(item.get(FORMAT, {}).get("N"), JOB_FORMAT, f"the job {item['job_id']['S']}")
    return StoredJob(
        job=from_json(Job, item["request"]["S"]),
        digest=item["digest"]["S"],
        state=item["state"]["S"],
        message=item["message"]["S"] if "message" in item else None,
        expires_s=int(item["expires_s"]["N"]),
        notice_after_s=int(item["notice_after_s"]["N"]) if "notice_after_s" in item else None,
    )
