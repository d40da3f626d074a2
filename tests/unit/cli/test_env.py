"""The printed commands work in a shell in which everything else is set to something wrong."""

import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from botocore.session import Session

from devstack.clients import client_environment
from devstack.running_stacks import announced
from people_pathing.cli.commands.env import shell_commands
from tests.unit.cli.programs import ROOT, run_here

NOBODY = "http://127.0.0.1:9"
SERVICES = ("s3", "dynamodb", "sqs", "sns", "cloudformation", "stepfunctions", "sts", "lambda")
ENDPOINTS = [
    f"AWS_ENDPOINT_URL_{Session().get_service_model(name).service_id.upper().replace(' ', '_')}"
    for name in SERVICES
]
USED_SHELL = {
    **dict.fromkeys(
        ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", *ENDPOINTS], NOBODY
    ),
    "AWS_ENDPOINT_URL": NOBODY,
    "AWS_PROFILE": "absent",
    "AWS_DEFAULT_PROFILE": "absent",
    "AWS_ACCESS_KEY_ID": "mine",
    "AWS_SECRET_ACCESS_KEY": "mine",
    "AWS_SESSION_TOKEN": "mine",
    "AWS_SECURITY_TOKEN": "mine",
    "AWS_REGION": "eu-north-1",
    "AWS_DEFAULT_REGION": "eu-north-1",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "AWS_CONFIG_FILE": "/nowhere/config",
    "AWS_SHARED_CREDENTIALS_FILE": "/nowhere/credentials",
    "AWS_CA_BUNDLE": "/nowhere/ca.pem",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_USE_DUALSTACK_ENDPOINT": "true",
    "AWS_MAX_ATTEMPTS": "many",
    "AWS_RETRY_MODE": "often",
    "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/mine",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere/token",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": NOBODY,
    "AWS_DATA_PATH": "/nowhere",
    "NO_PROXY": "intranet.example",
}
CLIENT = f"""
import boto3
for name in {SERVICES!r}:
    client = boto3.client(name)
    print(name, client.meta.endpoint_url, client.meta.region_name)
boto3.client("s3").list_buckets()
print(boto3.Session().get_credentials().get_frozen_credentials())
"""


class _Buckets(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server_port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Buckets) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_client_in_a_used_shell_reaches_the_stack(shell: str, server_port: int) -> None:
    endpoint_url = f"http://127.0.0.1:{server_port}"
    everything = client_environment(endpoint_url, "key", "secret")
    settings = {name: value for name, value in everything.items() if name.startswith("AWS_")}
    python = shlex.quote(sys.executable)
    script = (
        f'eval "$({python} -m people_pathing.cli.main env --port {server_port})" && {python} -c "$CLIENT"'
    )
    with announced(server_port, settings):
        done = subprocess.run(
            [shell, "-euc", script],
            cwd=ROOT,
            env={**os.environ, **USED_SHELL, "CLIENT": CLIENT, "PYTHONPATH": str(ROOT / "functions")},
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )

    assert done.returncode == 0, done.stderr
    *clients, credentials = done.stdout.splitlines()
    assert clients == [f"{name} {endpoint_url} us-east-1" for name in SERVICES]
    assert "access_key='key', secret_key='secret', token=None" in credentials


def test_every_other_aws_variable_is_removed_and_values_are_quoted() -> None:
    environment = {
        "AWS_PROFILE": "a",
        "AWS_REGION": "a",
        "AWS_PAGER": "less",
        "AWS_X-Y": "a",
        "PATH": "a",
        "LAWS_A": "a",
    }

    assert shell_commands({"AWS_REGION": "b", "AWS_DATA_PATH": "a folder's"}, environment) == [
        "unset AWS_PROFILE",
        "export AWS_REGION=b",
        """export AWS_DATA_PATH='a folder'"'"'s'""",
    ]
    assert shell_commands({}, {"PATH": "a"}) == []


def test_without_a_stack_nothing_is_printed_for_the_shell() -> None:
    completed = run_here("env", "--port", "1")

    assert (completed.returncode, completed.stdout) == (1, "")
    assert completed.stderr == (
        "error: no stack runs on port 1; start one with `people-pathing up`, or name its port with --port\n"
    )


def test_the_file_of_a_stack_is_in_the_folder_that_git_ignores() -> None:
    from devstack.running_stacks import RUNNING

    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert any(RUNNING.relative_to(ROOT).parts[0] == line.strip("/") for line in ignored), RUNNING
    assert isinstance(RUNNING, Path)
