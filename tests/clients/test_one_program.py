"""One program calls Rekognition and People Pathing through one client. Each call goes where it belongs.

boto3 and the AWS CLI use the data files of `people-pathing connect`. The other SDKs use the recipes of
docs/clients.md, exactly as that page has them. The calls of all go to a recording server.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

import pytest

from devstack.clients import write_data_files
from tests.clients.client import CLIENTS, ClientVersion
from tests.clients.command_line import CommandLine
from tests.clients.installation import ROOT, go_program
from tests.clients.program_client import ProgramClient
from tests.clients.recording_server import Call, RecordingServer, recording_server
from tests.unit.client_routing.later_sdk import write_later_sdk

RECIPES = Path(__file__).with_name("recipes")
STACK_URL = "https://abc.lambda-url.us-east-1.on.aws/"
AWS_URL = "https://rekognition.us-east-1.amazonaws.com/"
TIMEOUT_S = 120


def recipe(language: str, heading: str) -> str:
    """Returns the code of a recipe in docs/clients.md."""
    page = (ROOT / "docs/clients.md").read_text(encoding="utf-8")
    section = page.partition(f"\n### {heading}\n")[2].partition("\n##")[0]
    [code] = re.findall(rf"^```{language}\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    return str(code)


def python_command(client: ClientVersion, folder: Path) -> Sequence[str]:
    python, _ = command_of_driver(client)
    return python, str(RECIPES / f"{client.name}_mixed.py")


def command_line_command(client: ClientVersion, folder: Path) -> Sequence[str]:
    command = cast(type[CommandLine], client.driver).find_command()
    return "sh", str(RECIPES / "aws_cli_mixed.sh"), command


def javascript_command(client: ClientVersion, folder: Path) -> Sequence[str]:
    node, _, packages = command_of_driver(client)
    heading, name = {
        "javascript-v2": ("JavaScript v2", "javascript_v2_mixed.cjs"),
        "javascript-v3": ("JavaScript v3", "javascript_v3_mixed.mjs"),
    }[client.name]
    (folder / "node_modules").symlink_to(Path(packages) / "node_modules")
    program = folder / name
    program.write_text(recipe("js", heading) + (RECIPES / name).read_text("utf-8"), "utf-8")
    return node, "--require", str(RECIPES / "through_recording_server.cjs"), str(program)


def go_command(client: ClientVersion, folder: Path) -> Sequence[str]:
    program = folder / "go_v2_mixed.go"
    program.write_text((RECIPES / program.name).read_text("utf-8") + "\n" + recipe("go", "Go v2"), "utf-8")
    return (str(go_program(program)),)


def command_of_driver(client: ClientVersion) -> Sequence[str]:
    return cast(type[ProgramClient], client.driver).command(client.version)


COMMANDS: Mapping[str, Callable[[ClientVersion, Path], Sequence[str]]] = {
    "boto3": python_command,
    "aioboto3": python_command,
    "aws-cli-v1": command_line_command,
    "aws-cli-v2": command_line_command,
    "javascript-v2": javascript_command,
    "javascript-v3": javascript_command,
    "go-v2": go_command,
}
CONNECTED = ("boto3", "aioboto3", "aws-cli-v1", "aws-cli-v2")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordingServer]:
    with recording_server(tmp_path_factory.mktemp("certificate")) as server:
        yield server


@pytest.mark.clients("one program calls AWS and the stack")
@pytest.mark.parametrize("client", [client for client in CLIENTS if client.name in COMMANDS], ids=str)
def test_one_program_reaches_aws_and_the_stack_through_one_client(
    client: ClientVersion, server: RecordingServer, tmp_path: Path
) -> None:
    assert_each_call_goes_where_it_belongs(client, server, tmp_path)


@pytest.mark.clients("the same after the SDK has dropped the operations")
@pytest.mark.parametrize("client", [client for client in CLIENTS if client.name in CONNECTED], ids=str)
def test_an_sdk_that_has_dropped_the_operations_has_them_again(
    client: ClientVersion, server: RecordingServer, tmp_path: Path
) -> None:
    later_sdk = write_later_sdk(tmp_path / "later-sdk")

    assert_each_call_goes_where_it_belongs(client, server, tmp_path, AWS_DATA_PATH=str(later_sdk))


def assert_each_call_goes_where_it_belongs(
    client: ClientVersion, server: RecordingServer, folder: Path, **settings: str
) -> None:
    """Runs a client's program, whose home is the folder, with further environment variables."""
    client.require()
    environment = {
        "PATH": os.environ["PATH"],
        "PEOPLE_PATHING_URL": STACK_URL,
        "NODE_NO_WARNINGS": "1",
        "AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE": "1",
        "AWS_PAGER": "",
        **server.environment(folder),
        **settings,
    }
    if client.name in CONNECTED:
        write_data_files(folder / ".aws" / "models", STACK_URL)
    server.calls.clear()

    done = subprocess.run(
        COMMANDS[client.name](client, folder),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["a-job", "7"]
    assert server.calls == [
        Call("DetectLabels", AWS_URL, "rekognition", "us-east-1", is_signature_valid=True),
        Call("StartPersonTracking", STACK_URL, "lambda", "us-east-1", is_signature_valid=True),
        Call("IndexFaces", AWS_URL, "rekognition", "us-east-1", is_signature_valid=True),
        Call("GetPersonTracking", STACK_URL, "lambda", "us-east-1", is_signature_valid=True),
    ]


def test_the_server_finds_a_wrong_signature(server: RecordingServer, tmp_path: Path) -> None:
    server.calls.clear()
    environment = {**server.environment(tmp_path), "AWS_SECRET_ACCESS_KEY": "another"}
    code = "import boto3; boto3.client('rekognition').detect_labels(Image={'Bytes': b'an image'})"

    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=TIMEOUT_S)

    assert server.calls == [
        Call("DetectLabels", AWS_URL, "rekognition", "us-east-1", is_signature_valid=False)
    ]
