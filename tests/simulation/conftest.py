"""The fixture of the fakes' tests."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from moto import mock_aws

from tests.simulation.both_clients import fakes, motos

IN_ACCOUNT = "account"


@pytest.fixture(scope="session")
def resources_in_account(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The names of real resources, by those in the tests."""
    from tests.simulation.deployed_clients import resources

    with resources(request.getfixturevalue("account"), request.getfixturevalue("new_name")) as names:
        yield names


@pytest.fixture(params=["fakes", "moto", pytest.param(IN_ACCOUNT, marks=pytest.mark.stack)])
def aws(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """Clients of all services: as fakes, as moto, and of the stack under test."""
    if request.param == "fakes":
        yield fakes()
        return
    if request.param == IN_ACCOUNT:
        from tests.simulation.deployed_clients import deployed_clients

        account = request.getfixturevalue("account")
        names = request.getfixturevalue("resources_in_account")
        name = request.getfixturevalue("new_name")(f"machine-{secrets.token_hex(4)}")
        with deployed_clients(account, names, name) as clients:
            yield clients
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        yield motos()
