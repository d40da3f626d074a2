"""The server of a local stack, without a deployment: it keeps to itself and never outlives who started it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devstack.function_urls import replace_function_urls
from devstack.sam import build_digest
from devstack.stack import LocalStack, LocalStackError

pytestmark = pytest.mark.stack

REPOSITORY = Path(__file__).parent.parent.parent
BUILT_FILES = ("template.yaml", "samconfig.toml", "functions/Makefile", "functions/requirements.txt")
START = """
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
with LocalStack() as stack:
    print(stack.endpoint_url.rpartition(":")[2], flush=True)
    signal.pause()
"""
SERVER_ALONE = """
from local import stack
from devstack.stack import LocalStack
stack.LocalStack._build = lambda self: None
stack.LocalStack._deploy = lambda self, template: None
stack.LocalStack._read_outputs = lambda self: {}
"""


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name
)
def test_the_server_is_gone_with_the_process_that_started_it(number: signal.Signals) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", SERVER_ALONE + START], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    with owner:
        assert owner.stdout is not None
        port = int(owner.stdout.readline())
        assert answers(port)
        owner.send_signal(number)
        owner.wait(timeout=20)
    deadline = time.monotonic() + 20
    while answers(port):
        assert time.monotonic() < deadline, "the server still answers"
        time.sleep(0.1)


def test_neither_a_proxy_nor_the_users_own_aws_settings_come_between() -> None:
    nobody = "http://127.0.0.1:9"
    settings = {
        **dict.fromkeys(("HTTP_PROXY", "http_proxy", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_IAM"), nobody),
        "AWS_ACCESS_KEY_ID": "mine",
        "AWS_DEFAULT_REGION": "eu-north-1",
    }
    started = subprocess.run(
        [
            sys.executable,
            "-c",
            SERVER_ALONE + "with LocalStack() as stack:\n    print(stack.session().region_name)",
        ],
        cwd=REPOSITORY,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
    )
    assert (started.returncode, started.stdout) == (0, "us-east-1\n"), started.stderr


def test_a_stack_without_its_tools_says_which_command_makes_them(tmp_path: Path) -> None:
    with pytest.raises(LocalStackError, match=r"missing.*make"), LocalStack(tools=tmp_path / "nowhere"):
        pass


def test_a_port_that_is_taken_is_named(stack: LocalStack) -> None:
    port = int(stack.endpoint_url.rpartition(":")[2])
    with pytest.raises(LocalStackError, match=f"port {port} cannot be used"), LocalStack(port=port):
        pass


def test_a_build_is_taken_again_only_while_nothing_that_goes_into_it_has_changed(tmp_path: Path) -> None:
    source = tmp_path / "functions" / "people_pathing" / "pipeline" / "video.py"
    cache = tmp_path / "functions" / "people_pathing" / "pipeline" / "__pycache__" / "video.pyc"
    engine = tmp_path / "functions" / "people_pathing" / "engine" / "frames.py"
    for file in (source, cache, engine, *(tmp_path / name for name in BUILT_FILES)):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("before")
    before = build_digest(tmp_path)
    cache.write_text("after")
    engine.write_text("after")
    assert build_digest(tmp_path) == before
    source.write_text("after")
    changed = build_digest(tmp_path)
    source.rename(source.with_name("clip.py"))
    renamed = build_digest(tmp_path)
    source.with_name("clip.py").unlink()
    assert len({before, changed, renamed, build_digest(tmp_path)}) == 4


def test_a_function_url_becomes_the_place_where_the_server_answers_it() -> None:
    identity = "abcdefghij0123456789abcdefghij01"
    url = f"https://{identity}.lambda-url.eu-central-1.on.aws/"
    assert replace_function_urls(f"at {url}", "http://127.0.0.1:1") == (
        f"at http://127.0.0.1:1/_aws/lambda-url/{identity}/"
    )
    assert (
        replace_function_urls("https://tracking.example/", "http://127.0.0.1:1") == "https://tracking.example/"
    )


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_server_listens_on_loopback_only(stack: LocalStack) -> None:
    port = int(stack.endpoint_url.rpartition(":")[2])
    listening = [
        address
        for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
        if table.exists()
        for address in local_addresses(table)
    ]
    if not listening:
        pytest.skip("this system does not tell who listens (no /proc/net/tcp)")
    # Little-endian hexadecimal: 127.0.0.1.
    assert [address for address, number in listening if number == port] == ["0100007F"]


def local_addresses(table: Path) -> list[tuple[str, int]]:
    """Address and port of each listening socket; state 0A is LISTEN."""
    rows = [line.split() for line in table.read_text().splitlines()[1:]]
    return [(row[1].split(":")[0], int(row[1].split(":")[1], 16)) for row in rows if row[3] == "0A"]
