"""What the local server answers to requests that reach no function, in the words of a Function URL.

Sources: replies of Function URLs that public reports show.
"""

import json
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

FORBIDDEN_STATUS = 403
TRACE_HEADER = b"x-amzn-trace-id"
"""MiniStack adds this header to the replies of functions only."""


@dataclass(frozen=True)
class Refusal:
    """Why a request is refused.

    Attributes:
        error_type: the error's name.
        message: what the caller reads.
        member: the name under which the body has the message.
    """

    error_type: str
    message: str
    member: str = "Message"


FORBIDDEN = Refusal(
    "AccessDeniedException",
    "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
)
"""The answer to a caller without permission, and to a request without a signature."""


def wrong_signature(error_type: str, message: str) -> Refusal:
    """Returns the answer to a signature that cannot be right. Its member is in lower case, as at AWS."""
    return Refusal(error_type, message, member="message")


async def send_refusal(refusal: Refusal, send: Send) -> None:
    """Sends a refusal with status 403."""
    body = json.dumps({refusal.member: refusal.message}, separators=(",", ":")).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"x-amzn-errortype", refusal.error_type.encode()),
        *_added_headers().items(),
    ]
    await send({"type": "http.response.start", "status": FORBIDDEN_STATUS, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def in_the_words_of_a_function_url(send: Send) -> Send:
    """Returns a `send` that replaces MiniStack's own refusals. Replies of functions stay as they are.

    A refusal with status 403 becomes that of a Function URL. Any other gets a date and a request id.
    """
    is_replaced = False

    async def translated(message: Message) -> None:
        nonlocal is_replaced
        if message["type"] != "http.response.start":
            if not is_replaced:
                await send(message)
            return
        names = {bytes(name).lower() for name, _ in message.get("headers", ())}
        if TRACE_HEADER not in names and message["status"] == FORBIDDEN_STATUS:
            is_replaced = True
            await send_refusal(FORBIDDEN, send)
            return
        missing = [(name, value) for name, value in _added_headers().items() if name not in names]
        message["headers"] = [*message.get("headers", ()), *missing]
        await send(message)

    return translated


def _added_headers() -> dict[bytes, bytes]:
    return {
        b"date": formatdate(usegmt=True).encode(),
        b"x-amzn-requestid": str(uuid.uuid4()).encode(),
    }
