"""Every error of the API model reaches the caller as the client's own exception."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial

import pytest

from devstack.clients import client_environment
from people_pathing.service.protocol.api_model import model
from tests.clients.client import CLIENTS, EVERY_CLIENT, Client, ClientVersion, Outcome
from tests.clients.command_line import CommandLine
from tests.clients.error_server import REQUEST_ID, error_server

ERRORS = [
    (operation, code)
    for operation, described in model()["operations"].items()
    for code in described["errors"]
]
Outcomes = Mapping[tuple[str, str], Outcome]
"""The outcomes of the calls by their operation and the error that they demand."""


@pytest.fixture(scope="module")
def outcomes_of() -> Iterator[Callable[[ClientVersion], Outcomes]]:
    """A function that makes all calls with a client, once. Every call fails as it demands."""
    with error_server() as endpoint_url:
        environment = client_environment(endpoint_url, "access-key", "secret-key")

        @cache
        def outcomes(client: ClientVersion) -> Outcomes:
            client.require()
            with client.open(endpoint_url, environment) as opened, ThreadPoolExecutor(2) as pool:
                calls = pool.map if isinstance(opened, CommandLine) else map
                return dict(zip(ERRORS, calls(partial(_call, opened), ERRORS), strict=True))

        yield outcomes


def _call(client: Client, demanded: tuple[str, str]) -> Outcome:
    operation, code = demanded
    if operation == "StartPersonTracking":
        video = {"S3Object": {"Bucket": "bucket", "Name": "name"}}
        return client.call(operation, {"Video": video, "JobTag": code})
    return client.call(operation, {"JobId": code})


@pytest.mark.clients("{operation}: {code}")
@EVERY_CLIENT
@pytest.mark.parametrize(("operation", "code"), ERRORS)
def test_a_client_raises_its_own_exception_for_every_error_of_the_model(
    outcomes_of: Callable[[ClientVersion], Outcomes], client: ClientVersion, operation: str, code: str
) -> None:
    outcome = outcomes_of(client)[operation, code]

    assert outcome.error == code, outcome.message


@pytest.mark.clients("an error has its code and its log reference as members")
@pytest.mark.parametrize("client", [client for client in CLIENTS if client.driver.ERROR_MEMBERS], ids=str)
def test_a_client_gets_the_code_and_the_log_reference_of_every_error(
    outcomes_of: Callable[[ClientVersion], Outcomes], client: ClientVersion
) -> None:
    members = {demanded: dict(outcome.members) for demanded, outcome in outcomes_of(client).items()}

    assert members == {demanded: {"Code": demanded[1], "Logref": REQUEST_ID} for demanded in ERRORS}
