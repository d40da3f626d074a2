import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from devstack.clients import client_environment, local_session, without_proxy, write_queue_rules


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, "127.0.0.1,localhost,queue.amazonaws.com"),
        ({"NO_PROXY": "intranet.example"}, "intranet.example,127.0.0.1,localhost,queue.amazonaws.com"),
        ({"no_proxy": "a.example, 127.0.0.1"}, "a.example,127.0.0.1,localhost,queue.amazonaws.com"),
        (
            {"no_proxy": "localhost,127.0.0.1", "NO_PROXY": "b.example"},
            "localhost,127.0.0.1,queue.amazonaws.com",
        ),
        ({"NO_PROXY": "*"}, "*"),
    ],
)
def test_requests_for_this_machine_go_to_no_proxy(before: dict[str, str], after: str) -> None:
    assert without_proxy(before) == {"NO_PROXY": after, "no_proxy": after}
    assert without_proxy(without_proxy(before)) == without_proxy(before)


def test_a_local_client_reads_no_setting_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_PROFILE": "absent",
        "AWS_DEFAULT_REGION": "eu-north-1",
        "AWS_MAX_ATTEMPTS": "many",
        "AWS_RETRY_MODE": "often",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_CONFIG_FILE": "/nowhere",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)

    client: Any = local_session("key", "secret").client("s3", endpoint_url="http://127.0.0.1:1")

    assert client.meta.endpoint_url == "http://127.0.0.1:1"
    assert client.meta.region_name == "us-east-1"
    assert client.meta.config.proxies == {}


class Queues(BaseHTTPRequestHandler):
    """Answers every call of SQS with a queue whose name is the port of the server."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        assert self.headers["X-Amz-Target"] == "AmazonSQS.ListQueues"
        assert isinstance(self.server, HTTPServer)
        answer = f'{{"QueueUrls": ["http://queues/{self.server.server_port}"]}}'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def servers() -> Iterator[list[str]]:
    """The addresses of two servers that answer calls of SQS."""
    running = [HTTPServer(("127.0.0.1", 0), Queues) for _ in range(2)]
    for server in running:
        Thread(target=server.serve_forever, daemon=True).start()
    yield [f"http://127.0.0.1:{server.server_address[1]}" for server in running]
    for server in running:
        server.shutdown()
        server.server_close()


def list_queues(endpoint_url: str, data_path: Path, *options: str) -> str:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("aws")), "sqs", "list-queues", "--output", "text", *options],
        env={
            "PATH": os.environ["PATH"],
            "HTTP_PROXY": "http://127.0.0.1:9",
            "HTTPS_PROXY": "http://127.0.0.1:9",
            **client_environment(endpoint_url, "key", "secret"),
            "AWS_DATA_PATH": str(data_path),
            "AWS_MAX_ATTEMPTS": "1",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout + done.stderr


def test_the_aws_cli_finds_the_queues_of_a_local_server(servers: list[str], tmp_path: Path) -> None:
    local, other = servers
    write_queue_rules(tmp_path, local)

    assert list_queues(local, tmp_path) == f"QUEUEURLS\thttp://queues/{local.rpartition(':')[2]}\n"
    chosen = list_queues(local, tmp_path, "--endpoint-url", other)
    assert chosen == f"QUEUEURLS\thttp://queues/{other.rpartition(':')[2]}\n"
