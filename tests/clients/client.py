"""What a client under test offers, and the list of those clients."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol, Self

import pytest

from people_pathing.common.registry import Registry

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """The result of one call.

    Attributes:
        replies: The replies: one, or one for each page. Empty if the call failed.
        error: The name of the exception class that the client raised, or None. If the client has no class for
            an error, the error's code.
        message: The message of that exception.
        members: The members `Code` and `Logref` that the exception has besides its message.
    """

    replies: Sequence[Mapping[str, Any]] = ()
    error: str | None = None
    message: str = ""
    members: Mapping[str, str | None] = field(default_factory=dict)


class Client(Protocol):
    """A client of the API that existing code uses.

    Attributes:
        TITLE: The client's name in the table.
        VERSIONS: The versions to test.
        ERROR_MEMBERS: Whether the client's exceptions have the members `Code` and `Logref`.
    """

    TITLE: str
    VERSIONS: tuple[str, ...]
    ERROR_MEMBERS: bool

    def __init__(self, version: str, endpoint_url: str, environment: Mapping[str, str]) -> None:
        """Prepares a client.

        Args:
            version: One of VERSIONS.
            endpoint_url: The address of the service.
            environment: The credentials and the region, as AWS's environment variables.
        """

    @staticmethod
    def missing_reason(version: str) -> str | None:
        """Returns why the client cannot run on this machine, or None if it can. Installs it if necessary."""

    @staticmethod
    def installed_version(version: str) -> str:
        """Returns the exact version that runs."""

    @staticmethod
    def unknown_members(version: str) -> frozenset[str]:
        """Returns members of replies that the client may drop, because its model is older than they are."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...

    def call(self, operation: str, parameters: Parameters, *, paged: bool = False) -> Outcome:
        """Calls an operation.

        Args:
            operation: The name in the API, for example "GetPersonTracking".
            parameters: The members of the request, as the API names them.
            paged: Whether to read all pages that follow the first.
        """


def all_pages(call: Callable[[str, Parameters], Outcome], operation: str, parameters: Parameters) -> Outcome:
    """Reads all pages with a client that has no paginator.

    Args:
        call: Calls an operation once.
        operation: The name in the API.
        parameters: The members of the first request.
    """
    outcome = call(operation, parameters)
    while not outcome.error and "NextToken" in outcome.replies[-1]:
        page = call(operation, {**parameters, "NextToken": outcome.replies[-1]["NextToken"]})
        outcome = Outcome([*outcome.replies, *page.replies], page.error, page.message)
    return outcome


_DRIVERS = Registry("tests.clients.drivers", "client")


@dataclass(frozen=True)
class ClientVersion:
    """One version of one client.

    Attributes:
        name: The name of a module in drivers/, which has a class `Driver`. That class is a `Client`.
        version: One of its VERSIONS.
    """

    name: str
    version: str

    def __str__(self) -> str:
        """Returns the client's name in the ids of tests."""
        return f"{self.name}-{self.version}"

    @property
    def driver(self) -> type[Client]:
        """The class that drives the client."""
        return _driver(self.name)

    @property
    def token(self) -> str:
        """The client's name in client tokens and job tags."""
        return str(self).replace(".", "-")

    def shown_version(self) -> str:
        """Returns the version for the table: the installed one, if the machine decides about it."""
        return self.driver.installed_version(self.version)

    def missing_reason(self) -> str | None:
        """Returns why the client cannot run on this machine, or None if it can."""
        return self.driver.missing_reason(self.version)

    def open(self, endpoint_url: str, environment: Mapping[str, str]) -> Client:
        """Returns the client, to be used as a context manager."""
        return self.driver(self.version, endpoint_url, environment)

    def require(self) -> None:
        """Skips the test if the client is missing; in CI, fails it."""
        reason = self.missing_reason()
        if reason:
            report_missing(reason)


def report_missing(reason: str) -> NoReturn:
    """Skips a test that lacks a tool; in CI, fails it."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _driver(name: str) -> type[Client]:
    driver: type[Client] = _DRIVERS.load(name).Driver
    return driver


CLIENTS = tuple(
    ClientVersion(name, version) for name in _DRIVERS.names() for version in _driver(name).VERSIONS
)

EVERY_CLIENT = pytest.mark.parametrize("client", CLIENTS, ids=str)
