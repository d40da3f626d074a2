"""Drives the AWS SDK for Go v2, as Debian packages it."""

from __future__ import annotations

from collections.abc import Sequence

from tests.clients.installation import PROGRAMS, go_program, go_sdk_version
from tests.clients.program_client import MEMBERS_SINCE_2023, ProgramClient


class Driver(ProgramClient):
    """The module service/rekognition, with its paginator."""

    TITLE = "Go v2"
    VERSIONS = ("Debian",)

    @staticmethod
    def command(version: str) -> Sequence[str]:
        return (str(go_program(PROGRAMS / "go_v2.go")),)

    @staticmethod
    def installed_version(version: str) -> str:
        return go_sdk_version() or version

    @staticmethod
    def unknown_members(version: str) -> frozenset[str]:
        return MEMBERS_SINCE_2023
