"""Requests to the service, and what its errors mean."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from people_pathing.pipeline.composition import compose
from people_pathing.pipeline.tracking_client import (
    INVALID_PAGINATION_CODE,
    JOB_NOT_FOUND_CODE,
    LimitReached,
    Misconfigured,
    PersonPage,
    Rejected,
    Started,
    StartOutcome,
    Throttled,
    TrackingClient,
    TransientFailure,
    Unreadable,
)
from people_pathing.pipeline.video import Video
from people_pathing.results.provenance import Provenance
from people_pathing.results.provenance_header import HEADER_NAME, write_header
from tests.fakes.person_tracking import METADATA, FakePersonTracking, ServiceError, person, session
from tests.fakes.pipeline import ROLE, TOKEN_SECRET, TOPIC
from tests.unit.pipeline.test_settings import COMPLETE

VIDEO = Video("videos", "a.mp4", "v1", "v1")


@pytest.fixture(autouse=True)
def _no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore waits up to two seconds before each retry."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)


def _tracking(client: Any) -> TrackingClient:
    return TrackingClient(client, TOPIC, ROLE, TOKEN_SECRET)


def _start(service: FakePersonTracking, video: Video = VIDEO) -> StartOutcome | Unreadable:
    tracking = _tracking(service.client())
    return tracking.start(tracking.request(video))


def _failing(code: str, status: int = 400) -> FakePersonTracking:
    def fail(_operation: str) -> None:
        raise ServiceError(code, "its words", status)

    return FakePersonTracking(before=fail)


def test_a_start_request_names_the_video_the_token_the_tag_and_the_channel() -> None:
    service = FakePersonTracking()
    assert _start(service) == Started("job-1")
    assert service.jobs["job-1"].request == {
        "Video": {"S3Object": {"Bucket": "videos", "Name": "a.mp4", "Version": "v1"}},
        "ClientRequestToken": VIDEO.client_token(TOKEN_SECRET),
        "JobTag": VIDEO.video_id,
        "NotificationChannel": {"SNSTopicArn": TOPIC, "RoleArn": ROLE},
    }


def test_a_video_without_version_is_requested_without_version() -> None:
    service = FakePersonTracking()
    assert _start(service, Video.without_version("videos", "a.mp4", "etag", "01")) == Started("job-1")
    assert service.jobs["job-1"].request["Video"]["S3Object"] == {"Bucket": "videos", "Name": "a.mp4"}


def test_a_repeated_start_of_a_video_returns_the_same_job() -> None:
    service = FakePersonTracking()
    assert _start(service) == _start(service) == Started("job-1")


def test_a_start_that_meets_the_job_limit_costs_one_call() -> None:
    service = _failing("LimitExceededException")
    assert _start(service) == LimitReached("LimitExceededException: its words")
    assert service.calls["StartPersonTracking"] == 1


@pytest.mark.parametrize(
    "code",
    ["ThrottlingException", "ProvisionedThroughputExceededException", "TooManyRequestsException", "429"],
)
def test_a_throttled_start_is_reported_as_throttled(code: str) -> None:
    assert _start(_failing(code)) == Throttled(f"{code}: its words")


def test_a_throttled_start_is_retried_twice() -> None:
    service = _failing("ThrottlingException")
    _start(service)
    assert service.calls["StartPersonTracking"] == 3


@pytest.mark.parametrize(
    ("code", "status"), [("TeapotException", 418), ("InternalServerError", 500), ("ServiceUnavailable", 503)]
)
def test_server_errors_and_unknown_errors_are_transient(code: str, status: int) -> None:
    assert _start(_failing(code, status)) == TransientFailure(f"{code}: its words")


def test_a_video_that_is_too_large_is_rejected() -> None:
    assert _start(_failing("VideoTooLargeException")) == Rejected("VideoTooLargeException: its words")


def test_an_object_that_the_service_cannot_read_may_have_either_cause() -> None:
    assert _start(_failing("InvalidS3ObjectException")) == Unreadable("InvalidS3ObjectException: its words")


@pytest.mark.parametrize(
    "code",
    ["AccessDeniedException", "IdempotentParameterMismatchException", "InvalidParameterException"],
)
def test_a_refusal_by_the_configuration_is_not_the_videos(code: str) -> None:
    assert _start(_failing(code)) == Misconfigured(f"{code}: its words")


@pytest.mark.parametrize("key", [" ", "\n\t", "\u3000"])
def test_a_key_of_white_space_is_rejected_without_a_call(key: str) -> None:
    service = FakePersonTracking()
    outcome = _start(service, Video("videos", key, "v1", "v1"))
    assert outcome == Rejected(f"the key {key!r} is only white space, which the API does not allow")
    assert not service.calls


def test_a_request_that_botocore_refuses_is_misconfigured_and_makes_no_call() -> None:
    service = FakePersonTracking()
    outcome = _start(service, Video("", "a.mp4", "v1", "v1"))
    assert isinstance(outcome, Misconfigured)
    assert "Invalid length for parameter Video.S3Object.Bucket" in outcome.reason
    assert not service.calls


def test_a_service_that_cannot_be_reached_is_a_transient_failure() -> None:
    service = FakePersonTracking()
    client = service.client()
    events: Any = client.meta.events
    events.register_first("before-send.rekognition", _unreachable)
    tracking = _tracking(client)
    outcome = tracking.start(tracking.request(VIDEO))
    assert isinstance(outcome, TransientFailure)
    assert outcome.reason.startswith("EndpointConnectionError: ")


def _unreachable(**_: object) -> None:
    raise EndpointConnectionError(endpoint_url="https://nowhere")


@pytest.mark.parametrize("signing_name", ["lambda", "rekognition"])
def test_requests_are_signed_for_the_service_that_checks_them(signing_name: str) -> None:
    composed = compose({**COMPLETE, "SIGNING_NAME": signing_name}, session().client)
    signed: list[str] = []
    FakePersonTracking().attach(composed.rekognition)

    def note(request: Any, **_: object) -> None:
        signed.append(request.headers["Authorization"].decode())

    events: Any = composed.rekognition.meta.events
    events.register_first("before-send.rekognition", note)
    tracking = _tracking(composed.rekognition)
    assert tracking.start(tracking.request(VIDEO)) == Started("job-1")
    assert f"/eu-central-1/{signing_name}/aws4_request" in signed[0]


def _client_with_job(service: FakePersonTracking) -> TrackingClient:
    client = _tracking(service.client())
    client.start(client.request(VIDEO))
    return client


def test_pages_are_sorted_by_person_and_followed_by_their_tokens() -> None:
    service = FakePersonTracking(page_size=2)
    client = _client_with_job(service)
    service.succeed("job-1", [person(1, 0, 0, 0), person(0, 66, 0, 0), person(0, 0, 0, 0)])
    first = client.get_page("job-1", None)
    second = client.get_page("job-1", first.next_token)
    seen = [(one.person_index, one.timestamp_ms) for one in (*first.observations, *second.observations)]
    assert seen == [(0, 0), (0, 66), (1, 0)]
    assert (first.next_token, second.next_token) == ("job-1:2", None)
    assert (second.status, second.status_message, second.metadata) == ("SUCCEEDED", None, METADATA)
    assert first.video == second.video == ("videos", "a.mp4", "v1")


def test_a_page_is_as_large_as_the_api_allows() -> None:
    requests: list[dict[str, Any]] = []

    class Recorder:
        def get_person_tracking(self, **request: Any) -> dict[str, Any]:
            requests.append(request)
            return {"JobStatus": "IN_PROGRESS", "NextToken": ""}

    recorder: Any = Recorder()
    client = _tracking(recorder)
    page = client.get_page("job-1", None)
    client.get_page("job-1", "token")
    assert page == PersonPage("IN_PROGRESS", None, {}, (), None, (None, None, None), Provenance())
    first = {"JobId": "job-1", "MaxResults": 1000, "SortBy": "INDEX"}
    assert requests == [first, {**first, "NextToken": "token"}]


def test_every_page_says_how_the_results_were_made() -> None:
    made = Provenance(version="0.1.0", detector="hog (OpenCV)", frames_decoded=120, warnings=("Damaged.",))
    service = FakePersonTracking(page_size=1, headers={HEADER_NAME.title(): write_header(made)})
    client = _client_with_job(service)
    service.succeed("job-1", [person(0, 0, 0, 0), person(1, 0, 0, 0)])
    first = client.get_page("job-1", None)
    assert first.provenance == client.get_page("job-1", first.next_token).provenance == made


@pytest.mark.parametrize("headers", [{}, {HEADER_NAME: "{"}, {HEADER_NAME: '{"version": 7}'}])
def test_what_the_service_does_not_say_in_earnest_is_unknown(headers: dict[str, str]) -> None:
    service = FakePersonTracking(headers=headers)
    client = _client_with_job(service)
    service.succeed("job-1")
    assert client.get_page("job-1", None).provenance == Provenance()


def test_the_page_of_a_failed_job_contains_the_reason() -> None:
    service = FakePersonTracking()
    client = _client_with_job(service)
    service.fail("job-1", "no video")
    page = client.get_page("job-1", None)
    assert (page.status, page.status_message, page.observations) == ("FAILED", "no video", ())


@pytest.mark.parametrize(
    ("job_id", "next_token", "code"),
    [("no-such-job", None, JOB_NOT_FOUND_CODE), ("job-1", "made-up", INVALID_PAGINATION_CODE)],
)
def test_a_page_that_does_not_exist_is_a_client_error(job_id: str, next_token: str | None, code: str) -> None:
    client = _client_with_job(FakePersonTracking())
    with pytest.raises(ClientError) as caught:
        client.get_page(job_id, next_token)
    assert caught.value.response["Error"]["Code"] == code
