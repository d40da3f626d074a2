"""Drives the AWS CLI v2 of the machine."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path

from tests.clients.command_line import CommandLine
from tests.clients.installation import InstallationError

TIMEOUT_S = 60


class Driver(CommandLine):
    """`aws` of the machine, for example Debian's, after `people-pathing connect`."""

    TITLE = "CLI v2"
    VERSIONS = ("2",)

    @staticmethod
    def find_command() -> str:
        return _installed()[0]

    @staticmethod
    def installed_version(version: str) -> str:
        try:
            return _installed()[1]
        except InstallationError:
            return version


@cache
def _installed() -> tuple[str, str]:
    """Returns the first AWS CLI v2 on the PATH, and its version."""
    for folder in [*os.environ.get("PATH", "").split(os.pathsep), "/usr/bin"]:
        command = Path(folder) / "aws"
        if not os.access(command, os.X_OK):
            continue
        done = subprocess.run(
            [str(command), "--version"], capture_output=True, text=True, check=False, timeout=TIMEOUT_S
        )
        version = done.stdout.partition("aws-cli/")[2].partition(" ")[0]
        if version.startswith("2."):
            return str(command), version
    raise InstallationError("AWS CLI v2 missing: apt-get install awscli")
