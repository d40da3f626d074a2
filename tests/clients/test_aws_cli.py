"""What only the AWS CLI offers."""

from __future__ import annotations

import pytest

from devstack.clients import client_environment
from tests.clients.client import require_client
from tests.clients.drivers import aws_cli

# Nothing listens here, because the CLI prints a skeleton without a call.
ENDPOINT_URL = "http://127.0.0.1:9"


@pytest.mark.clients("{operation}: {kind} skeleton")
@pytest.mark.parametrize("client_name", ["aws_cli"])
@pytest.mark.parametrize("operation", ["StartPersonTracking", "GetPersonTracking"])
@pytest.mark.parametrize("kind", ["input", "output"])
def test_the_cli_prints_a_skeleton_of_the_operation(client_name: str, operation: str, kind: str) -> None:
    require_client(client_name)
    required = {"StartPersonTracking": ["--video", "{}"], "GetPersonTracking": ["--job-id", "j"]}[operation]
    cli = aws_cli.Driver(ENDPOINT_URL, client_environment(ENDPOINT_URL, "access-key", "secret-key"))
    done = cli.run(operation, *required, "--generate-cli-skeleton", kind)

    assert done.returncode == 0, done.stderr
    if kind == "output":
        assert "JobId" in done.stdout
