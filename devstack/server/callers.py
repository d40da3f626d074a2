"""Identifies the callers of the local server, with wrappers around MiniStack's ASGI application.

Every caller has to sign. The events of Function URLs name the caller as AWS does.
"""

import contextvars
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from devstack.loopback import rejection_reason
from devstack.server.options import HEALTH_PATH
from devstack.server.refusals import (
    FORBIDDEN,
    Message,
    Refusal,
    Send,
    in_the_words_of_a_function_url,
    send_refusal,
    wrong_signature,
)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_FUNCTION_URL_PATH = re.compile(r"^/_aws/lambda-url/([a-z0-9]{32})(?:/|$)")

_caller: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar("caller", default=None)


def reject_unknown_callers(application: Application, root_key: str) -> Application:
    """Rejects unsigned requests and requests signed with MiniStack's well-known keys.

    MiniStack treats these keys ("test", account numbers) as the root user. Other users of this machine, and
    web pages in its browsers, can reach the loopback interface too.

    Args:
        application: the application to wrap.
        root_key: the access key id that is the root user of this server.
    """
    from ministack.core.iam_evaluator import is_root_access_key
    from ministack.core.router import extract_access_key_id

    async def known_callers_only(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] != HEALTH_PATH:
            key = extract_access_key_id(_headers(scope), _query(scope))
            if is_root_access_key(key) and key != root_key:
                refusal = Refusal("AccessDeniedException", "Sign with this stack's credentials.")
                await send_refusal(refusal, send)
                return
        await application(scope, receive, send)

    return known_callers_only


def reject_web_pages(application: Application, port: int) -> Application:
    """Rejects requests that web pages send, also those that reach this machine by DNS rebinding.

    Args:
        application: the application to wrap.
        port: the port of this server.
    """

    async def no_web_pages(scope: Scope, receive: Receive, send: Send) -> None:
        # HTTP requests and websockets have headers, and the start and the end of the server have none.
        reason = rejection_reason(_headers(scope), port) if "headers" in scope else None
        if reason is None:
            await application(scope, receive, send)
        elif scope["type"] == "http":
            await send_refusal(Refusal("AccessDeniedException", reason), send)
        else:
            await send({"type": "websocket.close"})

    return no_web_pages


def mark_as_tls(application: Application) -> Application:
    """Marks every request as if it had arrived over TLS, so that policies that demand TLS hold.

    Args:
        application: the application to wrap.
    """

    async def marked(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}
        await application(scope, receive, send)

    return marked


def verify_function_url_callers(application: Application) -> Application:
    """Rejects requests to Function URLs with AuthType AWS_IAM whose signature is missing or wrong.

    Refusals of MiniStack, for a caller without permission for example, become those of a Function URL.

    Args:
        application: the application to wrap.
    """

    async def verified(scope: Scope, receive: Receive, send: Send) -> None:
        match = _FUNCTION_URL_PATH.match(scope["path"]) if scope["type"] == "http" else None
        if match is None:
            await application(scope, receive, send)
            return
        body = await _read_body(receive)
        caller = _identify_caller(scope, body, match[1])
        if isinstance(caller, Refusal):
            await send_refusal(caller, send)
            return
        _caller.set(caller)
        await application(scope, _replay(body, receive), in_the_words_of_a_function_url(send))

    return verified


def _identify_caller(scope: Scope, body: bytes, url_id: str) -> dict[str, Any] | Refusal | None:
    """Verifies a request's signature.

    Returns:
        The event's `requestContext.authorizer`; None if the URL is unknown or demands no signature.
    """
    from ministack.core import iam_evaluator, sigv4
    from ministack.services import lambda_svc

    resolved = lambda_svc.resolve_function_url(url_id)
    if resolved is None or resolved[-1].get("AuthType") != "AWS_IAM":
        return None
    account_id, region = resolved[:2]
    headers = _headers(scope)
    if not headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 "):
        return FORBIDDEN
    signature = sigv4.parse_header_signature(headers)
    if isinstance(signature, tuple):
        return wrong_signature("IncompleteSignatureException", signature[1])
    if signature.region != region:
        return wrong_signature("InvalidSignatureException", "Credential should be scoped to a valid region. ")
    if signature.service != "lambda":
        return wrong_signature(
            "InvalidSignatureException", "Credential should be scoped to correct service: 'lambda'. "
        )
    owner = iam_evaluator.find_iam_access_key_account(signature.access_key_id) or account_id
    credential = iam_evaluator.resolve_credential(
        signature.access_key_id, owner, headers.get("x-amz-security-token", "")
    )
    if not hasattr(credential, "secret_access_key"):
        return wrong_signature(
            "UnrecognizedClientException", "The security token included in the request is invalid."
        )
    failure = sigv4.request_time_failure(signature) or sigv4.header_signature_failure(
        signature,
        credential.secret_access_key,
        scope["method"],
        scope["raw_path"].decode("latin-1"),
        _query(scope),
        headers,
        body,
    )
    if failure:
        return wrong_signature("InvalidSignatureException", failure[1])
    return {
        "iam": {
            "accessKey": signature.access_key_id,
            "accountId": credential.account_id,
            "callerId": credential.principal_id,
            "cognitoIdentity": None,
            "principalOrgId": None,
            "userArn": credential.principal_arn,
            "userId": credential.principal_id,
        }
    }


def add_caller_to_function_url_events() -> None:
    """Adds the caller to the events that MiniStack builds for Function URLs."""
    from ministack.services import lambda_svc

    build_event = lambda_svc._build_function_url_event

    def with_caller(*arguments: Any, **keywords: Any) -> dict[str, Any]:
        event: dict[str, Any] = build_event(*arguments, **keywords)
        if (caller := _caller.get()) is not None:
            event["requestContext"]["authorizer"] = caller
        return event

    lambda_svc._build_function_url_event = with_caller


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _query(scope: Scope) -> dict[str, list[str]]:
    return parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)


async def _read_body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(chunks)
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Returns a `receive` that delivers the body which has been read already."""
    sent = False

    async def replayed() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
