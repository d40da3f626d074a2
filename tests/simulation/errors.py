"""Errors as botocore raises them: the code, the status and the class that each AWS service uses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError


@dataclass(frozen=True, slots=True)
class ServiceErrors:
    """What one service answers when a call fails for a reason of its own: (code, HTTP status)."""

    failed: tuple[str, int]
    throttled: tuple[str, int]
    denied: tuple[str, int]


ERRORS = {
    "dynamodb": ServiceErrors(
        ("InternalServerError", 500), ("ThrottlingException", 400), ("AccessDeniedException", 400)
    ),
    "s3": ServiceErrors(("InternalError", 500), ("SlowDown", 503), ("AccessDenied", 403)),
    "stepfunctions": ServiceErrors(
        ("InternalFailure", 500), ("ThrottlingException", 400), ("AccessDeniedException", 400)
    ),
    "sts": ServiceErrors(("InternalFailure", 500), ("Throttling", 400), ("AccessDenied", 403)),
    "sns": ServiceErrors(("InternalError", 500), ("Throttling", 400), ("AuthorizationError", 403)),
    # The Function URL answers for the function.
    "rekognition": ServiceErrors(
        ("InternalServerError", 500), ("TooManyRequestsException", 429), ("AccessDeniedException", 403)
    ),
    # A task of the state machine receives these as error names.
    "lambda": ServiceErrors(
        ("Lambda.ServiceException", 500),
        ("Lambda.TooManyRequestsException", 429),
        ("Lambda.AWSLambdaException", 403),
    ),
}


@cache
def error_class(code: str) -> type[ClientError]:
    """The class that `client.exceptions` has for a code."""
    return type(code, (ClientError,), {})


class Exceptions:
    """The attribute `exceptions` of a client."""

    def __getattr__(self, code: str) -> type[ClientError]:
        return error_class(code)


def client_error(code: str, status: int, message: str = "", operation: str = "", **more: Any) -> ClientError:
    """An error that an AWS service answers with."""
    response: Any = {
        "Error": {"Code": code, "Message": message or code},
        "ResponseMetadata": {"HTTPStatusCode": status},
        **more,
    }
    return error_class(code)(response, operation)


def no_reply(service: str) -> ReadTimeoutError:
    """The error after the last attempt of an SDK that received no reply."""
    return ReadTimeoutError(endpoint_url=f"https://{service}.us-east-1.amazonaws.com")
