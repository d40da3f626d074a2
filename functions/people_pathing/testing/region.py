"""The service of one region: its own operations over moto's S3, STS and SNS."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from people_pathing.common.clock import now_ms
from people_pathing.service.artifacts import ArtifactStore, observations_key
from people_pathing.service.executions import Executions
from people_pathing.service.job_store import JobStore
from people_pathing.service.notification import CallerRoles, NoticePublisher, completion_notice
from people_pathing.service.operations.get import GetPersonTracking
from people_pathing.service.operations.start import StartPersonTracking
from people_pathing.service.result_pages.from_tracks import blocks
from people_pathing.service.result_pages.layout import Header
from people_pathing.service.videos.lookup import Videos
from people_pathing.testing.memory import MemoryArtifacts, MemoryJobs
from people_pathing.testing.outcome import to_observations

if TYPE_CHECKING:
    from people_pathing.service.job_items import StoredJob
    from people_pathing.service.protocol.answering import Operations
    from people_pathing.service.protocol.wire import Output, Request
    from people_pathing.testing.outcome import Outcome


SERVICE_ROLE_ARNS = ("arn:aws:iam::123456789012:role/people-pathing",)
"""What an error about a role names. moto lets every role be assumed."""


class Everything(frozenset[str]):
    """Contains every name: a test's service may read all buckets of moto and assume all roles."""

    def __contains__(self, name: object) -> bool:
        """Returns True."""
        return True


class RegionService:
    """The two operations in one region, and the jobs that were started there.

    Args:
        region: the region's name.
        outcome_of: returns the outcome of a video by the object's name.
        raise_requested_error: raises the error that a test has requested for an operation, if any.
        max_concurrent_jobs: the job limit.
    """

    def __init__(
        self,
        region: str,
        *,
        outcome_of: Callable[[str], Outcome],
        raise_requested_error: Callable[[str], None],
        max_concurrent_jobs: int,
    ) -> None:
        self._outcome_of = outcome_of
        self._raise_requested_error = raise_requested_error
        self._jobs = MemoryJobs(now_ms)
        self._artifacts = MemoryArtifacts()
        self._polls: Counter[str] = Counter()
        self._session = _session(region)
        roles = CallerRoles(self._session.client("sts"))
        self._publisher = NoticePublisher(roles, self._sns_client)
        jobs = cast(JobStore, self._jobs)
        self._start = StartPersonTracking(
            jobs,
            Videos(self._session.client("s3"), Everything()),
            roles,
            cast(Executions, _Executions(self._started)),
            max_concurrent_jobs=max_concurrent_jobs,
            notification_role_arns=Everything(),
            service_role_arns=SERVICE_ROLE_ARNS,
        )
        self._get = GetPersonTracking(jobs, cast(ArtifactStore, self._artifacts))
        self.job_ids: list[str] = []
        """The JobIds of all jobs, in the order in which they were started."""

    def operations(self) -> Operations:
        """Returns the two operations."""
        return {"StartPersonTracking": self._answer_start, "GetPersonTracking": self._answer_get}

    def finish(self, job_id: str) -> None:
        """Ends a running job as its outcome says, and publishes its completion notice."""
        stored = self._jobs.get(job_id)
        if stored is None or stored.state != "RUNNING":
            return
        outcome = self._outcome_of(stored.job.video.name)
        if outcome.failure is None:
            self._artifacts.write(observations_key(job_id), _result_object(stored, outcome))
        status = cast(Any, "SUCCEEDED" if outcome.failure is None else "FAILED")
        self._publish(self._jobs.end(job_id, status, outcome.failure))

    def _answer_start(self, request: Request) -> Output:
        self._raise_requested_error(request.operation)
        return self._start(request)

    def _answer_get(self, request: Request) -> Output:
        self._raise_requested_error(request.operation)
        stored = self._jobs.get(request.parameters["JobId"])
        if stored is not None and stored.job.account == request.account and stored.state == "RUNNING":
            self._poll(stored)
        return self._get(request)

    def _poll(self, stored: StoredJob) -> None:
        job_id = stored.job.job_id
        self._polls[job_id] += 1
        if self._polls[job_id] > self._outcome_of(stored.job.video.name).polls_in_progress:
            self.finish(job_id)

    def _started(self, job_id: str) -> None:
        self.job_ids.append(job_id)
        stored = self._jobs.get(job_id)
        if stored is not None and self._outcome_of(stored.job.video.name).polls_in_progress == 0:
            self.finish(job_id)

    def _publish(self, stored: StoredJob) -> None:
        if stored.job.channel is None:
            return
        try:
            self._publisher.publish(stored.job.channel, stored.job.job_id, completion_notice(stored))
        except (ClientError, BotoCoreError) as error:
            # The service tries again for days. A test would wait in vain, so it is told.
            topic = stored.job.channel.topic_arn
            warnings.warn(f"the completion notice could not be published to {topic}: {error}", stacklevel=2)

    def _sns_client(self, credentials: Any) -> Any:
        return self._session.client(
            "sns",
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )


class _Executions:
    """Stands for the state machine: starting an execution may end its job at once."""

    def __init__(self, start: Callable[[str], None]) -> None:
        self.start = start


def _result_object(stored: StoredJob, outcome: Outcome) -> bytes:
    observations = to_observations(outcome.persons)
    job = stored.job
    metadata: Mapping[str, Any] = outcome.video_metadata
    header = Header(
        job.job_id,
        job.account,
        job.secret,
        now_ms(),
        len(observations),
        job.video.as_requested(),
        job.job_tag,
        metadata,
    )
    return b"".join(blocks(header, observations))


@cache
def _session(region: str) -> boto3.Session:
    """Returns one session for all tests, because reading the models of AWS's services takes long."""
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto3.Session(region_name=region, **cast(Any, keys))
