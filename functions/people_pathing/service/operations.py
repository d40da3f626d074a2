"""The two operations: start a job, and read it page by page."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
import uuid
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from people_pathing.service.artifacts import ArtifactStore, job_key
from people_pathing.service.job import RESULTS_KEPT_MS, Job, NotificationChannel, Outcome, VideoObject
from people_pathing.service.job_slots import JobSlots
from people_pathing.service.notification import CallerRoles
from people_pathing.service.protocol.errors import (
    AccessDeniedException,
    InvalidParameterException,
    InvalidS3ObjectException,
    LimitExceededException,
    ResourceNotFoundException,
    VideoTooLargeException,
)
from people_pathing.service.protocol.wire import Request
from people_pathing.service.result_pages.layout import (
    PAGE_SIZE,
    Header,
    PageRange,
    PageToken,
    SortOrder,
    invalid_token,
    person,
)
from people_pathing.service.start_tokens import Lease, StartTokens

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_s3.type_defs import HeadObjectRequestTypeDef
    from types_boto3_stepfunctions.client import SFNClient

MAX_VIDEO_BYTES = 10 * 1024**3
ARCHIVE_CLASSES = ("GLACIER", "DEEP_ARCHIVE")
RESTORED = 'ongoing-request="false"'
"""Stands in S3's x-amz-restore header while a restored copy can be read."""
STOPPED_STATUSES = ("FAILED", "TIMED_OUT", "ABORTED")
MAX_FIRST = 2**40
"""No result has so many observations; a token that says so is none of ours."""


def new_job_id() -> str:
    """64 characters nobody can guess."""
    return secrets.token_hex(32)


class Videos:
    """The videos that may be tracked."""

    def __init__(self, s3: S3Client, buckets: Collection[str]) -> None:
        self._s3 = s3
        self._buckets = buckets

    def find(self, bucket: str, name: str, version: str | None) -> VideoObject:
        """The video's object as it is now; raises InvalidS3ObjectException, VideoTooLargeException."""
        uri = f"s3://{bucket}/{name}" + ("" if version is None else f" (version {version})")
        if bucket not in self._buckets:
            raise InvalidS3ObjectException(f"{uri} lies in a bucket that this service may not read")
        arguments: HeadObjectRequestTypeDef = {"Bucket": bucket, "Key": name}
        if version is not None:
            arguments["VersionId"] = version
        try:
            head = self._s3.head_object(**arguments)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403, 404, 405):
                raise InvalidS3ObjectException(
                    f"Unable to get object metadata from S3 for {uri}. "
                    "Check object key, region and/or access permissions."
                ) from error
            raise
        if head.get("StorageClass") in ARCHIVE_CLASSES and RESTORED not in head.get("Restore", ""):
            raise InvalidS3ObjectException(f"{uri} is archived ({head['StorageClass']}); restore it first")
        if head["ContentLength"] == 0:
            raise InvalidS3ObjectException(f"{uri} is empty; a video is expected")
        if head["ContentLength"] > MAX_VIDEO_BYTES:
            raise VideoTooLargeException(
                f"{uri} has {head['ContentLength']} bytes; at most {MAX_VIDEO_BYTES} (10 GB) are taken"
            )
        return VideoObject(bucket, name, version, head.get("VersionId"), head["ETag"], head["ContentLength"])


class Executions:
    """The state machine's executions, each named by its job."""

    def __init__(self, states: SFNClient, state_machine_arn: str) -> None:
        self._states = states
        self._state_machine_arn = state_machine_arn

    def start(self, job_id: str) -> None:
        """Start a job's execution; once started it is not started again."""
        with suppress(self._states.exceptions.ExecutionAlreadyExists):
            self._states.start_execution(
                stateMachineArn=self._state_machine_arn, name=job_id, input=json.dumps({"job_id": job_id})
            )

    def running_jobs(self) -> set[str]:
        pages = self._states.get_paginator("list_executions").paginate(
            stateMachineArn=self._state_machine_arn, statusFilter="RUNNING"
        )
        return {execution["name"] for page in pages for execution in page["executions"]}

    def is_stopped(self, job_id: str) -> bool:
        """Whether the execution has ended otherwise than by its own course."""
        arn = self._state_machine_arn.replace(":stateMachine:", ":execution:") + f":{job_id}"
        try:
            return self._states.describe_execution(executionArn=arn)["status"] in STOPPED_STATUSES
        except self._states.exceptions.ExecutionDoesNotExist:
            return False  # about to be started


class PersonTracking:
    """StartPersonTracking and GetPersonTracking."""

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
        notification_roles: Collection[str],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._videos = videos
        self._roles = roles
        self._executions = executions
        self._tokens = tokens
        self._active_jobs = job_slots
        self._max_concurrent_jobs = max_concurrent_jobs
        self._notification_roles = notification_roles
        self._now = now

    def start(self, request: Request) -> dict[str, Any]:
        """Start tracking a stored video, or find the job that an earlier call of the same token started."""
        token_key, digest = _token_key(request), _digest(request.parameters)
        token = self._tokens.look_up(token_key, digest)
        if token is not None and token.is_started:
            return {"JobId": token.job_id}
        video = self._find_video(request.parameters)
        channel = self._find_channel(request.parameters)
        if token is None:  # else its job may have a place, perhaps the last one
            self._active_jobs.check_free_slot(self._max_concurrent_jobs, self._executions.running_jobs)
        claim = self._tokens.claim(token_key, digest)
        job_id = claim if isinstance(claim, str) else self._start(claim, request, video, channel)
        return {"JobId": job_id}

    def get(self, request: Request) -> dict[str, Any]:
        """A page of a job's observations, or how the job stands."""
        parameters = request.parameters
        order: SortOrder = parameters.get("SortBy", "TIMESTAMP")
        token = PageToken.read(parameters["NextToken"]) if "NextToken" in parameters else None
        first = 0 if token is None else token.first
        if first > MAX_FIRST:
            raise invalid_token()
        page = PageRange(order, first, min(parameters.get("MaxResults", PAGE_SIZE), PAGE_SIZE))
        data = self._store.read_range(job_key(parameters["JobId"], "observations.bin"), page.start, page.end)
        header = None if data is None else page.header(data)
        if data is None or header is None:
            return self._without_pages(request)
        _check_owner(request, header.account)
        self._check_age(request, header.ended_at_ms)
        if token is not None:
            token.check(header, order, self._now())
        return {"JobStatus": "SUCCEEDED", **_page_members(header), **self._persons(page, header, data)}

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
            started_at_ms=int(self._now() * 1000),
        )
        try:
            self._active_jobs.admit(job.job_id, self._max_concurrent_jobs)
            # An attempt that died after this point may have an execution that goes by what is there.
            self._store.create(job_key(job.job_id, "request.json"), job.to_json())
            self._executions.start(job.job_id)
            self._tokens.mark_started(lease)
        except BaseException as error:
            if isinstance(error, LimitExceededException) and lease.is_first:
                self._tokens.forget(lease)
            else:
                self._tokens.hand_on(lease)
            raise
        return job.job_id

    def _find_video(self, parameters: Mapping[str, Any]) -> VideoObject:
        place = parameters["Video"].get("S3Object", {})
        if "Bucket" not in place or "Name" not in place:
            raise InvalidParameterException("Video.S3Object.Bucket and Video.S3Object.Name are both needed")
        return self._videos.find(place["Bucket"], place["Name"], place.get("Version"))

    def _find_channel(self, parameters: Mapping[str, Any]) -> NotificationChannel | None:
        members = parameters.get("NotificationChannel")
        if members is None:
            return None
        channel = NotificationChannel(members["SNSTopicArn"], members["RoleArn"])
        if channel.role_arn not in self._notification_roles:
            raise AccessDeniedException(f"The role {channel.role_arn} is none that this service may assume")
        self._roles.check(channel)
        return channel

    def _persons(self, page: PageRange, header: Header, data: bytes) -> dict[str, Any]:
        observations = page.observations(data, header.observation_count)
        following = page.first + len(observations)
        token = None
        if following < header.observation_count:
            token = str(PageToken.issue(header, page.order, following, int(self._now())))
        return {"Persons": [person(observation) for observation in observations], "NextToken": token}

    def _without_pages(self, request: Request) -> dict[str, Any]:
        """What is said of a job without such a page: it runs, it has failed, or the token is not ours."""
        job_id = request.parameters["JobId"]
        stored = self._store.read(job_key(job_id, "request.json"))
        if stored is None:
            raise _no_such_job(job_id)
        job = Job.from_json(stored.data)
        _check_owner(request, job.account)
        if "NextToken" in request.parameters:
            raise invalid_token()
        outcome = self._outcome(job)
        self._check_age(request, job.started_at_ms if outcome is None else outcome.ended_at_ms)
        return {
            "JobStatus": "IN_PROGRESS" if outcome is None else "FAILED",
            "StatusMessage": None if outcome is None else outcome.message,
            "Persons": [],
            "JobId": job_id,
            "Video": job.video.as_requested(),
            "JobTag": job.job_tag,
        }

    def _outcome(self, job: Job) -> Outcome | None:
        stored = self._store.read(job_key(job.job_id, "job.json"))
        if stored is not None:
            return Outcome.from_json(stored.data)
        if self._executions.is_stopped(job.job_id):
            return Outcome("ERROR", "The job was stopped before it had ended.", job.started_at_ms)
        return None

    def _check_age(self, request: Request, since_ms: int) -> None:
        if self._now() * 1000 - since_ms >= RESULTS_KEPT_MS:
            raise _no_such_job(request.parameters["JobId"])


def _check_owner(request: Request, account: str) -> None:
    # Another account's job is told apart from none by nothing.
    if request.account != account:
        raise _no_such_job(request.parameters["JobId"])


def _page_members(header: Header) -> dict[str, Any]:
    return {
        "VideoMetadata": header.metadata,
        "JobId": header.job_id,
        "Video": header.video,
        "JobTag": header.job_tag,
    }


def _no_such_job(job_id: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Could not find JobId {job_id}; results are kept for 7 days")


def _token_key(request: Request) -> str:
    """Where a call's token lies: the client's own, else one that the attempts of a single call share."""
    if "ClientRequestToken" in request.parameters:
        return f"tokens/{request.account}/client/{request.parameters['ClientRequestToken']}"
    call = f"{request.invocation_id or uuid.uuid4()}/{_digest(request.parameters)}"
    return f"tokens/{request.account}/call/{hashlib.sha256(call.encode()).hexdigest()}"


def _digest(parameters: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()
