"""Makes the calls of boto3 clients crash or fail, or runs something between two calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.fakes.aws_errors import client_error

FOREVER = 1_000_000


class Crash(BaseException):
    """The function dies. It is no Exception, so no code of the function catches it."""


class NoCrashError(AssertionError):
    """The operation was not called often enough to crash."""


@contextmanager
def hooked(client: Any, moment: str, operation: str, hook: Callable[..., None]) -> Iterator[None]:
    """Calls a hook at each call of an operation.

    Args:
        client: A boto3 client.
        moment: The botocore event, for example "before-call".
        operation: The operation's name in the API, for example "PutItem".
        hook: Receives the event's values as keyword arguments. What it raises, the call raises.
    """
    event_name = f"{moment}.{client.meta.service_model.service_id.hyphenize()}.{operation}"
    client.meta.events.register(event_name, hook)
    try:
        yield
    finally:
        client.meta.events.unregister(event_name, hook)


def once(action: Callable[[], None]) -> Callable[..., None]:
    """Returns a hook that runs an action at the first call only, even if the action makes the same call."""
    pending = [action]

    def hook(**_: object) -> None:
        if pending:
            pending.pop()()

    return hook


@contextmanager
def crash_at(client: Any, operation: str, *, skip: int = 0) -> Iterator[None]:
    """Lets the function die at a call of an operation.

    Args:
        client: A boto3 client.
        operation: The operation's name in the API.
        skip: The number of calls that work before the crash.

    Raises:
        NoCrashError: The operation was not called more than `skip` times.
    """
    with hooked(client, "before-call", operation, _raise_from(Crash(operation), skip, count=1)):
        try:
            yield
        except Crash:
            return
        raise NoCrashError(f"{operation} was not called more than {skip} times")


@contextmanager
def failing(client: Any, operation: str, code: str) -> Iterator[None]:
    """Lets every call of an operation fail with an error code."""
    with hooked(client, "before-call", operation, _raise_from(client_error(code, operation), 0, FOREVER)):
        yield


def _raise_from(error: BaseException, skip: int, count: int) -> Callable[..., None]:
    call_count = 0

    def hook(**_: object) -> None:
        nonlocal call_count
        call_count += 1
        if skip < call_count <= skip + count:
            raise error

    return hook
