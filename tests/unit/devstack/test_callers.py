import asyncio
from typing import Any

from devstack.server.callers import Receive, Scope, mark_as_tls
from devstack.server.refusals import Message, Send


def test_a_request_counts_as_tls_without_a_change_to_the_original_scope() -> None:
    received: list[Scope] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        received.append(scope)

    scope: dict[str, Any] = {"type": "http", "path": "/", "headers": [(b"host", b"127.0.0.1")]}
    asyncio.run(_call(application, scope))
    assert received[0]["headers"] == [(b"host", b"127.0.0.1"), (b"x-forwarded-proto", b"https")]
    assert scope["headers"] == [(b"host", b"127.0.0.1")]


async def _call(application: Any, scope: Scope) -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        raise AssertionError(message)

    await mark_as_tls(application)(scope, receive, send)
