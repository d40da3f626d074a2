"""Drives boto3: the first version that reads the endpoint variables, the locked one, and the newest."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from tests.clients.installation import PROGRAMS, locked_version, python_environment
from tests.clients.program_client import ProgramClient

_OLDEST = locked_version("requirements/clients-boto3-oldest.txt", "boto3")
_LOCKED = locked_version("requirements/dev.txt", "boto3")
_NEWEST = locked_version("requirements/clients-boto3-newest.txt", "boto3")


class Driver(ProgramClient):
    """boto3, with the hook that makes it sign for Lambda (docs/clients.md)."""

    # The model of the errors in botocore has no members.
    ERROR_MEMBERS = False
    TITLE = "boto3"
    VERSIONS = tuple(dict.fromkeys((_OLDEST, _LOCKED, _NEWEST)))

    @staticmethod
    def command(version: str) -> Sequence[str]:
        if version == _LOCKED:
            python = sys.executable
        else:
            python = str(python_environment("boto3-oldest" if version == _OLDEST else "boto3-newest"))
        return python, str(PROGRAMS / "boto3_program.py")
