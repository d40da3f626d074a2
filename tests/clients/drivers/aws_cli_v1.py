"""Drives the AWS CLI v1."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.clients.command_line import CommandLine
from tests.clients.installation import InstallationError, locked_version


class Driver(CommandLine):
    """`aws` of the environment for tests, after `people-pathing connect`."""

    TITLE = "CLI v1"
    VERSIONS = (locked_version("requirements/dev.txt", "awscli"),)

    @staticmethod
    def find_command() -> str:
        command = Path(sys.executable).with_name("aws")
        if not command.exists():
            raise InstallationError(f"{command} is missing; `make .venv/ready` installs it")
        return str(command)
