"""What a client sees where this service differs from the retired one. compatibility.toml has the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from tests.clients.client import CLIENTS, EVERY_CLIENT, Client, ClientVersion
from tests.clients.command_line import CommandLine
from tests.clients.error_server import error_server
from tests.clients.scenario_stack import ScenarioStack

pytestmark = pytest.mark.stack

NAMES_OF_A_REFUSAL = {"403", "InvalidSignatureException"}
"""How clients name a reply without `__type`: by its HTTP status, or by its header `x-amzn-errortype`."""
# The data files that the AWS CLI has here send other operations to AWS; test_connect.py shows that.
EVERY_PROGRAM = pytest.mark.parametrize(
    "client", [client for client in CLIENTS if not issubclass(client.driver, CommandLine)], ids=str
)
EVERY_CLI = pytest.mark.parametrize(
    "client", [client for client in CLIENTS if issubclass(client.driver, CommandLine)], ids=str
)
FIRST_WITH_VARIABLES = {"CLI v1": (1, 29), "CLI v2": (2, 13)}


@pytest.fixture(scope="module")
def open_client(scenario_stack: ScenarioStack) -> Iterator[Callable[[ClientVersion, str], Client]]:
    """A function that opens a client with a secret key."""
    with ExitStack() as cleanup:

        @cache
        def client(name: ClientVersion, secret_key: str) -> Client:
            name.require()
            environment = {**scenario_stack.environment, "AWS_SECRET_ACCESS_KEY": secret_key}
            return cleanup.enter_context(name.open(scenario_stack.endpoint_url, environment))

        yield client


@pytest.mark.clients("a wrong signature is refused without an error type", differs="refusals")
@EVERY_CLIENT
def test_the_function_url_refuses_a_wrong_signature_with_http_403_and_no_error_type(
    open_client: Callable[[ClientVersion, str], Client], client: ClientVersion
) -> None:
    outcome = open_client(client, "not-the-secret-key").call("GetPersonTracking", {"JobId": "any-job"})

    assert outcome.error in NAMES_OF_A_REFUSAL, outcome


@pytest.mark.clients("another operation is unknown", differs="other-operations")
@EVERY_PROGRAM
def test_another_operation_of_rekognition_is_unknown_at_this_endpoint(
    scenario_stack: ScenarioStack,
    open_client: Callable[[ClientVersion, str], Client],
    client: ClientVersion,
) -> None:
    secret_key = scenario_stack.environment["AWS_SECRET_ACCESS_KEY"]
    outcome = open_client(client, secret_key).call("ListCollections", {})

    assert outcome.error == "UnknownOperationException", outcome


@pytest.mark.clients("AWS_ENDPOINT_URL_REKOGNITION names the service", differs="endpoint-variables")
@EVERY_CLI
def test_a_client_reads_the_endpoint_variable_from_the_documented_version_on(
    scenario_stack: ScenarioStack, client: ClientVersion
) -> None:
    client.require()
    version = tuple(int(part) for part in client.shown_version().split(".")[:2])
    cli = client.open(scenario_stack.endpoint_url, scenario_stack.environment)
    assert isinstance(cli, CommandLine)
    with error_server() as endpoint_url, cli:
        done = cli.run(
            "GetPersonTracking",
            *["--job-id", "ResourceNotFoundException"],
            environment={
                "AWS_DATA_PATH": "",
                "AWS_ENDPOINT_URL_REKOGNITION": endpoint_url,
                # A client that ignores the variable must not reach AWS from a test.
                "HTTPS_PROXY": "http://127.0.0.1:9",
            },
        )

    has_reached_the_server = "(ResourceNotFoundException)" in done.stderr
    assert has_reached_the_server is (version >= FIRST_WITH_VARIABLES[client.driver.TITLE]), done.stderr
