"""Drives aioboto3, which is boto3 for asyncio."""

from __future__ import annotations

from collections.abc import Sequence

from tests.clients.installation import PROGRAMS, locked_version, python_environment
from tests.clients.program_client import ProgramClient


class Driver(ProgramClient):
    """aioboto3, with the same hook as boto3."""

    ERROR_MEMBERS = False
    TITLE = "aioboto3"
    VERSIONS = (locked_version("requirements/clients-aioboto3.txt", "aioboto3"),)

    @staticmethod
    def command(version: str) -> Sequence[str]:
        return str(python_environment("aioboto3")), str(PROGRAMS / "aioboto3_program.py")
