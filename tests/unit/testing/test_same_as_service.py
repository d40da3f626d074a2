"""The testing helper and the service's own code answer the same calls in the same way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.service.in_memory_service import CHANNEL
from tests.unit.service.world import METADATA, VIDEO_BUCKET
from tests.unit.testing.targets import (
    BY_INDEX,
    BY_TIME,
    FAILING_VIDEO,
    FAILURE,
    LIMIT,
    Target,
    helper,
    real_service,
)

NAME = "lobby/ramp 1.mp4"


@pytest.fixture(params=[helper, real_service], ids=lambda make: make.__name__)
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    with request.param() as made:
        made.put_video(NAME)
        made.put_video(FAILING_VIDEO)
        yield made


def video(name: str = NAME, bucket: str = VIDEO_BUCKET) -> Any:
    return {"S3Object": {"Bucket": bucket, "Name": name}}


def start(target: Target, name: str = NAME, **parameters: Any) -> str:
    return target.client.start_person_tracking(Video=video(name), **parameters)["JobId"]


def get(target: Target, job_id: str, **parameters: Any) -> dict[str, Any]:
    """Returns a reply without what botocore adds."""
    reply: Any = target.client.get_person_tracking(JobId=job_id, **parameters)
    metadata = reply.pop("ResponseMetadata")
    assert metadata["HTTPHeaders"]["content-type"] == "application/x-amz-json-1.1"
    assert isinstance(reply, dict)
    return reply


def finished(target: Target, name: str = NAME, **parameters: Any) -> str:
    job_id = start(target, name, **parameters)
    target.finish(job_id, name)
    return job_id


def pages(target: Target, job_id: str, **parameters: Any) -> list[list[dict[str, Any]]]:
    found: list[list[dict[str, Any]]] = []
    token: dict[str, str] = {}
    while True:
        reply = get(target, job_id, **parameters, **token)
        found.append(reply["Persons"])
        if "NextToken" not in reply:
            return found
        token = {"NextToken": reply["NextToken"]}


def error_of(raised: pytest.ExceptionInfo[ClientError]) -> str:
    response = raised.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert response["Error"]["Message"]
    return response["Error"]["Code"]


def test_a_job_is_in_progress_until_it_ends(target: Target) -> None:
    job_id = start(target, JobTag="ramp")

    assert re.fullmatch(r"[0-9a-f]{64}", job_id)
    expected = {
        "JobStatus": "IN_PROGRESS",
        "Persons": [],
        "JobId": job_id,
        "Video": video(),
        "JobTag": "ramp",
    }
    assert get(target, job_id) == expected
    assert get(target, job_id, SortBy="INDEX") == expected


def test_a_job_that_succeeds_reports_its_persons(target: Target) -> None:
    job_id = finished(target, JobTag="ramp")

    assert get(target, job_id) == {
        "JobStatus": "SUCCEEDED",
        "VideoMetadata": METADATA,
        "Persons": BY_TIME,
        "JobId": job_id,
        "Video": video(),
        "JobTag": "ramp",
    }


def test_persons_are_sorted_by_time_or_by_index(target: Target) -> None:
    job_id = finished(target)

    assert get(target, job_id, SortBy="TIMESTAMP")["Persons"] == BY_TIME
    assert get(target, job_id, SortBy="INDEX")["Persons"] == BY_INDEX


@pytest.mark.parametrize(("order", "persons"), [("TIMESTAMP", BY_TIME), ("INDEX", BY_INDEX)])
def test_a_result_is_read_page_by_page(target: Target, order: str, persons: list[dict[str, Any]]) -> None:
    found = pages(target, finished(target), SortBy=order, MaxResults=2)

    assert [len(page) for page in found] == [2, 2, 1]
    assert [person for page in found for person in page] == persons


def test_a_job_that_fails_says_why(target: Target) -> None:
    job_id = finished(target, FAILING_VIDEO)

    assert get(target, job_id) == {
        "JobStatus": "FAILED",
        "StatusMessage": FAILURE,
        "Persons": [],
        "JobId": job_id,
        "Video": video(FAILING_VIDEO),
    }


def test_the_same_client_token_gives_the_same_job(target: Target) -> None:
    first = start(target, ClientRequestToken="ramp-1")

    assert start(target, ClientRequestToken="ramp-1") == first
    target.finish(first, NAME)
    assert start(target, ClientRequestToken="ramp-1") == first
    assert start(target, ClientRequestToken="ramp-2") != first
    assert start(target) != start(target)


def test_a_client_token_belongs_to_its_parameters(target: Target) -> None:
    start(target, ClientRequestToken="ramp-1")

    with pytest.raises(ClientError) as raised:
        start(target, ClientRequestToken="ramp-1", JobTag="another")
    assert error_of(raised) == "IdempotentParameterMismatchException"


@pytest.mark.parametrize(("bucket", "name"), [(VIDEO_BUCKET, "missing.mp4"), ("no-such-bucket", NAME)])
def test_a_video_that_does_not_exist_is_an_error(target: Target, bucket: str, name: str) -> None:
    with pytest.raises(ClientError) as raised:
        target.client.start_person_tracking(Video=video(name, bucket))
    assert error_of(raised) == "InvalidS3ObjectException"


def test_a_video_that_is_not_named_is_an_error(target: Target) -> None:
    with pytest.raises(ClientError) as raised:
        target.client.start_person_tracking(Video={})
    assert error_of(raised) == "InvalidParameterException"


@pytest.mark.parametrize("job_id", ["0" * 64, "another"])
def test_a_job_that_does_not_exist_is_an_error(target: Target, job_id: str) -> None:
    with pytest.raises(ClientError) as raised:
        get(target, job_id)
    assert error_of(raised) == "ResourceNotFoundException"


def test_half_of_a_job_id_is_not_enough(target: Target) -> None:
    with pytest.raises(ClientError) as raised:
        get(target, start(target)[:32] + "0" * 32)
    assert error_of(raised) == "ResourceNotFoundException"


def test_a_page_token_belongs_to_its_job_and_its_order(target: Target) -> None:
    job_id, other = finished(target), finished(target)
    token = get(target, job_id, MaxResults=1)["NextToken"]

    for wrong in (
        {"JobId": job_id, "NextToken": token, "SortBy": "INDEX"},
        {"JobId": other, "NextToken": token},
        {"JobId": job_id, "NextToken": "A" * 40},
    ):
        with pytest.raises(ClientError) as raised:
            target.client.get_person_tracking(**wrong)
        assert error_of(raised) == "InvalidPaginationTokenException"


def test_the_job_limit_counts_running_jobs(target: Target) -> None:
    job_ids = [start(target) for _ in range(LIMIT)]

    with pytest.raises(ClientError) as raised:
        start(target)
    assert error_of(raised) == "LimitExceededException"
    target.finish(job_ids[0], NAME)
    start(target)


@pytest.mark.parametrize(
    ("name", "end"),
    [(NAME, {"Status": "SUCCEEDED"}), (FAILING_VIDEO, {"Status": "FAILED", "Message": FAILURE})],
)
def test_the_end_of_a_job_is_published_once(target: Target, name: str, end: dict[str, str]) -> None:
    job_id = start(target, name, NotificationChannel=CHANNEL, JobTag="ramp")
    assert target.notices() == []

    target.finish(job_id, name)

    [notice] = target.notices()
    assert isinstance(notice.pop("Timestamp"), int)
    assert notice == {
        "JobId": job_id,
        "API": "StartPersonTracking",
        "JobTag": "ramp",
        "Video": {"S3ObjectName": name, "S3Bucket": VIDEO_BUCKET},
        **end,
    }
    get(target, job_id)
    assert target.notices() == []


def test_a_topic_in_another_region_is_an_error(target: Target) -> None:
    channel = {**CHANNEL, "SNSTopicArn": CHANNEL["SNSTopicArn"].replace("us-east-1", "eu-west-1")}
    with pytest.raises(ClientError) as raised:
        start(target, NotificationChannel=channel)
    assert error_of(raised) == "InvalidParameterException"
