"""What an error of botocore says, also if parts of the reply are missing."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from people_pathing.common.aws_errors import (
    THROTTLING_CODES,
    describe,
    error_code,
    http_status,
    is_throttling,
)


def _error(response: Any) -> ClientError:
    return ClientError(response, "GetObject")


def test_an_error_has_the_code_and_the_status_of_the_reply() -> None:
    error = _error({"Error": {"Code": "SlowDown"}, "ResponseMetadata": {"HTTPStatusCode": 503}})
    assert (error_code(error), http_status(error)) == ("SlowDown", 503)


def test_an_error_without_code_and_status_has_empty_ones() -> None:
    assert (error_code(_error({})), http_status(_error({}))) == ("", 0)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (_error({"Error": {"Code": "SlowDown", "Message": "its words"}}), "SlowDown: its words"),
        (
            EndpointConnectionError(endpoint_url="https://nowhere"),
            'EndpointConnectionError: Could not connect to the endpoint URL: "https://nowhere"',
        ),
    ],
)
def test_an_error_is_described_in_one_line(error: Any, line: str) -> None:
    assert describe(error) == line


@pytest.mark.parametrize("code", sorted(THROTTLING_CODES))
def test_a_line_about_throttling_is_known(code: str) -> None:
    assert is_throttling(describe(_error({"Error": {"Code": code, "Message": "a: b"}})))


def test_a_line_that_only_mentions_throttling_is_about_something_else() -> None:
    assert not is_throttling(describe(_error({"Error": {"Code": "500", "Message": "SlowDown: 1"}})))
    assert not is_throttling("")


@pytest.mark.parametrize(
    "code", ["ServiceUnavailable", "InternalServerError", "LimitExceededException", "503"]
)
def test_server_errors_and_the_job_limit_are_not_throttling(code: str) -> None:
    assert code not in THROTTLING_CODES
