"""GetPersonTracking: reads one page of a job's observations, or reports the job's state."""

from __future__ import annotations

from collections.abc import Callable

from people_pathing.common.clock import now_ms
from people_pathing.common.json_values import from_json
from people_pathing.service.artifacts import ArtifactStore, observations_key, outcome_key, request_key
from people_pathing.service.executions import Executions
from people_pathing.service.job import RESULTS_KEPT_MS, Job, Outcome
from people_pathing.service.protocol.errors import ResourceNotFoundException
from people_pathing.service.protocol.wire import Request, Structure
from people_pathing.service.result_pages.layout import PAGE_SIZE, Header, PageRange, SortOrder
from people_pathing.service.result_pages.page_token import PageToken, invalid_page_token

MAX_FIRST = 2**40
"""No result has so many observations. A token with a larger number was not issued by the service."""


class GetPersonTracking:
    """The operation GetPersonTracking.

    Args:
        store: where jobs and results are stored.
        executions: report whether a job was stopped.
        now_ms: the clock.
    """

    def __init__(
        self, store: ArtifactStore, executions: Executions, *, now_ms: Callable[[], int] = now_ms
    ) -> None:
        self._store = store
        self._executions = executions
        self._now_ms = now_ms

    def __call__(self, request: Request) -> Structure:
        """Returns a page of a job's observations, or the job's state if it has no results."""
        parameters = request.parameters
        job_id: str = parameters["JobId"]
        order: SortOrder = parameters.get("SortBy", "TIMESTAMP")
        token = PageToken.parse(parameters["NextToken"]) if "NextToken" in parameters else None
        first = 0 if token is None else token.first
        if first > MAX_FIRST:
            raise invalid_page_token()
        page = PageRange(order, first, min(parameters.get("MaxResults", PAGE_SIZE), PAGE_SIZE))
        # The result is read first, in one request: every page of a finished job costs one read.
        data = self._store.read_range(observations_key(job_id), page.start, page.end)
        header = None if data is None else page.header(data)
        if data is None or header is None:
            return self._without_results(request)
        _check_owner(request, header.account)
        self._check_age(job_id, header.ended_ms)
        if token is not None:
            token.check(header, order, self._now_ms() // 1000)
        return self._with_results(page, header, data)

    def _with_results(self, page: PageRange, header: Header, data: bytes) -> Structure:
        observations = page.observations(data, header.observation_count)
        next_first = page.first + len(observations)
        token = None
        if next_first < header.observation_count:
            token = str(PageToken.issue(header, page.order, next_first, self._now_ms() // 1000))
        return {
            "JobStatus": "SUCCEEDED",
            "VideoMetadata": header.metadata,
            "JobId": header.job_id,
            "Video": header.video,
            "JobTag": header.job_tag,
            "Persons": [observation.to_api() for observation in observations],
            "NextToken": token,
        }

    def _without_results(self, request: Request) -> Structure:
        """Answers for a job that is running, has failed, or has no page at the token's position."""
        job_id: str = request.parameters["JobId"]
        stored = self._store.read(request_key(job_id))
        if stored is None:
            raise _no_such_job(job_id)
        job = from_json(Job, stored.data)
        _check_owner(request, job.account)
        if "NextToken" in request.parameters:
            raise invalid_page_token()
        outcome = self._outcome(job)
        self._check_age(job_id, job.started_ms if outcome is None else outcome.ended_ms)
        return {
            "JobStatus": "IN_PROGRESS" if outcome is None else "FAILED",
            "StatusMessage": None if outcome is None else outcome.message,
            "Persons": [],
            "JobId": job_id,
            "Video": job.video.as_requested(),
            "JobTag": job.job_tag,
        }

    def _outcome(self, job: Job) -> Outcome | None:
        stored = self._store.read(outcome_key(job.job_id))
        if stored is not None:
            return from_json(Outcome, stored.data)
        if self._executions.is_stopped(job.job_id):
            return Outcome("ERROR", "The job was stopped before it ended.", job.started_ms)
        return None

    def _check_age(self, job_id: str, since_ms: int) -> None:
        if self._now_ms() - since_ms >= RESULTS_KEPT_MS:
            raise _no_such_job(job_id)


def _check_owner(request: Request, account: str) -> None:
    # The same error as for a job that does not exist: a caller cannot learn which JobIds others have.
    if request.account != account:
        raise _no_such_job(request.parameters["JobId"])


def _no_such_job(job_id: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Could not find JobId {job_id}; results are kept for 7 days")
