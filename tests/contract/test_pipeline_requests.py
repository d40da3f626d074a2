"""Checks the pipeline's requests against botocore's model, and its tests' fake against the real service."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.model import Shape, StructureShape
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from people_pathing.common.aws_errors import THROTTLING_CODES
from people_pathing.pipeline.tracking_client import (
    LIMIT_CODES,
    MISCONFIGURED_CODES,
    REJECTED_CODES,
    UNREADABLE_CODES,
    PersonPage,
    TrackingClient,
)
from people_pathing.pipeline.video import Video
from people_pathing.results.provenance_header import HEADER_NAME, write_header
from people_pathing.service.handlers import api
from tests.contract.in_process_api import InProcessApi
from tests.fakes.person_tracking import FakePersonTracking
from tests.fakes.pipeline import ROLE, TOKEN_SECRET, TOPIC
from tests.unit.results.test_provenance_header import MADE
from tests.unit.service.in_memory_service import CHANNEL, Service
from tests.unit.service.world import VIDEO, header_of, store_results, walking_people

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient

MODEL = botocore.session.get_session().get_service_model("rekognition")
START = MODEL.operation_model("StartPersonTracking")
GET = MODEL.operation_model("GetPersonTracking")
KEYS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=256)
VERSIONS = st.none() | st.text("abcXYZ019._-", min_size=1, max_size=1024)


def assert_valid(shape: Shape | None, value: Any) -> None:
    """Asserts that all required members are present, none is unknown, and each obeys its limits."""
    if isinstance(shape, StructureShape):
        assert set(shape.required_members) <= set(value) <= set(shape.members)
        for name, member in value.items():
            assert_valid(shape.members[name], member)
    elif shape is not None:
        rules = shape.metadata
        size = len(value) if isinstance(value, str) else value
        assert rules.get("min", size) <= size <= rules.get("max", size)
        assert "pattern" not in rules or re.search(rules["pattern"], value)
        assert "enum" not in rules or value in rules["enum"]


def get_page(client: RekognitionClient, job_id: str, next_token: str | None) -> PersonPage:
    return TrackingClient(client, TOPIC, ROLE, TOKEN_SECRET).get_page(job_id, next_token)


class Recorder:
    """A client that records its requests."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    def start_person_tracking(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        return {"JobId": "job"}

    def get_person_tracking(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        return {"JobStatus": "IN_PROGRESS"}


@given(KEYS.filter(str.strip), VERSIONS)
def test_every_video_is_started_with_a_valid_request(key: str, version: str | None) -> None:
    client: Any = Recorder()
    tracking = TrackingClient(client, TOPIC, ROLE, TOKEN_SECRET)
    tracking.start(tracking.request(Video("people-pathing-videos", key, version, version or "etag-1")))
    assert_valid(START.input_shape, client.requests[0])


@pytest.mark.parametrize("next_token", [None, "t" * 255])
def test_pages_are_requested_with_valid_requests(next_token: str | None) -> None:
    client: Any = Recorder()
    get_page(client, "j" * 64, next_token)
    assert_valid(GET.input_shape, client.requests[0])


def test_every_modelled_error_is_classified() -> None:
    transient = {"InternalServerError"}
    refusals = REJECTED_CODES | UNREADABLE_CODES | MISCONFIGURED_CODES
    known = LIMIT_CODES | THROTTLING_CODES | refusals | transient
    assert {shape.name for shape in START.error_shapes} <= known


@dataclass(frozen=True)
class Side:
    """One implementation of the API, and how a test ends its jobs."""

    client: RekognitionClient
    succeed: Callable[[str], object]
    fail: Callable[[str], object]


@pytest.fixture(params=["fake", "service"])
def side(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Side]:
    """The job limit is two. A job succeeds with two people, each in three observations."""
    if request.param == "fake":
        fake = FakePersonTracking(limit=2, headers={HEADER_NAME: write_header(MADE)})
        persons = [
            {"Timestamp": 33 * step, "Person": {"Index": index}} for index in range(2) for step in range(3)
        ]
        yield Side(
            fake.client(),
            lambda job_id: fake.succeed(job_id, persons),
            lambda job_id: fake.fail(job_id, "broken"),
        )
        return
    with mock_aws():
        yield _service_side(monkeypatch)


def _service_side(monkeypatch: pytest.MonkeyPatch) -> Side:
    service = Service(limit=2)
    service.clock.now_s = time.time()
    monkeypatch.setattr(api, "compose_operations", service.operations)

    def succeed(job_id: str) -> None:
        job = service.job(job_id)
        header = header_of(job, 6, job.started_ms, write_header(MADE))
        store_results(service.store, header, walking_people(2, 3))
        service.end(job_id)

    def fail(job_id: str) -> None:
        service.end(job_id, "FAILED", "broken")

    return Side(InProcessApi().client(), succeed, fail)


def _start(side: Side, token: str, **more: Any) -> str:
    request: Any = {
        "Video": VIDEO,
        "NotificationChannel": CHANNEL,
        "ClientRequestToken": token,
        "JobTag": token,
    }
    return side.client.start_person_tracking(**(request | more))["JobId"]


def _code(call: Callable[[], object]) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    return caught.value.response["Error"]["Code"]


def test_a_token_is_one_job_even_at_the_job_limit(side: Side) -> None:
    first, second = _start(side, "a"), _start(side, "b")
    assert first != second
    assert _code(lambda: _start(side, "c")) == "LimitExceededException"
    assert _start(side, "a") == first


def test_a_token_with_other_parameters_is_rejected(side: Side) -> None:
    _start(side, "a")
    assert _code(lambda: _start(side, "a", JobTag="other")) == "IdempotentParameterMismatchException"


def test_an_ended_job_releases_its_slot(side: Side) -> None:
    jobs = [_start(side, "a"), _start(side, "b")]
    side.succeed(jobs[0])
    side.fail(jobs[1])
    assert len({*jobs, _start(side, "c"), _start(side, "d")}) == 4


def test_a_job_that_was_never_started_is_not_found(side: Side) -> None:
    assert _code(lambda: get_page(side.client, "no-such-job", None)) == "ResourceNotFoundException"


def test_a_job_is_in_progress_and_then_ends(side: Side) -> None:
    running, succeeding = _start(side, "a"), _start(side, "b")
    assert get_page(side.client, running, None).status == "IN_PROGRESS"
    side.fail(running)
    side.succeed(succeeding)
    failed, succeeded = (get_page(side.client, job_id, None) for job_id in (running, succeeding))
    assert (failed.status, failed.status_message) == ("FAILED", "broken")
    requested = VIDEO["S3Object"]
    assert failed.video == succeeded.video == (requested["Bucket"], requested["Name"], None)
    assert (succeeded.status, succeeded.next_token) == ("SUCCEEDED", None)
    assert [one.person_index for one in succeeded.observations] == [0, 0, 0, 1, 1, 1]
    assert succeeded.metadata["FrameWidth"] == 1920


def test_every_page_of_results_says_how_they_were_made(side: Side) -> None:
    job_id = _start(side, "a")
    side.succeed(job_id)
    page: Any = side.client.get_person_tracking(JobId=job_id, MaxResults=4, SortBy="INDEX")
    assert get_page(side.client, job_id, None).provenance == MADE
    assert get_page(side.client, job_id, page["NextToken"]).provenance == MADE


def test_the_next_page_continues_after_the_last(side: Side) -> None:
    job_id = _start(side, "a")
    side.succeed(job_id)
    pages: Any = [side.client.get_person_tracking(JobId=job_id, MaxResults=4, SortBy="INDEX")]
    pages.append(
        side.client.get_person_tracking(
            JobId=job_id, MaxResults=4, SortBy="INDEX", NextToken=pages[0]["NextToken"]
        )
    )
    assert [len(page["Persons"]) for page in pages] == [4, 2]
    assert "NextToken" not in pages[1]
    assert _code(lambda: get_page(side.client, job_id, "made-up")) == "InvalidPaginationTokenException"
