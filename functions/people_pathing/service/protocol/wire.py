"""The AWS JSON 1.1 protocol of the two operations, checked against the API's own model.

`person_tracking.json` is the part of botocore's model `rekognition/2016-06-27` that the two operations use,
without its documentation.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from people_pathing.service.protocol.errors import (
    AccessDeniedException,
    InternalServerError,
    InvalidParameterException,
    SerializationException,
    ServiceError,
    UnknownOperationException,
)

CONTENT_TYPE = "application/x-amz-json-1.1"
MAX_BODY_BYTES = 64 * 1024
SHOWN_VALUE_LENGTH = 100

Structure = dict[str, Any]
"""A structure of the API's model: JSON with members named as the model names them."""

Reply = dict[str, Any]
"""The value that a Function URL turns into an HTTP reply: statusCode, headers, body."""


@dataclass(frozen=True, slots=True)
class Request:
    """A valid call of one operation.

    Attributes:
        operation: the operation's name.
        parameters: the request, without null members and without members that the model does not know.
        account: the AWS account of the caller, as the Function URL authenticated it.
        invocation_id: the same for every attempt that the caller's SDK makes of one call. None if the SDK
            sends none.
    """

    operation: str
    parameters: Mapping[str, Any]
    account: str
    invocation_id: str | None


@dataclass(frozen=True, slots=True)
class Output:
    """What an operation returns.

    Attributes:
        structure: the operation's output as the model describes it.
        headers: further headers of the reply.
    """

    structure: Structure
    headers: Mapping[str, str] = field(default_factory=dict)


@cache
def model() -> dict[str, Any]:
    """Returns the model: targetPrefix, operations, shapes."""
    loaded: dict[str, Any] = json.loads(Path(__file__).with_name("person_tracking.json").read_text("utf-8"))
    return loaded


def read_request(operation: str, event: Mapping[str, Any]) -> Request:
    """Reads a call of an operation.

    Args:
        operation: the operation's name.
        event: a Function URL's event (payload format 2.0).

    Raises:
        AccessDeniedException: no account has signed the request.
        SerializationException: the body is not a JSON object.
        InvalidParameterException: the request breaks the model's rules.
    """
    account = _caller_account(event)
    shape = model()["operations"][operation]["input"]
    body = _read_body(event)
    problems = list(_problems(shape, body, ""))
    if problems:
        noun = "error" if len(problems) == 1 else "errors"
        raise InvalidParameterException(f"{len(problems)} validation {noun} detected: {'; '.join(problems)}")
    return Request(
        operation, _known_members(shape, body), account, _headers(event).get("amz-sdk-invocation-id")
    )


def operation_name(event: Mapping[str, Any]) -> str:
    """Returns the operation that an event calls.

    Raises:
        UnknownOperationException: the service does not have the operation.
    """
    method = event["requestContext"]["http"]["method"]
    target = _headers(event).get("x-amz-target", "")
    prefix, _, operation = target.partition(".")
    if method != "POST" or prefix != model()["targetPrefix"] or operation not in model()["operations"]:
        known = " or ".join(f"{model()['targetPrefix']}.{name}" for name in model()["operations"])
        raise UnknownOperationException(f"{method} with X-Amz-Target {target!r} is unknown; POST {known}")
    return operation


def reply(operation: str, output: Output, request_id: str) -> Reply:
    """Returns the reply that carries an operation's output. Members that are None are left out."""
    shape = model()["operations"][operation]["output"]
    answer = _reply(200, _known_members(shape, output.structure), request_id)
    answer["headers"].update(output.headers)
    return answer


def error_reply(operation: str | None, error: ServiceError, request_id: str) -> Reply:
    """Returns the reply that carries an error.

    SDKs only know the errors that the model lists for an operation. Any other error becomes an
    InternalServerError, except those of the protocol itself.

    Args:
        operation: the operation that was called, or None if it is unknown.
        error: the error.
        request_id: the id under which the log describes the request.
    """
    code = type(error).__name__
    if operation is not None and code not in (
        *model()["operations"][operation]["errors"],
        SerializationException.__name__,
    ):
        error = InternalServerError(f"{operation} raised an error that its model does not list")
        code = InternalServerError.__name__
    answer = _reply(error.status_code, {"__type": code, "Message": str(error)}, request_id)
    # Some SDKs read the error's type from the body, others from this header.
    answer["headers"]["x-amzn-errortype"] = code
    return answer


def _reply(status_code: int, body: Mapping[str, Any], request_id: str) -> Reply:
    return {
        "statusCode": status_code,
        "headers": {"content-type": CONTENT_TYPE, "x-amzn-requestid": request_id},
        "body": json.dumps(body, separators=(",", ":")),
    }


def _headers(event: Mapping[str, Any]) -> dict[str, str]:
    return {name.lower(): value for name, value in event["headers"].items()}


def _caller_account(event: Mapping[str, Any]) -> str:
    # The Function URL authenticates callers. Without an account in its event, a request is rejected, so the
    # service stays closed even if the URL's AuthType is changed by mistake.
    account = event["requestContext"].get("authorizer", {}).get("iam", {}).get("accountId")
    if not account:
        raise AccessDeniedException("The request is not signed by an AWS account")
    return str(account)


def _read_body(event: Mapping[str, Any]) -> Structure:
    body = event.get("body") or ""
    if len(body) > MAX_BODY_BYTES:
        raise InvalidParameterException(f"The body is larger than {MAX_BODY_BYTES} bytes")
    try:
        text = base64.b64decode(body, validate=True).decode() if event.get("isBase64Encoded") else body
        value = json.loads(text)
    except (ValueError, binascii.Error, RecursionError) as error:
        raise SerializationException("The body is not JSON") from error
    if not isinstance(value, dict):
        raise SerializationException(f"The body is a JSON {_json_type(value)}; it must be an object")
    return value


def _known_members(shape_name: str, value: Any) -> Any:
    shape = model()["shapes"][shape_name]
    if shape["type"] == "structure":
        members = shape["members"]
        return {
            name: _known_members(members[name], member)
            for name, member in value.items()
            if name in members and member is not None
        }
    if shape["type"] == "list":
        return [_known_members(shape["member"], item) for item in value]
    return value


def _problems(shape_name: str, value: Any, path: str) -> Iterator[str]:
    """Yields the rules of the model that a value breaks, in the words that AWS services use."""
    shape = model()["shapes"][shape_name]
    wanted: Any = {"structure": dict, "string": str, "integer": int}[shape["type"]]
    if not isinstance(value, wanted) or isinstance(value, bool):
        yield f"Value at '{path}' failed to satisfy constraint: Member must be of type {shape['type']}"
    elif shape["type"] == "structure":
        for name, member_shape in shape["members"].items():
            member_path = f"{path}.{name[0].lower()}{name[1:]}".lstrip(".")
            if value.get(name) is not None:
                yield from _problems(member_shape, value[name], member_path)
            elif name in shape.get("required", ()):
                yield f"Value at '{member_path}' failed to satisfy constraint: Member must not be null"
    else:
        for rule in _broken_rules(shape, value):
            yield f"Value {_shown(value)} at '{path}' failed to satisfy constraint: Member must {rule}"


def _broken_rules(shape: Mapping[str, Any], value: Any) -> Iterator[str]:
    if shape["type"] == "integer":
        if value < shape["min"]:
            yield f"have value greater than or equal to {shape['min']}"
        return
    if not _is_text(value):
        yield "be Unicode text"
    if len(value) < shape.get("min", 0):
        yield f"have length greater than or equal to {shape['min']}"
    if len(value) > shape.get("max", len(value)):
        yield f"have length less than or equal to {shape['max']}"
    if "pattern" in shape and not re.fullmatch(shape["pattern"], value, re.ASCII):
        yield f"satisfy regular expression pattern: {shape['pattern']}"
    if "enum" in shape and value not in shape["enum"]:
        yield f"satisfy enum value set: [{', '.join(shape['enum'])}]"


def _is_text(value: str) -> bool:
    # JSON can write half of a surrogate pair. UTF-8 cannot, so no object key contains one.
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _shown(value: Any) -> str:
    text = str(value)
    return f"'{text if len(text) <= SHOWN_VALUE_LENGTH else text[:SHOWN_VALUE_LENGTH] + '…'}'"


def _json_type(value: Any) -> str:
    return {list: "array", str: "string", bool: "boolean", type(None): "null"}.get(type(value), "number")
