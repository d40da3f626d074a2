"""Three clients that existing code uses, each driven through the same two calls."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any, Protocol, Self

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

HERE = Path(__file__).parent
AWS_DATA = HERE.parents[1] / "aws-data"
CLI_ERROR = re.compile(r"An error occurred \((\w+)\) when calling the (\w+) operation[^:]*: (.*)", re.DOTALL)

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What a call came to: replies, or the name of the client's own exception for it."""

    replies: Sequence[Mapping[str, Any]] = ()
    error: str | None = None
    message: str = ""


class Client(Protocol):
    """A client that talks to one endpoint; `token` names it in client tokens."""

    title: str
    token: str

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...

    def call(self, operation: str, parameters: Parameters, *, paged: bool = False) -> Outcome:
        """One call; `paged` reads on to the last page."""


class Boto3:
    """boto3, told to sign for Lambda by the one-line hook."""

    title = "boto3"
    token = "boto3"

    def __init__(self, endpoint_url: str, environment: Mapping[str, str]) -> None:
        session = boto3.Session(
            environment["AWS_ACCESS_KEY_ID"],
            environment["AWS_SECRET_ACCESS_KEY"],
            region_name=environment["AWS_REGION"],
        )
        self._client: Any = session.client(
            "rekognition", endpoint_url=endpoint_url, config=Config(retries={"total_max_attempts": 1})
        )
        self._client.meta.events.register("before-sign.rekognition", _sign_for_lambda)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._client.close()

    def call(self, operation: str, parameters: Parameters, *, paged: bool = False) -> Outcome:
        method = {
            "StartPersonTracking": self._client.start_person_tracking,
            "GetPersonTracking": self._client.get_person_tracking,
        }[operation]
        try:
            reply = method(**parameters)
            replies = [reply]
            while paged and "NextToken" in reply:
                reply = method(**parameters, NextToken=reply["NextToken"])
                replies.append(reply)
        except ClientError as error:
            return Outcome((), type(error).__name__, str(error))
        return Outcome(
            [{name: reply[name] for name in reply if name != "ResponseMetadata"} for reply in replies]
        )


class AwsCli:
    """AWS CLI v1, told to sign for Lambda by the file in aws-data/; its ways to spell a call take turns."""

    title = "AWS CLI v1"
    token = "cli"

    def __init__(self, endpoint_url: str, environment: Mapping[str, str]) -> None:
        self._cli = [str(Path(sys.executable).with_name("aws")), "rekognition"]
        self._endpoint_url = endpoint_url
        self._environment = {**environment, "AWS_DATA_PATH": str(AWS_DATA), "AWS_MAX_ATTEMPTS": "1"}
        self._spellings = cycle((_as_json_options, _as_shorthand_options, _as_input_json))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def call(self, operation: str, parameters: Parameters, *, paged: bool = False) -> Outcome:
        outcome = self._call(operation, parameters)
        while paged and not outcome.error and "NextToken" in outcome.replies[-1]:
            page = self._call(operation, {**parameters, "NextToken": outcome.replies[-1]["NextToken"]})
            outcome = Outcome([*outcome.replies, *page.replies], page.error, page.message)
        return outcome

    def run(self, operation: str, *options: str) -> subprocess.CompletedProcess[str]:
        command = [*self._cli, _dashed(operation), *options, "--endpoint-url", self._endpoint_url]
        return subprocess.run(
            [*command, "--output", "json"],
            env={**os.environ, **self._environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def _call(self, operation: str, parameters: Parameters) -> Outcome:
        done = self.run(operation, *next(self._spellings)(parameters))
        if done.returncode == 0:
            return Outcome([json.loads(done.stdout)])
        refusal = CLI_ERROR.search(done.stderr)
        if refusal is None:
            return Outcome((), "(none)", done.stderr)
        return Outcome((), refusal[1], refusal[3])


class JavaScript:
    """@aws-sdk/client-rekognition under Node.js, with its paginator."""

    title = "AWS SDK for JavaScript"
    token = "js"

    def __init__(self, endpoint_url: str, environment: Mapping[str, str]) -> None:
        self._environment = {**environment, "AWS_ENDPOINT_URL_REKOGNITION": endpoint_url}

    def __enter__(self) -> Self:
        self._node = subprocess.Popen(
            ["node", str(HERE / "client.mjs")],
            env={**os.environ, **self._environment, "NODE_NO_WARNINGS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *exception: object) -> None:
        assert self._node.stdin
        assert self._node.stdout
        self._node.stdin.close()
        self._node.stdout.close()
        self._node.wait()

    def call(self, operation: str, parameters: Parameters, *, paged: bool = False) -> Outcome:
        assert self._node.stdin
        assert self._node.stdout
        call = {"operation": operation, "parameters": parameters, "paged": paged}
        self._node.stdin.write(json.dumps(call) + "\n")
        self._node.stdin.flush()
        outcome = json.loads(self._node.stdout.readline())
        return Outcome(outcome.get("replies", ()), outcome.get("error"), outcome.get("message", ""))


CLIENTS: tuple[type[Boto3] | type[AwsCli] | type[JavaScript], ...] = (Boto3, AwsCli, JavaScript)


def install_javascript() -> str | None:
    """Install the JavaScript client from its lock file; what is missing if that cannot be done."""
    if not (shutil.which("npm") and shutil.which("node")):
        return "npm is missing"
    if (HERE / "node_modules" / ".package-lock.json").exists():
        return None
    done = subprocess.run(
        ["npm", "ci", "--no-audit", "--no-fund", "--silent"],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )
    return None if done.returncode == 0 else f"npm ci failed: {done.stderr.strip()[-200:]}"


def _sign_for_lambda(request: Any, **_: object) -> None:
    request.context.setdefault("signing", {})["signing_name"] = "lambda"


def _as_json_options(parameters: Parameters) -> list[str]:
    return [
        word
        for name, value in parameters.items()
        for word in (f"--{_dashed(name)}", value if isinstance(value, str) else json.dumps(value))
    ]


def _as_shorthand_options(parameters: Parameters) -> list[str]:
    return [
        word
        for name, value in parameters.items()
        for word in (
            f"--{_dashed(name)}",
            _shorthand(value) if isinstance(value, dict) and value else _as_json_options({name: value})[1],
        )
    ]


def _as_input_json(parameters: Parameters) -> list[str]:
    return ["--cli-input-json", json.dumps(parameters)]


def _shorthand(value: Mapping[str, Any]) -> str:
    return ",".join(
        f"{name}={{{_shorthand(member)}}}" if isinstance(member, dict) else f'{name}="{member}"'
        for name, member in value.items()
    )


def _dashed(name: str) -> str:
    """As the AWS CLI spells names: SNSTopicArn is not needed, JobId is job-id."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()
