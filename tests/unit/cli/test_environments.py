"""Every command in environments that are broken in one way: one line, exit status 1, never a traceback."""

from __future__ import annotations

import argparse
import errno
import io
import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from people_pathing.cli.environment_errors import environment_problem
from people_pathing.cli.main import COMMANDS, main
from tests.unit.cli.programs import example_words, people_pathing, run_here

ROLE = "arn:aws:iam::123456789012:role/mine"
COUNT = ("count", "street.mp4", "--stack-name", "people-pathing", "--zones", "{folder}/zones.json")
OPEN = ("open", "street.mp4", "--stack-name", "people-pathing", "--no-browser")
INDEX = ("index", "--stack-name", "people-pathing")
ANNOTATE = ("annotate", "street.mp4", "--stack-name", "people-pathing")
AWS_COMMANDS = (
    *(("jobs",), ("erase", "street.mp4"), ("redrive",), ("recount", "street.mp4")),
    *(("check-role", ROLE), ("connect",), ("smoke",), COUNT, OPEN, ANNOTATE, INDEX),
)
OUTPUTS = (
    "JobTableName",
    "VideoBucketName",
    "ResultsBucketName",
    "ArtifactBucketName",
    "JobStoreTableName",
    "FailedEventsUrl",
    "TrackPeopleArn",
    "ServiceRoleArns",
    "CompletionRoleArn",
    "CompletionTopicArn",
)
OUTPUT_VALUES = {"ServiceRoleArns": ROLE}


@dataclass(frozen=True)
class Broken:
    """An environment that is broken in one way.

    Attributes:
        settings: environment variables. `{folder}` is the folder of the files, `{aws}` the fake AWS, and
            `{tls}` an address of the fake AWS that demands TLS.
        says: what the line must contain.
        files: files by name, with their contents.
        stack: what the fake AWS answers to DescribeStacks: a status, or an error code.
        outputs: the outputs of the stack.
        refused: the error code of every other call.
        commands: the names of the commands that meet the error.
    """

    settings: dict[str, str]
    says: tuple[str, ...]
    files: dict[str, str] = field(default_factory=dict)
    stack: str = "CREATE_COMPLETE"
    outputs: tuple[str, ...] = OUTPUTS
    refused: str = "AccessDeniedException"
    commands: tuple[str, ...] = ("jobs", "erase", "redrive", "recount", "check-role", "connect", "count")


KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
REGION = {"AWS_DEFAULT_REGION": "eu-central-1"}
REACHABLE = {**KEYS, **REGION, "AWS_ENDPOINT_URL": "{aws}"}
PROFILE = {**REGION, "AWS_PROFILE": "mine", "AWS_CONFIG_FILE": "{folder}/config"}


def profile(*lines: str) -> dict[str, str]:
    return {"config": "\n".join(["[profile mine]", *lines])}


ENVIRONMENTS = {
    "no region": Broken(KEYS, ("set AWS_DEFAULT_REGION", "boto3 does not read AWS_REGION")),
    "no credentials": Broken(REGION, ("Unable to locate credentials", "AWS_PROFILE", "aws configure")),
    "half of the credentials": Broken(
        {**REGION, "AWS_ACCESS_KEY_ID": "key"}, ("Partial credentials", "secret key")
    ),
    "a missing profile": Broken({"AWS_PROFILE": "absent"}, ("(absent)", "aws configure list-profiles")),
    "a config file that cannot be parsed": Broken(
        PROFILE, ("Unable to parse config file: {folder}/config", "AWS_CONFIG_FILE"), {"config": "region = a"}
    ),
    "a profile that is based on a missing one": Broken(
        PROFILE, ("source_profile",), profile("role_arn = arn:aws:iam::1:role/a", "source_profile = absent")
    ),
    "a credential_process that prints no JSON": Broken(
        PROFILE, ("JSONDecodeError", "credential_process"), profile("credential_process = echo hello")
    ),
    "a credential_process that prints a list": Broken(
        PROFILE, ("credential_process",), profile("credential_process = echo []")
    ),
    "a credential_process that does not exist": Broken(
        PROFILE, ("/nowhere/program", "credential_process"), profile("credential_process = /nowhere/program")
    ),
    "a credential_process that fails": Broken(
        PROFILE,
        ("signed out", "credential_process"),
        profile('credential_process = sh -c "echo signed out >&2; exit 1"'),
    ),
    "a profile that needs an MFA code": Broken(
        {**PROFILE, "AWS_ENDPOINT_URL": "{aws}"},
        ("MFA code", "use a terminal"),
        profile(
            "role_arn = arn:aws:iam::123456789012:role/a",
            "source_profile = keys",
            "mfa_serial = arn:aws:iam::123456789012:mfa/me",
            "[profile keys]",
            "aws_access_key_id = key",
            "aws_secret_access_key = secret",
        ),
    ),
    "an SSO session that has expired": Broken(
        {**PROFILE, "HOME": "{folder}"},
        ("aws sso login",),
        profile(
            "sso_start_url = https://sso.example/start",
            "sso_region = eu-central-1",
            "sso_account_id = 123456789012",
            "sso_role_name = a",
        ),
    ),
    "an endpoint without a scheme": Broken(
        {**REACHABLE, "AWS_ENDPOINT_URL": "127.0.0.1:4566"}, ("Invalid endpoint: 127.0.0.1:4566", "AWS_")
    ),
    "an endpoint that refuses connections": Broken(
        {**REACHABLE, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, ("http://127.0.0.1:9", "check the network")
    ),
    "a proxy that refuses connections": Broken(
        {**KEYS, **REGION, "HTTPS_PROXY": "http://127.0.0.1:9"},
        ("proxy", "check the network"),
    ),
    "a number of attempts that is no number": Broken(
        {**REACHABLE, "AWS_MAX_ATTEMPTS": "many"}, ("'many'", "AWS_")
    ),
    "a retry mode that does not exist": Broken({**REACHABLE, "AWS_RETRY_MODE": "often"}, ("often",)),
    "a region that cannot be one": Broken({**KEYS, "AWS_DEFAULT_REGION": "eu central"}, ("eu central",)),
    "a CA bundle that does not exist": Broken(
        {**REACHABLE, "AWS_ENDPOINT_URL": "{tls}", "AWS_CA_BUNDLE": "/nowhere.pem"},
        ("SSL validation failed", "AWS_CA_BUNDLE"),
    ),
    "an expired token": Broken(
        {**REACHABLE, "AWS_SESSION_TOKEN": "old"}, ("ExpiredToken", "aws sso login"), stack="ExpiredToken"
    ),
    "credentials that are wrong": Broken(
        REACHABLE, ("InvalidClientTokenId", "set AWS_PROFILE"), stack="InvalidClientTokenId"
    ),
    "a wrong clock": Broken(REACHABLE, ("RequestExpired", "clock"), stack="RequestExpired"),
    "no right to see the stack": Broken(
        REACHABLE, ("DescribeStacks", "AccessDenied", "policies"), stack="AccessDenied"
    ),
    "no right to anything but the stack": Broken(
        REACHABLE,
        ("AccessDenied", "policies"),
        commands=("jobs", "erase", "redrive", "recount", "check-role", "count"),
    ),
    "a stack that does not exist": Broken(REACHABLE, ("--stack-name",), stack="ValidationError"),
    "a stack of another template": Broken(
        REACHABLE,
        ("the stack people-pathing has no output JobTableName", "--stack-name"),
        outputs=("ShopUrl",),
    ),
    "a stack of an older version": Broken(
        REACHABLE,
        ("the stack people-pathing has no output", "deploy the template of this version"),
        outputs=("JobTableName",),
        commands=("erase", "redrive", "recount", "connect", "count"),
    ),
    **{
        f"a stack in {status}": Broken(REACHABLE, (status, advice), stack=status, outputs=())
        for status, advice in {
            "ROLLBACK_COMPLETE": "delete-stack",
            "ROLLBACK_IN_PROGRESS": "delete-stack",
            "ROLLBACK_FAILED": "delete-stack",
            "CREATE_FAILED": "delete-stack",
            "CREATE_IN_PROGRESS": "try again when it is complete",
            "REVIEW_IN_PROGRESS": "try again when it is complete",
            "DELETE_IN_PROGRESS": "is being deleted",
        }.items()
    },
    "a server that is not AWS": Broken(
        {**REACHABLE, "AWS_ENDPOINT_URL": "{aws}/html"},
        ("not AWS", "AWS_ENDPOINT_URL"),
    ),
    "a sign-in page that answers everything": Broken(
        {**REACHABLE, "AWS_ENDPOINT_URL": "{aws}/sign-in"},
        ("not AWS", "AWS_ENDPOINT_URL"),
    ),
    **{
        f"a server that answers {body} for DynamoDB and SQS": Broken(
            {
                **REACHABLE,
                "AWS_ENDPOINT_URL_DYNAMODB": "{aws}/" + path,
                "AWS_ENDPOINT_URL_SQS": "{aws}/" + path,
            },
            ("not AWS", "AWS_ENDPOINT_URL"),
            refused="",
            commands=("jobs", "erase", "redrive"),
        )
        for body, path in {"HTML": "sign-in", "{}": "empty"}.items()
    },
    **{
        f"a reply with {count} stacks": Broken(
            {**REACHABLE, "AWS_ENDPOINT_URL": f"{{aws}}/{count}"}, ("not AWS", "AWS_ENDPOINT_URL")
        )
        for count in (0, 2)
    },
    "a stack with an output that has no value": Broken(
        {**REACHABLE, "AWS_ENDPOINT_URL": "{aws}/no-value"}, ("has no output JobTableName", "--stack-name")
    ),
}


class FakeAws(ThreadingHTTPServer):
    """Answers DescribeStacks, and refuses everything else."""

    broken: Broken


class _Handler(BaseHTTPRequestHandler):
    server: FakeAws

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        broken = self.server.broken
        if self.path.startswith("/html"):
            self._reply(404, "<html>\x1b[2JNot\nhere</html>")
        elif self.path.startswith("/sign-in"):
            self._reply(200, "<html><body>sign in</body></html>")
        elif self.path.startswith("/empty"):
            self._reply(200, "{}")
        elif "Action=ListStackResources" in body and not broken.refused:
            self._reply(
                200,
                "<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>"
                "</StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>",
            )
        elif "Action=DescribeStacks" in body:
            self._describe_stacks(broken)
        elif "Action=" in body:
            self._reply(403, _xml_error(broken.refused))
        else:
            error = {"__type": broken.refused, "message": "\x1b[2Jyou may not\ndo this"}
            self._reply(400, json.dumps(error))

    def do_GET(self) -> None:
        self._reply(403, "<Error><Code>AccessDenied</Code><Message>you may not</Message></Error>")

    def _describe_stacks(self, broken: Broken) -> None:
        if "_" not in broken.stack:
            self._reply(400 if broken.stack == "ValidationError" else 403, _xml_error(broken.stack))
            return
        outputs = "".join(
            f"<member><OutputKey>{name}</OutputKey><OutputValue>{OUTPUT_VALUES.get(name, name.lower())}"
            "</OutputValue></member>"
            for name in broken.outputs
        )
        if self.path == "/no-value":
            outputs = "<member><OutputKey>JobTableName</OutputKey></member>"
        stack = (
            f"<member><StackName>a</StackName><StackStatus>{broken.stack}</StackStatus>"
            f"<Outputs>{outputs}</Outputs></member>"
        )
        stacks = stack * {"/0": 0, "/2": 2}.get(self.path, 1)
        self._reply(
            200,
            f"<DescribeStacksResponse><DescribeStacksResult><Stacks>{stacks}</Stacks>"
            "</DescribeStacksResult></DescribeStacksResponse>",
        )

    def _reply(self, status: int, body: str) -> None:
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


def _xml_error(code: str) -> str:
    message = escape("the service\nsays \x9b no")
    return f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"


@pytest.fixture(scope="module")
def aws() -> Iterator[FakeAws]:
    with FakeAws(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Removes the settings of the person who runs the tests, and makes failing calls fail at once."""
    for name in [name for name in os.environ if name.startswith("AWS_") or "proxy" in name.lower()]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


def settings_of(broken: Broken, folder: Path, server: FakeAws) -> dict[str, str]:
    """Writes the environment's files and returns its variables."""
    for name, text in broken.files.items():
        (folder / name).write_text(text)
    address = f"127.0.0.1:{server.server_port}"
    values = {"folder": folder, "aws": f"http://{address}", "tls": f"https://{address}"}
    return {name: value.format(**values) for name, value in broken.settings.items()}


@pytest.mark.parametrize(
    ("name", "command"),
    [
        pytest.param(name, command, id=f"{command[0]}: {name}")
        for name, broken in ENVIRONMENTS.items()
        for command in AWS_COMMANDS
        if command[0] in broken.commands
    ],
)
def test_a_broken_environment_is_reported_in_one_line_that_says_what_to_do(
    name: str, command: tuple[str, ...], aws: FakeAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.broken = broken = ENVIRONMENTS[name]
    monkeypatch.setattr("people_pathing.cli.aws._has_terminal", lambda: False)
    monkeypatch.setattr("sys.stdin", io.StringIO())

    (tmp_path / "zones.json").write_text('{"version": 1}')
    words = [word.format(folder=tmp_path) for word in command]

    completed = run_here(*words, environment=settings_of(broken, tmp_path, aws))

    assert completed.returncode == 1
    [line] = completed.stderr.splitlines()
    assert line.startswith("error: ")
    assert all(part.format(folder=tmp_path) in line for part in broken.says), line
    assert "\x1b" not in line
    assert "\x9b" not in line


def test_every_command_that_calls_aws_is_in_the_table() -> None:
    commands = {
        name
        for name in COMMANDS.names()
        if "aws_session(" in Path(str(COMMANDS.load(name).__file__)).read_text(encoding="utf-8")
    }

    # `doctor` reports a broken environment as what it found; see tests/unit/cli/doctor.
    assert commands - {"doctor"} == {command[0] for command in AWS_COMMANDS}


def test_an_mfa_code_without_a_terminal_is_refused_without_a_prompt(aws: FakeAws, tmp_path: Path) -> None:
    broken = ENVIRONMENTS["a profile that needs an MFA code"]

    completed = people_pathing("jobs", environment=settings_of(broken, tmp_path, aws), has_terminal=False)

    assert completed.returncode == 1
    assert completed.stderr.startswith("error: your AWS profile asks for an MFA code")
    assert completed.stderr.count("\n") == 1


# ---- errors of the machine, in every command


SYSTEM_ERRORS: dict[str, tuple[Callable[[], Exception], str]] = {
    "the disk is full": (
        lambda: OSError(errno.ENOSPC, "No space left on device", "out\n\x1b[2J"),
        "error: out\\n\\x1b[2J: No space left on device; free some space, or choose another disk\n",
    ),
    "a file may not be read": (
        lambda: PermissionError(errno.EACCES, "Permission denied", "model.onnx"),
        "error: model.onnx: Permission denied\n",
    ),
    "too many files are open": (
        lambda: OSError(errno.EMFILE, "Too many open files"),
        "error: Too many open files; raise the limit of open files (`ulimit -n`)\n",
    ),
    "the memory is used up": (
        MemoryError,
        "error: there is not enough memory; close other programs, or use a machine with more\n",
    ),
    "the reader has ended": (BrokenPipeError, ""),
}


@pytest.mark.parametrize("command", COMMANDS.names())
@pytest.mark.parametrize("name", SYSTEM_ERRORS)
def test_an_error_of_the_machine_is_reported_in_one_line(
    name: str,
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    create_error, line = SYSTEM_ERRORS[name]

    def fail(_: argparse.Namespace) -> int:
        raise create_error()

    monkeypatch.setattr(COMMANDS.load(command), "run", fail)
    example = COMMANDS.load(command).EXAMPLE.splitlines()[0]

    assert main(example_words(example, tmp_path)) == 1
    assert capsys.readouterr().err == line


@pytest.mark.parametrize("defect", [KeyError("ArtifactBucketName"), TypeError(), ValueError("no number")])
def test_an_error_in_our_own_code_is_a_defect_and_keeps_its_traceback(
    defect: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    import boto3  # noqa: F401 - the boundary recognises errors of the SDK only if it has been imported

    def fail(_: argparse.Namespace) -> Any:
        raise defect

    monkeypatch.setattr(COMMANDS.load("jobs"), "run", fail)

    with pytest.raises(type(defect)):
        main(["jobs"])
    assert environment_problem(defect) is None
