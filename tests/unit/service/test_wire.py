"""Requests are read and checked, and replies are written, as AWS clients expect."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from people_pathing.service.protocol import errors
from people_pathing.service.protocol.api_model import model
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
    JsonText,
    Output,
    Request,
    error_reply,
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
        ({"ClientRequestToken": ""}, "'clientRequestToken' failed .* greater than or equal to 1"),
        ({"JobTag": ""}, "'jobTag' failed .* greater than or equal to 1"),
        ({"NotificationChannel": {"SNSTopicArn": "", "RoleArn": ""}}, "^2 validation errors detected"),
        (
            {"NotificationChannel": {"SNSTopicArn": None, "RoleArn": None}},
            "^2 validation errors detected: Value null at 'notificationChannel.sNSTopicArn'",
        ),
        ({"ClientRequestToken": "a b"}, "'clientRequestToken' failed .* regular expression pattern"),
        ({"ClientRequestToken": "a\n"}, "'clientRequestToken' failed .* regular expression pattern"),
        ({"ClientRequestToken": "a" * 65}, "'clientRequestToken' failed .* less than or equal to 64"),
        ({"JobTag": "a b"}, "Value 'a b' at 'jobTag' failed .* regular expression pattern"),
        ({"JobTag": "ünder"}, "'jobTag' failed .* regular expression pattern"),
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
        ({"JobId": "j", "MaxResults": 0.5}, "Value '0' at 'maxResults' failed .* greater than or equal to 1"),
        ({"JobId": "j", "SortBy": ""}, "Value '' at 'sortBy' failed .* enum value set"),
        ({"JobId": " j "}, "Value ' j ' at 'jobId' failed .* regular expression pattern"),
        ({"JobId": ""}, "Value '' at 'jobId' failed .* greater than or equal to 1"),
        ({"JobId": "j", "NextToken": "t" * 256}, "'nextToken' failed .* less than or equal to 255"),
        ({"JobId": "j", "SortBy": "NAME"}, r"'sortBy' failed .* enum value set: \[INDEX, TIMESTAMP\]"),
    ],
)
def test_a_get_that_breaks_the_model_is_rejected_with_the_broken_rules(
    parameters: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidParameterException, match=message):
        get(**parameters)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        # Programs page from an empty token, as the Python samples in the Developer Guide do.
        ({"NextToken": ""}, {"NextToken": ""}),
        ({"NextToken": None, "MaxResults": None, "SortBy": None}, {}),
        # Languages that have one type of number write whole numbers like this.
        ({"MaxResults": 7.0}, {"MaxResults": 7}),
        ({"MaxResults": 7.9}, {"MaxResults": 7}),
        ({"MaxResults": 10**40}, {"MaxResults": 10**40}),
        # Larger than any floating-point number.
        ({"MaxResults": 10**400}, {"MaxResults": 10**400}),
    ],
)
def test_optional_members_may_be_empty_or_null_as_far_as_the_model_allows(
    sent: dict[str, Any], read: dict[str, Any]
) -> None:
    assert get(JobId="j", **sent).parameters == {"JobId": "j", **read}


def test_a_start_without_its_optional_members_may_have_them_as_null() -> None:
    s3_object = {"Bucket": "videos", "Name": "a.mp4", "Version": None}
    request = start(
        Video={"S3Object": s3_object}, ClientRequestToken=None, NotificationChannel=None, JobTag=None
    )

    assert request.parameters == {"Video": {"S3Object": {"Bucket": "videos", "Name": "a.mp4"}}}


# Replies of AWS's JSON services, which public tests record.
@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"JobId": 1}, "NUMBER_VALUE can not be converted to a String (at 'jobId')"),
        ({"JobId": 1.5}, "NUMBER_VALUE can not be converted to a String (at 'jobId')"),
        ({"JobId": True}, "TRUE_VALUE can not be converted to a String (at 'jobId')"),
        ({"JobId": False}, "FALSE_VALUE can not be converted to a String (at 'jobId')"),
        ({"JobId": ["j"]}, "Start of list found where not expected (at 'jobId')"),
        ({"JobId": {"a": 1}}, "Start of structure or map found where not expected. (at 'jobId')"),
        ({"MaxResults": "1"}, "STRING_VALUE can not be converted to an Integer (at 'maxResults')"),
        ({"MaxResults": ""}, "STRING_VALUE can not be converted to an Integer (at 'maxResults')"),
        ({"MaxResults": True}, "TRUE_VALUE can not be converted to an Integer (at 'maxResults')"),
        ({"MaxResults": []}, "Start of list found where not expected (at 'maxResults')"),
        ({"MaxResults": {}}, "Start of structure or map found where not expected. (at 'maxResults')"),
    ],
)
def test_a_member_of_a_wrong_type_is_a_serialization_error_in_the_words_of_aws(
    parameters: dict[str, Any], message: str
) -> None:
    with pytest.raises(SerializationException) as raised:
        # The type of a member matters before any rule, even if a required member is missing.
        get(**parameters)

    assert str(raised.value) == message


@pytest.mark.parametrize("wrong", ["text", 1, 1.5, True])
def test_a_value_in_the_place_of_a_structure_is_a_serialization_error(wrong: Any) -> None:
    with pytest.raises(
        SerializationException, match=r"^Expected null \(at 'video\.s3Object', which is a str"
    ):
        start(Video={"S3Object": wrong})
    with pytest.raises(SerializationException, match=r"^Start of list found .* \(at 'video'"):
        start(Video=[wrong])


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400"])
def test_numbers_that_json_or_an_integer_cannot_have_are_serialization_errors(number: str) -> None:
    body = f'{{"JobId": "j", "MaxResults": {number}}}'

    with pytest.raises(SerializationException):
        read_request("GetPersonTracking", url_event("GetPersonTracking", body))


def test_nan_is_not_json_even_in_a_member_that_the_model_does_not_know() -> None:
    with pytest.raises(SerializationException, match="The body is not JSON"):
        read_request("GetPersonTracking", url_event("GetPersonTracking", '{"JobId": "j", "More": [NaN]}'))


def test_the_last_of_several_members_with_one_name_counts() -> None:
    event = url_event("GetPersonTracking", '{"JobId": 1, "JobId": "j"}')

    assert read_request("GetPersonTracking", event).parameters == {"JobId": "j"}


def test_long_values_are_not_repeated_in_full() -> None:
    with pytest.raises(InvalidParameterException) as raised:
        start(JobTag="!" * 5000)

    assert len(str(raised.value)) < 500


@pytest.mark.parametrize(
    "body",
    ["", "{", "null", "[]", '"text"', "12", b"\xff\xfe", "[" * 50_000, "9" * 5000, '{"JobId": "j"} {}'],
)
def test_a_body_that_is_not_a_json_object_is_a_serialization_error(body: str | bytes) -> None:
    with pytest.raises(SerializationException):
        read_request("GetPersonTracking", url_event("GetPersonTracking", body))


def test_invalid_base64_is_a_serialization_error() -> None:
    event = url_event("GetPersonTracking", b"") | {"body": "%%%"}

    with pytest.raises(SerializationException):
        read_request("GetPersonTracking", event)


@pytest.mark.parametrize(
    "body",
    ["[" * (MAX_BODY_BYTES + 1), b"[" * (MAX_BODY_BYTES + 1), "é" * (MAX_BODY_BYTES // 2 + 1)],
    ids=["text", "base64", "characters of two bytes"],
)
def test_an_oversized_body_is_rejected_before_it_is_parsed(body: str | bytes) -> None:
    with pytest.raises(InvalidParameterException, match=f"larger than {MAX_BODY_BYTES} bytes"):
        read_request("GetPersonTracking", url_event("GetPersonTracking", body))


@pytest.mark.parametrize("encoded", [str.encode, str], ids=["base64", "text"])
def test_a_body_of_the_largest_size_is_read(encoded: Callable[[str], str | bytes]) -> None:
    rest = '{"JobId":"j","Unknown":""}'
    body = rest[:-2] + "x" * (MAX_BODY_BYTES - len(rest)) + rest[-2:]

    request = read_request("GetPersonTracking", url_event("GetPersonTracking", encoded(body)))

    assert request.parameters == {"JobId": "j"}


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


def test_a_member_that_is_json_already_is_sent_as_it_is_in_its_place() -> None:
    output = Output(
        {"JobStatus": "SUCCEEDED", "Persons": JsonText("[{},{}]"), "Video": None, "NextToken": "t"}
    )

    body = reply("GetPersonTracking", output, "id")["body"]

    assert body == '{"JobStatus":"SUCCEEDED","Persons":[{},{}],"NextToken":"t"}'


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
        assert json.loads(answer["body"]) == {"__type": code, "Code": code, "Logref": "id", "Message": "why"}


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
        name = type(error).__name__
        assert answer["statusCode"] == status
        assert json.loads(answer["body"]) == {"__type": name, "Code": name, "Logref": "id", "Message": "why"}


def test_an_error_is_the_sample_reply_of_the_developer_guide_with_other_values() -> None:
    """The sample is in the section "Error handling". Its request id and its Logref differ."""
    sample = {
        "__type": "InvalidS3ObjectException",
        "Code": "InvalidS3ObjectException",
        "Logref": "5022229e-7e48-11e9-9ad1-854a4567eb71",
        "Message": "Unable to get object metadata from S3. "
        "Check object key, region and/or access permissions.",
    }

    answer = error_reply(
        "StartPersonTracking", InvalidS3ObjectException.unreadable("It does not exist"), sample["Logref"]
    )

    body = json.loads(answer["body"])
    assert list(body) == list(sample)
    assert body.pop("Message") == f"{sample.pop('Message')} It does not exist"
    assert body == sample


@pytest.mark.parametrize(
    ("error", "documented"),
    [
        (
            errors.IdempotentParameterMismatchException.of("t"),
            "The ClientRequestToken: t you have supplied is",
        ),
        (errors.InternalServerError.of("why"), "Internal server error"),
        (errors.InvalidPaginationTokenException.of("why"), "Invalid Pagination Token"),
        (errors.InvalidParameterException.of("why"), "Request has invalid parameters."),
        (errors.InvalidS3ObjectException.unusable("why"), "Request has invalid S3 object."),
        (errors.ThrottlingException.of("why"), "Slow down; sudden increase in rate of requests."),
        (
            errors.VideoTooLargeException.of(11, 10, "s3://b/n"),
            "Video size in bytes: 11 is more than the maximum limit of: 10 bytes.",
        ),
    ],
)
def test_a_message_begins_with_the_sentence_of_the_developer_guide(
    error: ServiceError, documented: str
) -> None:
    assert str(error).startswith(documented)
