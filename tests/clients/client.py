"""What a client under test offers, and the list of those clients."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import pytest

from people_pathing.common.registry import Registry

CLIENTS = Registry("tests.clients.drivers", "client")
"""Each module in drivers/ has a class `Driver`, which is a `Client`."""

EVERY_CLIENT = pytest.mark.parametrize("client_name", CLIENTS.names())

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """The result of one call.

    Attributes:
        replies: The replies: one, or one for each page. Empty if the call failed.
        error: The name of the exception class that the client raised, or None.
        message: The message of that exception.
    """

    replies: Sequence[Mapping[str, Any]] = ()
    error: str | None = None
    message: str = ""


class Client(Protocol):
    """A client of the API that existing code uses.

    Attributes:
        title: The client's name in the table.
        short_name: The client's name in client tokens and job tags.
    """

    title: str
    short_name: str

    def __init__(self, endpoint_url: str, environment: Mapping[str, str]) -> None:
        """Prepares a client.

        Args:
            endpoint_url: The address of the service.
            environment: The credentials and the region, as AWS's environment variables.
        """

    @staticmethod
    def missing_reason() -> str | None:
        """Returns why the client cannot run on this machine, or None if it can."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...

    def call(self, operation: str, parameters: Parameters, *, paged: bool = False) -> Outcome:
        """Calls an operation.

        Args:
            operation: The name in the API, for example "GetPersonTracking".
            parameters: The members of the request, as the API names them.
            paged: Whether to read all pages that follow the first.
        """


def load_client(name: str) -> type[Client]:
    """Imports the driver of one client."""
    driver: type[Client] = CLIENTS.load(name).Driver
    return driver


def require_client(name: str) -> type[Client]:
    """Returns the driver of a client. If the client is missing, the test is skipped, or fails in CI."""
    driver = load_client(name)
    reason = driver.missing_reason()
    if reason and os.environ.get("CI"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    return driver
