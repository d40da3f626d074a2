"""Starts and stops the server of a local stack, mostly without a deployment."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devstack.server.options import HEALTH_PATH
from devstack.stack import LocalStack

pytestmark = [pytest.mark.stack, pytest.mark.local_only("tests the local server")]

REPOSITORY = Path(__file__).parent.parent.parent
# Skips the build and the deployment, which take most of the time and do not matter here.
SERVER_ONLY = """
from pathlib import Path
from devstack.sam import Sam
from devstack.stack import LocalStack
LocalStack._build = lambda self, release: None
Sam.deploy = lambda self, *arguments: None
LocalStack._read_outputs = lambda self: {}
"""
# Installs the handler of SIGINT, because Python does not if its parent ignores the signal, as nohup does.
WAIT_FOR_SIGNAL = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
with LocalStack() as stack:
    print(stack.endpoint_url.rpartition(":")[2], flush=True)
    signal.pause()
"""
PRINT_REGION = """
with LocalStack() as stack:
    print(stack.session().region_name)
"""


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name
)
def test_the_server_stops_when_the_process_that_started_it_ends(number: signal.Signals) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", SERVER_ONLY + WAIT_FOR_SIGNAL],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert owner.stdout is not None
        port = int(owner.stdout.readline())
        assert answers(port)
        owner.send_signal(number)
        owner.wait(timeout=20)
    finally:
        owner.kill()
        owner.communicate(timeout=20)
    deadline = time.monotonic() + 20
    while answers(port):
        assert time.monotonic() < deadline, "the server still answers"
        time.sleep(0.1)


def test_proxies_and_the_aws_settings_of_the_user_do_not_apply_to_the_local_stack() -> None:
    unreachable = "http://127.0.0.1:9"
    settings = {
        **dict.fromkeys(
            ("HTTP_PROXY", "http_proxy", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_IAM"), unreachable
        ),
        "AWS_ACCESS_KEY_ID": "mine",
        "AWS_DEFAULT_REGION": "eu-north-1",
    }
    done = subprocess.run(
        [sys.executable, "-c", SERVER_ONLY + PRINT_REGION],
        cwd=REPOSITORY,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (0, "us-east-1\n"), done.stderr


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "evil.example"},
    ],
    ids=lambda headers: "".join(headers),
)
@pytest.mark.parametrize("path", ["/", HEALTH_PATH, "/_ministack/reset", "/_aws/lambda-url/a/"])
def test_requests_of_web_pages_are_rejected(path: str, headers: dict[str, str], stack: LocalStack) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=10)
        with contextlib.closing(connection):
            connection.request(method, path, headers=headers)
            assert connection.getresponse().status == 403


def test_the_server_listens_on_loopback_only(stack: LocalStack) -> None:
    port = int(stack.endpoint_url.rpartition(":")[2])
    sockets = [
        listening
        for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
        if table.exists()
        for listening in listening_sockets(table)
    ]
    if not sockets:
        pytest.skip("this system does not list its sockets in /proc/net/tcp")
    # 127.0.0.1 as a little-endian hexadecimal number.
    assert [address for address, number in sockets if number == port] == ["0100007F"]


def listening_sockets(table: Path) -> list[tuple[str, int]]:
    """Returns the address and the port of each listening socket. The state 0A is LISTEN."""
    rows = [line.split() for line in table.read_text().splitlines()[1:]]
    return [(row[1].split(":")[0], int(row[1].split(":")[1], 16)) for row in rows if row[3] == "0A"]


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
