"""The local server refuses requests as a Function URL does."""

import asyncio
import json
import time
import uuid
from email.utils import parsedate_to_datetime
from typing import Any

from devstack.server.refusals import (
    FORBIDDEN,
    Message,
    Refusal,
    in_the_words_of_a_function_url,
    send_refusal,
    wrong_signature,
)


def reply_of(*messages: Message) -> tuple[int, dict[str, str], bytes]:
    """Returns what a client receives if MiniStack sends the messages."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def run() -> None:
        translated = in_the_words_of_a_function_url(send)
        for message in messages:
            await translated(message)

    asyncio.run(run())
    return _received(sent)


def refusal_reply(refusal: Refusal) -> tuple[int, dict[str, str], bytes]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(send_refusal(refusal, send))
    return _received(sent)


def start(status: int, **headers: str) -> dict[str, Any]:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http.response.start", "status": status, "headers": pairs}


def body(data: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": data, "more_body": more}


def test_a_refusal_has_a_date_a_request_id_the_errors_name_and_its_length() -> None:
    status, headers, data = refusal_reply(FORBIDDEN)

    assert status == 403
    assert list(json.loads(data)) == ["Message"]
    assert json.loads(data)["Message"].startswith("Forbidden. For troubleshooting Function URL")
    assert headers["content-type"] == "application/json"
    assert headers["x-amzn-errortype"] == "AccessDeniedException"
    assert headers["content-length"] == str(len(data))
    assert uuid.UUID(headers["x-amzn-requestid"]).version == 4
    assert abs(parsedate_to_datetime(headers["date"]).timestamp() - time.time()) < 60


def test_two_refusals_have_different_request_ids() -> None:
    ids = {refusal_reply(FORBIDDEN)[1]["x-amzn-requestid"] for _ in range(2)}

    assert len(ids) == 2


def test_a_wrong_signature_has_its_message_under_a_name_in_lower_case() -> None:
    _, headers, data = refusal_reply(wrong_signature("InvalidSignatureException", "why"))

    assert json.loads(data) == {"message": "why"}
    assert headers["x-amzn-errortype"] == "InvalidSignatureException"


def test_a_refusal_of_ministack_becomes_that_of_a_function_url() -> None:
    status, headers, data = reply_of(
        start(403, content_type="application/x-amz-json-1.0"), body(b"{", more=True), body(b"}")
    )

    assert (status, json.loads(data)) == (403, {"Message": FORBIDDEN.message})
    assert headers["x-amzn-errortype"] == "AccessDeniedException"
    assert headers["x-amzn-requestid"]


def test_another_refusal_of_ministack_gets_a_date_and_a_request_id() -> None:
    status, headers, data = reply_of(start(404, content_type="application/json"), body(b'{"Message":null}'))

    assert (status, data) == (404, b'{"Message":null}')
    assert headers["x-amzn-requestid"]
    assert headers["date"].endswith(" GMT")


def test_a_reply_of_a_function_stays_as_it_is() -> None:
    function = start(403, X_Amzn_Trace_Id="Root=1", x_amzn_RequestId="id", date="today")

    status, headers, data = reply_of(function, body(b"mine"))

    assert (status, data) == (403, b"mine")
    assert headers == {"x-amzn-trace-id": "Root=1", "x-amzn-requestid": "id", "date": "today"}


def _received(sent: list[Message]) -> tuple[int, dict[str, str], bytes]:
    first, *parts = sent
    headers = {name.decode().lower(): value.decode() for name, value in first["headers"]}
    return first["status"], headers, b"".join(part["body"] for part in parts)
