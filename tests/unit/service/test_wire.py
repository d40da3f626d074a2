"""Requests are read and checked, and replies are written, as AWS clients expect."""

from __future__ import annotations

import json
from typing import Any

import pytest

from people_pathing.service.protocol import errors
from people_pathing.service.protocol.errors import (
    AccessDeniedException,
    InvalidParameterException,
    InvalidS3ObjectException,
    SerializationException,
    ServiceError,
    UnknownOperationException,
)
from people_pathing.service.protocol.wire import (
    MAX_BODY_BYTES,
    Output,
    Request,
    error_reply,
    model,
    operation_name,
    read_request,
    reply,
)
from tests.unit.service.world import ACCOUNT, VIDEO, url_event


def start(**parameters: Any) -> Request:
    return read_request(
        "StartPersonTracking", url_event("StartPersonTracking", json.dumps({"Video": VIDEO} | parameters))
    )


def get(**parameters: Any) -> Request:
    return read_request("GetPersonTracking", url_event("GetPersonTracking", json.dumps(parameters)))


def video(**changes: Any) -> dict[str, Any]:
    return {"S3Object": {"Bucket": "videos", "Name": "a.mp4"} | changes}


def test_a_request_has_its_parameters_account_and_invocation_id() -> None:
    event = url_event("GetPersonTracking", '{"JobId": "j"}', amz_sdk_invocation_id="uuid")

    assert read_request("GetPersonTracking", event) == Request(
        "GetPersonTracking", {"JobId": "j"}, ACCOUNT, "uuid"
    )


def test_null_and_unknown_members_are_dropped_at_every_depth() -> None:
    request = start(
        JobTag=None,
        Colour="red",
        Video={"S3Object": {"Bucket": "videos", "Name": "n", "Version": None, "Size": 1}},
    )

    assert request.parameters == {"Video": {"S3Object": {"Bucket": "videos", "Name": "n"}}}


def test_a_base64_body_is_decoded() -> None:
    event = url_event("GetPersonTracking", b'{"JobId": "j"}')

    assert read_request("GetPersonTracking", event).parameters == {"JobId": "j"}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"Video": None}, "'video' failed to satisfy constraint: Member must not be null"),
        ({"Video": []}, "'video' failed to satisfy constraint: Member must be of type structure"),
        ({"Video": video(Name="")}, "'video.s3Object.name' failed .* length greater than or equal to 1"),
        (
            {"Video": video(Name="n" * 1025)},
            "'video.s3Object.name' failed .* length less than or equal to 1024",
        ),
        ({"Video": video(Name="half \ud83d")}, "'video.s3Object.name' failed .* be Unicode text"),
        ({"Video": video(Bucket="ab")}, "'video.s3Object.bucket' failed .* greater than or equal to 3"),
        ({"Video": video(Bucket="b/c")}, r"'video.s3Object.bucket' failed .* regular expression pattern: \["),
        ({"Video": video(Bucket="b" * 256)}, "'video.s3Object.bucket' failed .* less than or equal to 255"),
        ({"Video": video(Version="")}, "'video.s3Object.version' failed .* greater than or equal to 1"),
        ({"ClientRequestToken": "a b"}, "'clientRequestToken' failed .* regular expression pattern"),
        ({"ClientRequestToken": "a\n"}, "'clientRequestToken' failed .* regular expression pattern"),
        ({"ClientRequestToken": "a" * 65}, "'clientRequestToken' failed .* less than or equal to 64"),
        ({"JobTag": "a b"}, "Value 'a b' at 'jobTag' failed .* regular expression pattern"),
        ({"JobTag": "ünder"}, "'jobTag' failed .* regular expression pattern"),
        ({"JobTag": 7}, "'jobTag' failed to satisfy constraint: Member must be of type string"),
        (
            {"NotificationChannel": {}},
            "^2 validation errors detected: .*sNSTopicArn' .*; .*roleArn' .* not be null",
        ),
        (
            {"NotificationChannel": {"SNSTopicArn": "topic", "RoleArn": "role"}},
            "^2 validation errors detected: Value 'topic' at .*; Value 'role' at ",
        ),
    ],
)
def test_a_start_that_breaks_the_model_is_rejected_with_the_broken_rules(
    parameters: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidParameterException, match=message):
        start(**parameters)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "'jobId' failed to satisfy constraint: Member must not be null"),
        ({"JobId": "j" * 65}, "'jobId' failed .* less than or equal to 64"),
        ({"JobId": "../tokens"}, "'jobId' failed .* regular expression pattern"),
        (
            {"JobId": "j", "MaxResults": 0},
            "Value '0' at 'maxResults' failed .* value greater than or equal to 1",
        ),
        ({"JobId": "j", "MaxResults": 1.5}, "'maxResults' failed .* type integer"),
        ({"JobId": "j", "MaxResults": True}, "'maxResults' failed .* type integer"),
        ({"JobId": "j", "NextToken": "t" * 256}, "'nextToken' failed .* less than or equal to 255"),
        ({"JobId": "j", "SortBy": "NAME"}, r"'sortBy' failed .* enum value set: \[INDEX, TIMESTAMP\]"),
    ],
)
def test_a_get_that_breaks_the_model_is_rejected_with_the_broken_rules(
    parameters: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidParameterException, match=message):
        get(**parameters)


def test_long_values_are_not_repeated_in_full() -> None:
    with pytest.raises(InvalidParameterException) as raised:
        start(JobTag="!" * 5000)

    assert len(str(raised.value)) < 500


@pytest.mark.parametrize(
    "body", ["", "{", "null", "[]", '"text"', "12", b"\xff\xfe", "[" * 50_000, "9" * 5000]
)
def test_a_body_that_is_not_a_json_object_is_a_serialization_error(body: str | bytes) -> None:
    with pytest.raises(SerializationException):
        read_request("GetPersonTracking", url_event("GetPersonTracking", body))


def test_invalid_base64_is_a_serialization_error() -> None:
    event = url_event("GetPersonTracking", b"") | {"body": "%%%"}

    with pytest.raises(SerializationException):
        read_request("GetPersonTracking", event)


def test_an_oversized_body_is_rejected_before_it_is_parsed() -> None:
    with pytest.raises(InvalidParameterException, match=f"larger than {MAX_BODY_BYTES} bytes"):
        read_request("GetPersonTracking", url_event("GetPersonTracking", "[" * (MAX_BODY_BYTES + 1)))


def test_the_longest_request_that_the_model_allows_is_not_too_large() -> None:
    start(
        Video=video(Bucket="b" * 255, Name="\U0001f6b6" * 1024, Version="\x01" * 1024),
        ClientRequestToken="t" * 64,
        JobTag="/" * 1024,
    )


@pytest.mark.parametrize(
    "event",
    [
        url_event("DetectLabels", "{}"),
        url_event("GetPersonTracking", "{}", method="GET"),
        url_event("", "{}"),
        url_event("GetPersonTracking", "{}", x_amz_target="GetPersonTracking"),
        url_event("GetPersonTracking", "{}", x_amz_target="OtherService.GetPersonTracking"),
    ],
)
def test_an_unknown_target_is_an_unknown_operation(event: dict[str, Any]) -> None:
    with pytest.raises(UnknownOperationException, match=r"RekognitionService\.StartPersonTracking or"):
        operation_name(event)


def test_header_names_are_case_insensitive() -> None:
    event = url_event("GetPersonTracking", "{}")
    event["headers"] = {name.upper(): value for name, value in event["headers"].items()}

    assert operation_name(event) == "GetPersonTracking"


def test_an_unsigned_request_is_rejected_before_its_body_is_parsed() -> None:
    with pytest.raises(AccessDeniedException):
        read_request("GetPersonTracking", url_event("GetPersonTracking", "{", account=None))


def test_a_reply_omits_members_that_are_none_or_unknown_to_the_model() -> None:
    answer = reply(
        "GetPersonTracking", Output({"JobStatus": "FAILED", "NextToken": None, "Secret": "x"}), "id"
    )

    assert answer["statusCode"] == 200
    assert json.loads(answer["body"]) == {"JobStatus": "FAILED"}
    assert answer["headers"]["x-amzn-requestid"] == "id"


def test_a_reply_has_the_headers_of_its_output() -> None:
    answer = reply("GetPersonTracking", Output({}, {"x-more": "1"}), "id")

    assert answer["headers"] == {
        "content-type": "application/x-amz-json-1.1",
        "x-amzn-requestid": "id",
        "x-more": "1",
    }


def test_a_reply_omits_such_members_inside_lists_too() -> None:
    person = {"Timestamp": 0, "Score": 1, "Person": {"Index": 0, "Face": None, "Name": "x"}}

    answer = reply("GetPersonTracking", Output({"Persons": [person, person]}), "id")

    assert json.loads(answer["body"]) == {"Persons": [{"Timestamp": 0, "Person": {"Index": 0}}] * 2}


@pytest.mark.parametrize("operation", ["StartPersonTracking", "GetPersonTracking"])
def test_every_modelled_error_is_in_the_body_and_the_header_of_its_reply(operation: str) -> None:
    for code in model()["operations"][operation]["errors"]:
        kind = getattr(errors, code, None)
        if kind is None:  # only AWS itself raised this one
            assert code == "ProvisionedThroughputExceededException"
            continue
        answer = error_reply(operation, kind("why"), "id")
        assert answer["statusCode"] == (500 if code == "InternalServerError" else 400)
        assert answer["headers"]["x-amzn-errortype"] == code
        assert json.loads(answer["body"]) == {"__type": code, "Message": "why"}


def test_an_error_that_an_operation_does_not_list_is_an_internal_error() -> None:
    answer = error_reply("GetPersonTracking", InvalidS3ObjectException("why"), "id")

    assert answer["statusCode"] == 500
    assert json.loads(answer["body"])["__type"] == "InternalServerError"


def test_errors_of_the_protocol_keep_their_names() -> None:
    protocol: list[tuple[str | None, ServiceError, int]] = [
        ("GetPersonTracking", SerializationException("why"), 400),
        (None, UnknownOperationException("why"), 404),
    ]
    for operation, error, status in protocol:
        answer = error_reply(operation, error, "id")
        assert (answer["statusCode"], json.loads(answer["body"])["__type"]) == (status, type(error).__name__)
