from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from people_pathing.pipeline.composition import compose
from people_pathing.pipeline.tracking_client import (
    Failed,
    NoRoom,
    Refused,
    Started,
    StartOutcome,
    TrackingClient,
)
from people_pathing.pipeline.video import Video
from tests.fakes.person_tracking import FakePersonTracking, ServiceError, session
from tests.fakes.pipeline import ROLE, TOPIC
from tests.unit.pipeline.test_settings import COMPLETE

VIDEO = Video("videos", "a.mp4", "v1", "v1")


def _start(service: FakePersonTracking, video: Video = VIDEO) -> StartOutcome:
    return TrackingClient(service.client(), TOPIC, ROLE).start(video)


def _answering(code: str, status: int = 400) -> FakePersonTracking:
    def answer(_operation: str) -> None:
        raise ServiceError(code, "its words", status)

    return FakePersonTracking(before=answer)


def test_a_video_without_version_is_asked_for_without_version() -> None:
    service = FakePersonTracking()
    assert _start(service, Video.without_version("videos", "a.mp4", "etag", "01")) == Started("job-1")
    assert service.jobs["job-1"].request["Video"]["S3Object"] == {"Bucket": "videos", "Name": "a.mp4"}


def test_the_same_video_is_the_same_job() -> None:
    service = FakePersonTracking()
    assert _start(service) == _start(service) == Started("job-1")


def test_a_full_service_costs_one_call() -> None:
    service = _answering("LimitExceededException")
    assert _start(service) == NoRoom("LimitExceededException: its words", limit_reached=True)
    assert service.calls["StartPersonTracking"] == 1


def test_what_nobody_has_foreseen_may_pass() -> None:
    assert _start(_answering("TeapotException", 418)) == Failed("TeapotException: its words")


def test_a_permanent_error_is_the_end() -> None:
    assert _start(_answering("VideoTooLargeException")) == Refused("VideoTooLargeException: its words")


def test_a_service_that_cannot_be_reached_may_be_reached_later() -> None:
    service = FakePersonTracking()
    client = service.client()
    events: Any = client.meta.events
    events.register_first("before-send.rekognition", _unreachable)
    assert isinstance(TrackingClient(client, TOPIC, ROLE).start(VIDEO), Failed)


def _unreachable(**_: object) -> None:
    raise EndpointConnectionError(endpoint_url="https://nowhere")


@pytest.mark.parametrize("signing_name", ["lambda", "rekognition"])
def test_requests_are_signed_for_the_service_that_checks_them(signing_name: str) -> None:
    app = compose({**COMPLETE, "SIGNING_NAME": signing_name}, session().client)
    signed: list[str] = []
    FakePersonTracking().attach(app.rekognition)

    def note(request: Any, **_: object) -> None:
        signed.append(request.headers["Authorization"].decode())

    events: Any = app.rekognition.meta.events
    events.register_first("before-send.rekognition", note)
    assert TrackingClient(app.rekognition, TOPIC, ROLE).start(VIDEO) == Started("job-1")
    assert f"/eu-central-1/{signing_name}/aws4_request" in signed[0]
