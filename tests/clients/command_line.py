"""Drives the AWS CLI in either of its versions."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any, Self

from devstack.clients import environment_without_aws, write_data_files
from tests.clients.client import Outcome, Parameters, all_pages
from tests.clients.installation import reason_of_failure

ERROR = re.compile(
    r"An error occurred \((\w+)\) when calling the \w+ operation(?: \(.*?\))?: (.*)", re.DOTALL
)
TIMEOUT_S = 60


class CommandLine:
    """An AWS CLI, with the data files that `people-pathing connect` writes. Subclasses say which one.

    The CLI accepts parameters in several forms. Each call uses the next of them.
    """

    # The CLI prints the code and the message only.
    ERROR_MEMBERS = False

    def __init__(self, version: str, endpoint_url: str, environment: Mapping[str, str]) -> None:
        self.command = self.find_command()
        self._folder = TemporaryDirectory()
        write_data_files(Path(self._folder.name), endpoint_url)
        self._environment = {
            **environment_without_aws(),
            # An endpoint for all services would replace that of the data files.
            **{name: value for name, value in environment.items() if name != "AWS_ENDPOINT_URL"},
            "AWS_DATA_PATH": self._folder.name,
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_PAGER": "",
        }
        self._forms = cycle((as_json_options, as_shorthand_options, as_input_json))
        self._choosing = Lock()

    @staticmethod
    def find_command() -> str:
        """Returns the executable.

        Raises:
            InstallationError: This machine lacks it.
        """
        raise NotImplementedError

    @classmethod
    def missing_reason(cls, version: str) -> str | None:
        """Returns why the CLI cannot run on this machine, or None if it can."""
        return reason_of_failure(cls.find_command)

    @staticmethod
    def installed_version(version: str) -> str:
        return version

    @staticmethod
    def unknown_members(version: str) -> frozenset[str]:
        return frozenset()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._folder.cleanup()

    def call(self, operation: str, parameters: Parameters, *, paged: bool = False) -> Outcome:
        return all_pages(self._call, operation, parameters) if paged else self._call(operation, parameters)

    def run(
        self, operation: str, *options: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Runs the command of an operation.

        Args:
            operation: The name in the API.
            options: The options in the CLI's own form.
            environment: Further environment variables.
        """
        return subprocess.run(
            [self.command, "rekognition", dashed(operation), *options],
            env={**self._environment, **(environment or {})},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=TIMEOUT_S,
        )

    def _call(self, operation: str, parameters: Parameters) -> Outcome:
        with self._choosing:
            as_options = next(self._forms)
        done = self.run(operation, *as_options(parameters), "--output", "json")
        if done.returncode == 0:
            return Outcome([json.loads(done.stdout)])
        error = ERROR.search(done.stderr)
        if error is None:
            return Outcome((), "(none)", done.stderr)
        return Outcome((), error[1], error[2])


def as_json_options(parameters: Parameters) -> list[str]:
    """Returns one option for each member, with its value as JSON."""
    return [
        word
        for name, value in parameters.items()
        for word in (f"--{dashed(name)}", value if isinstance(value, str) else json.dumps(value))
    ]


def as_shorthand_options(parameters: Parameters) -> list[str]:
    """Returns one option for each member, with its value in the CLI's shorthand."""
    return [
        word
        for name, value in parameters.items()
        for word in (
            f"--{dashed(name)}",
            shorthand(value) if isinstance(value, dict) and value else as_json_options({name: value})[1],
        )
    ]


def as_input_json(parameters: Parameters) -> list[str]:
    """Returns one option for all members."""
    return ["--cli-input-json", json.dumps(parameters)]


def shorthand(value: Mapping[str, Any]) -> str:
    """Returns a structure in the CLI's shorthand."""
    return ",".join(
        f"{name}={{{shorthand(member)}}}" if isinstance(member, dict) else f'{name}="{member}"'
        for name, member in value.items()
    )


def dashed(name: str) -> str:
    """Returns a name as the CLI writes it: job-id for JobId. Acronyms such as SNSTopicArn do not occur."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()
