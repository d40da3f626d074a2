"""Drives the AWS CLI."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from itertools import cycle
from pathlib import Path
from typing import Any, Self

from tests.clients.client import Outcome, Parameters

AWS_DATA = Path(__file__).parents[3] / "aws-data"
COMMAND = Path(sys.executable).with_name("aws")
ERROR = re.compile(r"An error occurred \((\w+)\) when calling the (\w+) operation[^:]*: (.*)", re.DOTALL)
TIMEOUT_S = 60


class Driver:
    """AWS CLI v1, with the file in aws-data/ that makes it sign for Lambda.

    The CLI accepts parameters in several forms. Each call uses the next of them.
    """

    title = "AWS CLI v1"
    short_name = "cli"

    def __init__(self, endpoint_url: str, environment: Mapping[str, str]) -> None:
        self._endpoint_url = endpoint_url
        self._environment = {**environment, "AWS_DATA_PATH": str(AWS_DATA), "AWS_MAX_ATTEMPTS": "1"}
        self._forms = cycle((_as_json_options, _as_shorthand_options, _as_input_json))

    @staticmethod
    def missing_reason() -> str | None:
        return None if COMMAND.exists() else f"{COMMAND} is missing"

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
        """Runs the command of an operation with options in the CLI's own form."""
        command = [str(COMMAND), "rekognition", _dashed(operation), *options]
        return subprocess.run(
            [*command, "--endpoint-url", self._endpoint_url, "--output", "json"],
            env={**os.environ, **self._environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_S,
        )

    def _call(self, operation: str, parameters: Parameters) -> Outcome:
        done = self.run(operation, *next(self._forms)(parameters))
        if done.returncode == 0:
            return Outcome([json.loads(done.stdout)])
        error = ERROR.search(done.stderr)
        if error is None:
            return Outcome((), "(none)", done.stderr)
        return Outcome((), error[1], error[3])


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
    """Returns a name as the CLI writes it: job-id for JobId. Acronyms such as SNSTopicArn do not occur."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()
