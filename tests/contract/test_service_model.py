"""Checks the service's wire protocol against botocore's own model and client."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import botocore.session
import pytest
from botocore.exceptions import ClientError, ParamValidationError
from botocore.model import ListShape, ServiceModel, Shape, StringShape, StructureShape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from people_pathing.service.handlers import api
from people_pathing.service.protocol.api_model import model
from tests.contract.in_process_api import InProcessApi
from tests.unit.service.in_memory_service import CHANNEL, Service
from tests.unit.service.world import (
    METADATA,
    VIDEO,
    VIDEO_BUCKET,
    VIDEO_NAME,
    a_face,
    header_of,
    observations_of,
    store_results,
    walking_people,
)

if TYPE_CHECKING:
    from types_boto3_rekognition.client import RekognitionClient

OPERATIONS = {"StartPersonTracking": "start_person_tracking", "GetPersonTracking": "get_person_tracking"}


@pytest.fixture(scope="module")
def botocore_model() -> ServiceModel:
    return botocore.session.get_session().get_service_model("rekognition")


@pytest.fixture(scope="module")
def wire() -> InProcessApi:
    return InProcessApi()


@pytest.fixture(scope="module")
def client(wire: InProcessApi) -> RekognitionClient:
    return wire.client()


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with mock_aws():
        made = Service(limit=3)
        made.clock.now_s = time.time()
        monkeypatch.setattr(api, "compose_operations", made.operations)
        yield made


def finished_job(service: Service, job_tag: str | None = None) -> str:
    job_id = service.start(**({} if job_tag is None else {"JobTag": job_tag}))
    job = service.job(job_id)
    found = observations_of(walking_people(2, 3).persons.tolist(), {0: a_face(), 4: a_face()})
    store_results(service.store, header_of(job, 6, job.started_ms), found)
    service.end(job_id)
    return job_id


def assert_modelled(shape: Shape, value: Any) -> None:
    """Asserts that the model knows each member, and that each has the model's type and obeys its limits."""
    if isinstance(shape, StructureShape):
        assert set(value) <= set(shape.members)
        for name, member in value.items():
            assert_modelled(shape.members[name], member)
    elif isinstance(shape, ListShape):
        for item in value:
            assert_modelled(shape.member, item)
    else:
        types: dict[str, type | tuple[type, ...]] = {
            "string": str,
            "long": int,
            "integer": int,
            "float": (int, float),
        }
        assert isinstance(value, types[shape.type_name])
        size = len(value) if isinstance(value, str) else value
        assert shape.metadata.get("min", size) <= size <= shape.metadata.get("max", size)
        if isinstance(shape, StringShape) and shape.enum:
            assert value in shape.enum


def test_the_copied_model_equals_botocores_model(botocore_model: ServiceModel) -> None:
    ours = model()
    assert ours["targetPrefix"] == botocore_model.metadata["targetPrefix"]
    assert set(ours["operations"]) == set(OPERATIONS)
    detection: set[str] = set()

    def compare(shape: Shape) -> None:
        if shape.name in detection:
            return
        detection.add(shape.name)
        copy = ours["shapes"][shape.name]
        assert copy["type"] == shape.type_name
        for rule in ("min", "max", "pattern"):
            assert copy.get(rule) == shape.metadata.get(rule), shape.name
        if isinstance(shape, StructureShape):
            assert copy["members"] == {name: member.name for name, member in shape.members.items()}
            assert copy.get("required", []) == list(shape.required_members)
            for member in shape.members.values():
                compare(member)
        elif isinstance(shape, ListShape):
            assert copy["member"] == shape.member.name
            compare(shape.member)
        elif isinstance(shape, StringShape):
            assert copy.get("enum", []) == list(shape.enum)

    for name in OPERATIONS:
        operation = botocore_model.operation_model(name)
        assert operation.input_shape is not None
        assert operation.output_shape is not None
        compare(operation.input_shape)
        compare(operation.output_shape)
        assert ours["operations"][name] == {
            "input": operation.input_shape.name,
            "output": operation.output_shape.name,
            "errors": [shape.name for shape in operation.error_shapes],
        }
    assert set(ours["shapes"]) == detection


def test_boto3_starts_a_job_and_reads_it_to_its_last_page(
    service: Service, client: RekognitionClient, wire: InProcessApi, botocore_model: ServiceModel
) -> None:
    started = client.start_person_tracking(
        Video=cast(Any, VIDEO), ClientRequestToken="t", NotificationChannel=cast(Any, CHANNEL), JobTag="ramp"
    )
    job_id = started["JobId"]
    assert client.get_person_tracking(JobId=job_id)["JobStatus"] == "IN_PROGRESS"
    job = service.job(job_id)
    store_results(service.store, header_of(job, 6, job.started_ms), walking_people(2, 3))
    service.end(job_id)

    first = client.get_person_tracking(JobId=job_id, MaxResults=4, SortBy="INDEX")
    last = client.get_person_tracking(
        JobId=job_id, MaxResults=4, SortBy="INDEX", NextToken=first["NextToken"]
    )

    assert [detection["Person"]["Index"] for detection in first["Persons"] + last["Persons"]] == [
        0,
        0,
        0,
        1,
        1,
        1,
    ]
    assert "NextToken" not in last
    assert last["VideoMetadata"] == METADATA
    assert (last["JobId"], last["Video"], last["JobTag"]) == (job_id, VIDEO, "ramp")
    output = botocore_model.operation_model("GetPersonTracking").output_shape
    assert output is not None
    assert_modelled(output, wire.body)


def test_every_reply_has_the_members_of_the_retired_service(
    service: Service, client: RekognitionClient, wire: InProcessApi
) -> None:
    client.get_person_tracking(JobId=finished_job(service), MaxResults=6)
    assert set(wire.body) == {"JobStatus", "VideoMetadata", "Persons", "JobId", "Video"}
    client.get_person_tracking(JobId=finished_job(service, "tag"), MaxResults=5)
    assert set(wire.body) == {
        "JobStatus",
        "VideoMetadata",
        "Persons",
        "JobId",
        "Video",
        "JobTag",
        "NextToken",
    }
    running = service.start()
    client.get_person_tracking(JobId=running)
    assert set(wire.body) == {"JobStatus", "Persons", "JobId", "Video"}
    service.end(running, "ERROR", "why")
    client.get_person_tracking(JobId=running)
    assert set(wire.body) == {"JobStatus", "StatusMessage", "Persons", "JobId", "Video"}


def _calls_that_fail(service: Service) -> dict[str, tuple[str, dict[str, Any]]]:
    """Returns, for each error that a caller can cause, a call that causes it."""
    token = service.get(finished_job(service), MaxResults=1)["NextToken"]
    service.start("used", JobTag="a")
    other_role = CHANNEL | {"RoleArn": "arn:aws:iam::123456789012:role/Other"}
    no_video = {"S3Object": {"Bucket": VIDEO_BUCKET, "Name": "none.mp4"}}
    start, get = OPERATIONS.values()
    return {
        "AccessDeniedException": (start, {"Video": VIDEO, "NotificationChannel": other_role}),
        "IdempotentParameterMismatchException": (start, {"Video": VIDEO, "ClientRequestToken": "used"}),
        "InvalidParameterException": (start, {"Video": {}}),
        "InvalidS3ObjectException": (start, {"Video": no_video}),
        "InvalidPaginationTokenException": (
            get,
            {"JobId": finished_job(service), "NextToken": token, "SortBy": "INDEX"},
        ),
        "ResourceNotFoundException": (get, {"JobId": "none"}),
    }


def test_every_error_arrives_as_boto3s_own_exception_class(
    service: Service, client: RekognitionClient
) -> None:
    for code, (method, parameters) in _calls_that_fail(service).items():
        with pytest.raises(getattr(client.exceptions, code)):
            getattr(client, method)(**parameters)
    service.limit = 0
    with pytest.raises(client.exceptions.LimitExceededException):
        client.start_person_tracking(Video=cast(Any, VIDEO))


def _running(service: Service) -> list[str]:
    return [name for name, status in service.states.statuses.items() if status == "RUNNING"]


def test_retries_by_boto3_of_one_call_are_one_job(service: Service, wire: InProcessApi) -> None:
    client = wire.client(attempts=3)
    wire.replies_to_lose = 2

    job_id = client.start_person_tracking(Video=cast(Any, VIDEO))["JobId"]

    assert wire.replies_to_lose == 0
    assert list(service.states.statuses) == [job_id]


# Any request that botocore sends. It checks types, required and unknown members, and minimum lengths only.
_texts = st.text(min_size=1, max_size=300) | st.sampled_from(
    [
        "a.mp4",
        "t",
        "arn:aws:sns:us-east-1:123456789012:t",
        "arn:aws:iam::123456789012:role/r",
        "\ud800",
        "a" * 1025,
    ]
)
_buckets = st.just(VIDEO_BUCKET) | st.text(min_size=3, max_size=300)
_objects = st.fixed_dictionaries(
    {}, optional={"Bucket": _buckets, "Name": st.just(VIDEO_NAME) | _texts, "Version": _texts}
)
_videos = st.just(VIDEO) | st.fixed_dictionaries({}, optional={"S3Object": _objects})
_topics = _texts | _texts.map(lambda name: f"{CHANNEL['SNSTopicArn']}{name}")
_channels = st.just(CHANNEL) | st.fixed_dictionaries(
    {"SNSTopicArn": _topics, "RoleArn": st.just(CHANNEL["RoleArn"]) | _texts}
)
_start_requests = st.fixed_dictionaries(
    {"Video": _videos},
    optional={
        "ClientRequestToken": st.sampled_from(["one", "two"]) | _texts,
        "NotificationChannel": _channels,
        "JobTag": st.sampled_from(["tag", "full"]) | _texts,
    },
)
_get_requests = st.fixed_dictionaries(
    {"JobId": st.sampled_from(["RUNNING", "FINISHED"]) | _texts},
    optional={
        "MaxResults": st.integers(min_value=1, max_value=10**40) | st.integers(1, 3),
        "NextToken": st.just("TOKEN") | st.text(max_size=300),
        "SortBy": st.sampled_from(["INDEX", "TIMESTAMP"]) | _texts,
    },
)
_requests = st.tuples(st.just("StartPersonTracking"), _start_requests) | st.tuples(
    st.just("GetPersonTracking"), _get_requests
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(request=_requests)
def test_every_request_that_botocore_accepts_receives_a_valid_reply_or_a_modelled_error(
    request: tuple[str, dict[str, Any]],
    service: Service,
    client: RekognitionClient,
    wire: InProcessApi,
    botocore_model: ServiceModel,
) -> None:
    operation, parameters = request
    service.limit = 10**6
    _fill_in_known_jobs(service, parameters)
    operation_model = botocore_model.operation_model(operation)
    service.limit = 0 if parameters.get("JobTag") == "full" else service.limit
    try:
        parsed = getattr(client, OPERATIONS[operation])(**parameters)
    except ParamValidationError:
        return  # botocore rejected the request, so it was never sent
    except ClientError as raised:
        error = raised
    else:
        del parsed["ResponseMetadata"]
        assert parsed == wire.body, "botocore drops members that it does not know"
        assert operation_model.output_shape is not None
        assert_modelled(operation_model.output_shape, wire.body)
        assert set(wire.body) >= {"JobId"}
        return
    code = error.response["Error"]["Code"]
    assert code in [shape.name for shape in operation_model.error_shapes]
    assert code != "InternalServerError"
    assert isinstance(error, getattr(client.exceptions, code))
    assert error.response["Error"]["Message"]
    assert wire.status_code == 400
    assert set(wire.body) == {"__type", "Code", "Logref", "Message"}


def _fill_in_known_jobs(service: Service, parameters: dict[str, Any]) -> None:
    if parameters.get("JobId") == "RUNNING":
        parameters["JobId"] = service.start("running") if not _running(service) else _running(service)[0]
    if parameters.get("JobId") == "FINISHED":
        parameters["JobId"] = _finished(service)
        if parameters.get("NextToken") == "TOKEN":
            order = {"SortBy": parameters["SortBy"]} if parameters.get("SortBy") == "INDEX" else {}
            parameters["NextToken"] = service.get(parameters["JobId"], MaxResults=1, **order)["NextToken"]


def _finished(service: Service) -> str:
    for name, status in service.states.statuses.items():
        if status == "SUCCEEDED":
            return name
    return finished_job(service)
