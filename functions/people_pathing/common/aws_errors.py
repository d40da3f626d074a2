"""What botocore's errors say: the code, the HTTP status and one line for logs and records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError

NOT_FOUND_CODES = frozenset({"NoSuchKey", "404"})
"""S3 answers HeadObject without a body, so botocore has only the HTTP status to go by."""

PRECONDITION_CODES = frozenset({"PreconditionFailed", "412"})

THROTTLING_CODES = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ProvisionedThroughputExceededException",
        # A Function URL answers with these when Lambda has no free concurrency.
        "TooManyRequestsException",
        "429",
        "SlowDown",
    }
)
"""The service received too many calls. A server error such as ServiceUnavailable is not throttling."""


def error_code(error: ClientError) -> str:
    """Returns the code that an AWS service gave. If it gave none, botocore uses the HTTP status."""
    return str(error.response.get("Error", {}).get("Code", ""))


def http_status(error: ClientError) -> int:
    """Returns the HTTP status of the reply, or 0 if the reply had none."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def http_headers(error: ClientError) -> Mapping[str, str]:
    """Returns the headers of the reply. Their names are in lower case."""
    headers: Mapping[str, str] = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return headers


def describe(error: ClientError | BotoCoreError) -> str:
    """Returns one line: the service's code and message, or the SDK's error class and text."""
    response = getattr(error, "response", None)
    if response is None:
        return f"{type(error).__name__}: {error}"
    return f"{response['Error']['Code']}: {response['Error']['Message']}"


def is_throttling(description: str) -> bool:
    """Tells whether a line that `describe` returned is about throttling."""
    return description.partition(":")[0] in THROTTLING_CODES
