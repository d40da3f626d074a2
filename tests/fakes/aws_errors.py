"""Errors as boto3 raises them."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError


def client_error(
    code: str, operation: str, status: int = 400, message: str = "", **members: str
) -> ClientError:
    """Returns the exception that boto3 raises if AWS answers with an error.

    Args:
        code: The error's code.
        operation: The operation that was called.
        status: The HTTP status of the reply.
        message: The error's message. The code if there is none.
        members: What else the reply says about the error.
    """
    response: Any = {
        "Error": {"Code": code, "Message": message or code, **members},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, operation)
