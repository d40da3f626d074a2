"""Every error of the API model reaches the caller as the client's own exception."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from devstack.clients import client_environment
from people_pathing.service.protocol.api_model import model
from tests.clients.client import CLIENTS, EVERY_CLIENT, Client, ClientVersion
from tests.clients.error_server import REQUEST_ID, error_server

ERRORS = [
    (operation, code)
    for operation, described in model()["operations"].items()
    for code in described["errors"]
]
GET_ERRORS = [code for operation, code in ERRORS if operation == "GetPersonTracking"]


@pytest.fixture(scope="module")
def open_client() -> Iterator[Callable[[ClientVersion], Client]]:
    """A function that returns a client. All calls of the client fail as they demand."""
    with ExitStack() as cleanup:
        endpoint_url = cleanup.enter_context(error_server())
        environment = client_environment(endpoint_url, "access-key", "secret-key")

        @cache
        def client(name: ClientVersion) -> Client:
            name.require()
            return cleanup.enter_context(name.open(endpoint_url, environment))

        yield client


@pytest.mark.clients("{operation}: {code}")
@EVERY_CLIENT
@pytest.mark.parametrize(("operation", "code"), ERRORS)
def test_a_client_raises_its_own_exception_for_every_error_of_the_model(
    open_client: Callable[[ClientVersion], Client], client: ClientVersion, operation: str, code: str
) -> None:
    if operation == "StartPersonTracking":
        video = {"S3Object": {"Bucket": "bucket", "Name": "name"}}
        outcome = open_client(client).call(operation, {"Video": video, "JobTag": code})
    else:
        outcome = open_client(client).call(operation, {"JobId": code})

    assert outcome.error == code, outcome.message


@pytest.mark.clients("an error has its code and its log reference as members")
@pytest.mark.parametrize("client", [client for client in CLIENTS if client.driver.ERROR_MEMBERS], ids=str)
def test_a_client_gets_the_code_and_the_log_reference_of_every_error(
    open_client: Callable[[ClientVersion], Client], client: ClientVersion
) -> None:
    outcomes = {code: open_client(client).call("GetPersonTracking", {"JobId": code}) for code in GET_ERRORS}

    assert {code: dict(outcome.members) for code, outcome in outcomes.items()} == {
        code: {"Code": code, "Logref": REQUEST_ID} for code in GET_ERRORS
    }
