"""Drives a client that is a program in another environment or another language.

The program reads one call from each line of its standard input, and writes one outcome to standard output:

    {"operation": "GetPersonTracking", "parameters": {...}, "paged": whether to read all pages}
    {"replies": [...]}
    {"error": class of the exception, "message": its message, "members": {"Code": ..., "Logref": ...}}

Its environment names the endpoint (AWS_ENDPOINT_URL_REKOGNITION), the region and the credentials.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from tempfile import TemporaryFile
from typing import Self

from devstack.clients import environment_without_aws
from tests.clients.client import Outcome, Parameters
from tests.clients.installation import reason_of_failure

EXIT_TIMEOUT_S = 30
MEMBERS_SINCE_2023 = frozenset({"JobId", "JobTag", "Video"})
"""Members that AWS added to the output of GetPersonTracking in 2023. Older SDKs do not show them."""


class ProgramClient:
    """A running program that calls the service. Subclasses say how it is installed."""

    ERROR_MEMBERS = True

    def __init__(self, version: str, endpoint_url: str, environment: Mapping[str, str]) -> None:
        self._command = self.command(version)
        self._environment = {
            **environment,
            "AWS_ENDPOINT_URL_REKOGNITION": endpoint_url,
            # Both SDKs warn on stderr that they are old.
            "NODE_NO_WARNINGS": "1",
            "AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE": "1",
        }

    @staticmethod
    def command(version: str) -> Sequence[str]:
        """Installs the program and returns the command that starts it.

        Raises:
            InstallationError: It cannot be installed on this machine.
        """
        raise NotImplementedError

    @classmethod
    def missing_reason(cls, version: str) -> str | None:
        """Returns why the program cannot be installed, or None if it is."""
        return reason_of_failure(lambda: cls.command(version))

    @staticmethod
    def installed_version(version: str) -> str:
        return version

    @staticmethod
    def unknown_members(version: str) -> frozenset[str]:
        return frozenset()

    def __enter__(self) -> Self:
        self._stderr = TemporaryFile("w+", encoding="utf-8")
        self._process = subprocess.Popen(
            self._command,
            env={**environment_without_aws(), **self._environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
            encoding="utf-8",
        )
        return self

    def __exit__(self, *exception: object) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(EXIT_TIMEOUT_S)
        self._stderr.close()

    def call(self, operation: str, parameters: Parameters, *, paged: bool = False) -> Outcome:
        assert self._process.stdin
        assert self._process.stdout
        call = {"operation": operation, "parameters": parameters, "paged": paged}
        self._process.stdin.write(json.dumps(call) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            self._stderr.seek(0)
            raise RuntimeError(f"{self._command[0]} ended: {self._stderr.read()[-2000:]}")
        outcome = json.loads(line)
        return Outcome(
            outcome.get("replies", ()),
            outcome.get("error"),
            outcome.get("message") or "",
            outcome.get("members", {}),
        )
