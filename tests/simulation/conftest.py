"""The fixture of the fakes' tests."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from moto import mock_aws

from tests.simulation.both_clients import fakes, motos


@pytest.fixture(params=["fakes", "moto"])
def aws(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """Clients of all services, once as fakes and once as moto."""
    if request.param == "fakes":
        yield fakes()
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        yield motos()
