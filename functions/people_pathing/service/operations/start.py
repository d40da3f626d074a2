"""StartPersonTracking: accepts a job for a stored video and starts its execution."""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Callable, Collection, Mapping
from typing import Any

from people_pathing.common.clock import now_ms
from people_pathing.common.json_values import to_json
from people_pathing.service.artifacts import ArtifactStore, request_key
from people_pathing.service.executions import Executions
from people_pathing.service.job import Job, NotificationChannel, VideoObject
from people_pathing.service.job_slots import JobSlots
from people_pathing.service.notification import CallerRoles
from people_pathing.service.protocol.errors import (
    AccessDeniedException,
    InvalidParameterException,
    LimitExceededException,
)
from people_pathing.service.protocol.wire import Request, Structure
from people_pathing.service.start_tokens import Lease, StartTokens
from people_pathing.service.videos import Videos


def new_job_id() -> str:
    """Returns 64 random hexadecimal digits, so that no caller can guess another caller's JobId."""
    return secrets.token_hex(32)


class StartPersonTracking:
    """The operation StartPersonTracking.

    Args:
        store: where jobs are stored.
        videos: finds the video that the request names.
        roles: checks the role that the request names.
        executions: starts the job's execution.
        tokens: make repeated calls return the same job.
        job_slots: keep the number of running jobs within the limit.
        max_concurrent_jobs: the limit.
        notification_role_arns: the only roles that callers may name.
        now_ms: the clock.
    """

    def __init__(
        self,
        store: ArtifactStore,
        videos: Videos,
        roles: CallerRoles,
        executions: Executions,
        tokens: StartTokens,
        job_slots: JobSlots,
        *,
        max_concurrent_jobs: int,
        notification_role_arns: Collection[str],
        now_ms: Callable[[], int] = now_ms,
    ) -> None:
        self._store = store
        self._videos = videos
        self._roles = roles
        self._executions = executions
        self._tokens = tokens
        self._job_slots = job_slots
        self._max_concurrent_jobs = max_concurrent_jobs
        self._notification_role_arns = notification_role_arns
        self._now_ms = now_ms

    def __call__(self, request: Request) -> Structure:
        """Starts a job, or returns the job that an earlier call with the same token started."""
        token_key, digest = _token_key(request), _digest(request.parameters)
        token = self._tokens.find(token_key, digest)
        if token is not None and token.is_started:
            return {"JobId": token.job_id}
        video = self._find_video(request.parameters)
        channel = self._find_channel(request.parameters)
        if token is None:
            # A job whose token exists may already hold a slot, perhaps the last one.
            self._job_slots.check_free_slot(self._max_concurrent_jobs, self._executions.running_jobs)
        claim = self._tokens.claim(token_key, digest)
        job_id = claim if isinstance(claim, str) else self._start(claim, request, video, channel)
        return {"JobId": job_id}

    def _start(
        self, lease: Lease, request: Request, video: VideoObject, channel: NotificationChannel | None
    ) -> str:
        job = Job(
            job_id=lease.job_id,
            account=request.account,
            video=video,
            channel=channel,
            job_tag=request.parameters.get("JobTag"),
            secret=secrets.token_hex(32),
            started_ms=self._now_ms(),
        )
        try:
            self._job_slots.admit(job.job_id, self._max_concurrent_jobs)
            # An earlier attempt may have crashed after starting the execution. The execution then works with
            # the job that this attempt wrote, so an existing job is not overwritten.
            self._store.create(request_key(job.job_id), to_json(job).encode())
            self._executions.start(job.job_id)
            self._tokens.mark_started(lease)
        except BaseException as error:
            if isinstance(error, LimitExceededException) and lease.is_first:
                self._tokens.discard(lease)
            else:
                self._tokens.release(lease)
            raise
        return job.job_id

    def _find_video(self, parameters: Mapping[str, Any]) -> VideoObject:
        named = parameters["Video"].get("S3Object", {})
        if "Bucket" not in named or "Name" not in named:
            raise InvalidParameterException("Video.S3Object.Bucket and Video.S3Object.Name are required")
        return self._videos.find(named["Bucket"], named["Name"], named.get("Version"))

    def _find_channel(self, parameters: Mapping[str, Any]) -> NotificationChannel | None:
        members = parameters.get("NotificationChannel")
        if members is None:
            return None
        channel = NotificationChannel(members["SNSTopicArn"], members["RoleArn"])
        if channel.role_arn not in self._notification_role_arns:
            raise AccessDeniedException(
                f"The role {channel.role_arn} is not one that this service may assume"
            )
        self._roles.check(channel)
        return channel


def _token_key(request: Request) -> str:
    """Returns where a call's token is stored.

    A call without a client token gets a generated token, which all attempts of the call share: SDKs send the
    same invocation id with each attempt. A lost reply therefore does not start a second job.
    """
    if "ClientRequestToken" in request.parameters:
        return f"tokens/{request.account}/client/{request.parameters['ClientRequestToken']}"
    call = f"{request.invocation_id or uuid.uuid4()}/{_digest(request.parameters)}"
    return f"tokens/{request.account}/call/{hashlib.sha256(call.encode()).hexdigest()}"


def _digest(parameters: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()
