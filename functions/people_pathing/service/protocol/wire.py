"""The AWS JSON 1.1 protocol of the two operations, checked against the API's own model."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Never

from people_pathing.service.protocol.api_model import broken_rules, converted, known_members, model
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
class JsonText:
    """A member of an output that is JSON already, and has only members that the model knows."""

    text: str


@dataclass(frozen=True, slots=True)
class Output:
    """What an operation returns.

    Attributes:
        structure: the operation's output as the model describes it. Its members may be JsonText.
        headers: further headers of the reply.
    """

    structure: Structure
    headers: Mapping[str, str] = field(default_factory=dict)


def read_request(operation: str, event: Mapping[str, Any]) -> Request:
    """Reads a call of an operation.

    Args:
        operation: the operation's name.
        event: a Function URL's event (payload format 2.0).

    Raises:
        AccessDeniedException: no account has signed the request.
        SerializationException: the body is not a JSON object, or a member has another type than in the model.
        InvalidParameterException: the request breaks the model's rules.
    """
    account = _caller_account(event)
    shape = model()["operations"][operation]["input"]
    parameters = converted(shape, _read_body(event))
    problems = list(broken_rules(shape, parameters))
    if problems:
        noun = "error" if len(problems) == 1 else "errors"
        raise InvalidParameterException(f"{len(problems)} validation {noun} detected: {'; '.join(problems)}")
    return Request(operation, parameters, account, _headers(event).get("amz-sdk-invocation-id"))


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
    texts = {name: member for name, member in output.structure.items() if isinstance(member, JsonText)}
    members = known_members(shape, {**output.structure, **dict.fromkeys(texts)})
    body = {name: texts.get(name, members.get(name)) for name in output.structure if name in members | texts}
    answer = _reply(200, body, request_id)
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
        error = InternalServerError.of(f"{operation} raised an error that its model does not list")
        code = InternalServerError.__name__
    # The order and the members are those of the sample reply in "Error handling" of the Developer Guide.
    body = {"__type": code, "Code": code, "Logref": request_id, "Message": str(error)}
    answer = _reply(error.status_code, body, request_id)
    # Some SDKs read the error's type from the body, others from this header.
    answer["headers"]["x-amzn-errortype"] = code
    return answer


def _reply(status_code: int, body: Mapping[str, Any], request_id: str) -> Reply:
    return {
        "statusCode": status_code,
        "headers": {"content-type": CONTENT_TYPE, "x-amzn-requestid": request_id},
        "body": "{" + ",".join(f"{_json(name)}:{_json(member)}" for name, member in body.items()) + "}",
    }


def _json(value: Any) -> str:
    return value.text if isinstance(value, JsonText) else json.dumps(value, separators=(",", ":"))


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
    try:
        data = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
        if len(data) > MAX_BODY_BYTES:
            raise InvalidParameterException.of(f"The body is larger than {MAX_BODY_BYTES} bytes")
        # If a name occurs twice, the last value counts.
        value = json.loads(data.decode(), parse_constant=_reject_constant)
    except (ValueError, binascii.Error, RecursionError) as error:
        raise SerializationException("The body is not JSON") from error
    if isinstance(value, list):
        raise SerializationException("Start of list found where not expected (the body must be an object)")
    if not isinstance(value, dict):
        raise SerializationException(f"The body is a JSON {_json_type(value)}; it must be an object")
    return value


def _reject_constant(name: str) -> Never:
    # Python's parser accepts NaN, Infinity and -Infinity, which are not JSON.
    raise ValueError(f"{name} is not JSON")


def _json_type(value: Any) -> str:
    return {str: "string", bool: "boolean", type(None): "null"}.get(type(value), "number")
