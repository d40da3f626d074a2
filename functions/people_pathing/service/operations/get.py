"""GetPersonTracking: reads one page of a job's observations, or reports the job's state."""

from __future__ import annotations

from collections.abc import Callable

from people_pathing.common.clock import now_ms
from people_pathing.results.provenance_header import HEADER_NAME
from people_pathing.service.artifacts import ArtifactStore, observations_key
from people_pathing.service.job import RESULTS_KEPT_S
from people_pathing.service.job_items import StoredJob
from people_pathing.service.job_store import JobStore
from people_pathing.service.protocol.errors import ResourceNotFoundException
from people_pathing.service.protocol.wire import JsonText, Output, Request, Structure
from people_pathing.service.result_pages.layout import PAGE_SIZE, Header, PageRange, SortOrder
from people_pathing.service.result_pages.page_token import PageToken, invalid_page_token
from people_pathing.service.result_pages.sequential_reads import SequentialReads

MAX_FIRST = 2**40
"""No result has so many observations. A token with a larger number was not issued by the service."""


class GetPersonTracking:
    """The operation GetPersonTracking.

    Args:
        jobs: the job store.
        store: the artifact bucket, with the results.
        now_ms: the clock.
    """

    def __init__(self, jobs: JobStore, store: ArtifactStore, *, now_ms: Callable[[], int] = now_ms) -> None:
        self._jobs = jobs
        self._reads = SequentialReads(store.read_range, now_ms)
        self._now_ms = now_ms

    def __call__(self, request: Request) -> Output:
        """Returns a page of a job's observations, or the job's state if it has no results."""
        # Programs begin with an empty token, as the samples in the Developer Guide do.
        if request.parameters.get("NextToken"):
            return self._next_page(request)
        job_id: str = request.parameters["JobId"]
        stored = self._jobs.get(job_id)
        if stored is None:
            raise _no_such_job(job_id)
        _check_owner(request, stored.job.account)
        if stored.state != "SUCCEEDED":
            return _without_results(stored)
        page = _page(request, 0)
        data = self._reads.first_page(request.account, observations_key(job_id), page)
        header = _header(request, page, data)
        if data is None or header is None:
            # The results were erased.
            raise _no_such_job(job_id)
        return self._with_results(page, header, data)

    def _next_page(self, request: Request) -> Output:
        """Returns the page that a token names. Costs one read at most: the result object has all it needs."""
        token = PageToken.parse(request.parameters["NextToken"])
        if token.first > MAX_FIRST:
            raise invalid_page_token()
        page = _page(request, token.first)
        data = self._reads.next_page(request.account, observations_key(request.parameters["JobId"]), page)
        header = _header(request, page, data)
        if data is None or header is None:
            self._check_job(request)
            raise invalid_page_token()
        if self._now_ms() // 1000 - header.ended_ms // 1000 >= RESULTS_KEPT_S:
            raise _no_such_job(header.job_id)
        token.check(header, page.order, self._now_ms() // 1000)
        return self._with_results(page, header, data)

    def _check_job(self, request: Request) -> None:
        job_id: str = request.parameters["JobId"]
        stored = self._jobs.get(job_id)
        if stored is None:
            raise _no_such_job(job_id)
        _check_owner(request, stored.job.account)

    def _with_results(self, page: PageRange, header: Header, data: bytes) -> Output:
        observations = page.observations(data, header.observation_count)
        next_first = page.first + len(observations)
        token = None
        if next_first < header.observation_count:
            token = str(PageToken.issue(header, page.order, next_first, self._now_ms() // 1000))
        structure = {
            "JobStatus": "SUCCEEDED",
            "VideoMetadata": header.metadata,
            "JobId": header.job_id,
            "Video": header.video,
            "JobTag": header.job_tag,
            "Persons": JsonText(f"[{','.join(person.to_json() for person in observations)}]"),
            "NextToken": token,
        }
        return Output(structure, {} if header.provenance is None else {HEADER_NAME: header.provenance})


def _page(request: Request, first: int) -> PageRange:
    order: SortOrder = request.parameters.get("SortBy", "TIMESTAMP")
    return PageRange(order, first, min(request.parameters.get("MaxResults", PAGE_SIZE), PAGE_SIZE))


def _header(request: Request, page: PageRange, data: bytes | None) -> Header | None:
    """Returns the header of the result from a page's bytes, or None if the result does not exist.

    Raises:
        ResourceNotFoundException: the result is another account's.
    """
    header = None if data is None else page.header(data)
    if header is not None:
        _check_owner(request, header.account)
    return header


def _without_results(stored: StoredJob) -> Output:
    """Answers for a job that is running or has failed."""
    structure: Structure = {
        "JobStatus": "IN_PROGRESS" if stored.state == "RUNNING" else "FAILED",
        "StatusMessage": stored.message,
        "Persons": [],
        "JobId": stored.job.job_id,
        "Video": stored.job.video.as_requested(),
        "JobTag": stored.job.job_tag,
    }
    return Output(structure)


def _check_owner(request: Request, account: str) -> None:
    # The same error as for a job that does not exist: a caller cannot learn which JobIds others have.
    if request.account != account:
        raise _no_such_job(request.parameters["JobId"])


def _no_such_job(job_id: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Could not find JobId {job_id}; results are kept for 7 days")
