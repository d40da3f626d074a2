"""StartPersonTracking: accepts a job for a stored video and starts its execution."""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Callable, Collection, Mapping
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from botocore.exceptions import BotoCoreError, ClientError

from people_pathing.common.clock import now_ms
from people_pathing.service.executions import Executions
from people_pathing.service.job import Job, NotificationChannel, VideoObject
from people_pathing.service.job_items import StoredJob, new_job_id, token_key
from people_pathing.service.job_store import JobStore
from people_pathing.service.notification import CallerRoles
from people_pathing.service.observability import logger, metrics
from people_pathing.service.operations.notification_channel import read_channel
from people_pathing.service.protocol.errors import (
    AccessDeniedException,
    IdempotentParameterMismatchException,
    InvalidParameterException,
    LimitExceededException,
)
from people_pathing.service.protocol.wire import Output, Request
from people_pathing.service.role_trust import denial
from people_pathing.service.videos.lookup import Videos


class StartPersonTracking:
    """The operation StartPersonTracking.

    Args:
        jobs: the job store.
        videos: finds the video that the request names.
        roles: checks the role that the request names.
        executions: starts the job's execution.
        max_concurrent_jobs: the job limit.
        notification_role_arns: the only roles that callers may name.
        service_role_arns: the roles that publish notices, which those roles must trust.
        now_ms: the clock.
    """

    def __init__(
        self,
        jobs: JobStore,
        videos: Videos,
        roles: CallerRoles,
        executions: Executions,
        *,
        max_concurrent_jobs: int,
        notification_role_arns: Collection[str],
        service_role_arns: Collection[str],
        now_ms: Callable[[], int] = now_ms,
    ) -> None:
        self._jobs = jobs
        self._videos = videos
        self._roles = roles
        self._executions = executions
        self._max_concurrent_jobs = max_concurrent_jobs
        self._notification_role_arns = notification_role_arns
        self._service_role_arns = service_role_arns
        self._now_ms = now_ms

    def __call__(self, request: Request) -> Output:
        """Starts a job, or returns the job that an earlier call with the same token started."""
        key, digest = token_key(request.account, _token(request)), _digest(request.parameters)
        stored = self._jobs.of_token(key) or self._add(key, digest, request)
        if stored.digest != digest:
            raise IdempotentParameterMismatchException.of(request.parameters["ClientRequestToken"])
        return Output({"JobId": stored.job.job_id})

    def _add(self, key: str, digest: str, request: Request) -> StoredJob:
        """Accepts a job. Returns another job if a concurrent call has used the token first."""
        job = Job(
            job_id=new_job_id(key),
            account=request.account,
            video=self._find_video(request.parameters),
            channel=self._find_channel(request.parameters),
            job_tag=request.parameters.get("JobTag"),
            secret=secrets.token_hex(32),
            started_ms=self._now_ms(),
        )
        # While all slots are taken, cancelled transactions would delay the calls that release slots. But one
        # may belong to the token's own job, which a concurrent call has just started.
        running = self._jobs.register().running
        is_known = any(job_id.startswith(key) for job_id in running)
        if len(running) >= self._max_concurrent_jobs and not is_known:
            raise LimitExceededException.of(self._max_concurrent_jobs)
        stored = self._jobs.add(job, digest, self._max_concurrent_jobs)
        if stored.digest == digest:
            self._start(stored.job.job_id)
        return stored

    def _start(self, job_id: str) -> None:
        try:
            self._executions.start(job_id)
        except (ClientError, BotoCoreError):
            # The job is accepted, and stays so. The sweep starts its execution within a minute.
            metrics.add_metric("ExecutionNotStarted", MetricUnit.Count, 1)
            logger.warning("the execution could not be started; the sweep starts it", exc_info=True)

    def _find_video(self, parameters: Mapping[str, Any]) -> VideoObject:
        named = parameters["Video"].get("S3Object", {})
        if "Bucket" not in named or "Name" not in named:
            raise InvalidParameterException.of("Video.S3Object.Bucket and Video.S3Object.Name are required")
        return self._videos.find(named["Bucket"], named["Name"], named.get("Version"))

    def _find_channel(self, parameters: Mapping[str, Any]) -> NotificationChannel | None:
        members = parameters.get("NotificationChannel")
        if members is None:
            return None
        channel = read_channel(members, self._roles.region)
        if channel.role_arn not in self._notification_role_arns:
            raise self._denial(channel, "Name the role in the stack's parameter OtherNotificationRoleArns")
        if not self._roles.is_assumable(channel):
            raise self._denial(channel, "The role does not exist, or does not trust this service")
        return channel

    def _denial(self, channel: NotificationChannel, reason: str) -> AccessDeniedException:
        return AccessDeniedException(denial(channel.role_arn, reason, self._service_role_arns))


def _token(request: Request) -> str:
    """Returns what identifies the call: its client token, or a generated one.

    All attempts of a call share the generated token, because SDKs send the same invocation id with each
    attempt. A lost reply therefore does not start a second job.
    """
    if "ClientRequestToken" in request.parameters:
        return f"client/{request.parameters['ClientRequestToken']}"
    return f"call/{request.invocation_id or uuid.uuid4()}/{_digest(request.parameters)}"


def _digest(parameters: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()
