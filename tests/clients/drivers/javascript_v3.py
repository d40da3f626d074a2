"""Drives the AWS SDK for JavaScript v3: its first version and the newest."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tests.clients.installation import PROGRAMS, npm_folder
from tests.clients.program_client import MEMBERS_SINCE_2023, ProgramClient


def _version(folder: str) -> str:
    package = json.loads((PROGRAMS / "npm" / folder / "package.json").read_text("utf-8"))
    version: str = package["dependencies"]["@aws-sdk/client-rekognition"]
    return version


_FOLDERS = {_version(folder): folder for folder in ("v3-oldest", "v3-newest")}


class Driver(ProgramClient):
    """@aws-sdk/client-rekognition under Node.js, with its paginator."""

    TITLE = "JS v3"
    VERSIONS = tuple(_FOLDERS)

    @staticmethod
    def command(version: str) -> Sequence[str]:
        return "node", str(PROGRAMS / "javascript_v3.mjs"), str(npm_folder(_FOLDERS[version]))

    @staticmethod
    def unknown_members(version: str) -> frozenset[str]:
        return MEMBERS_SINCE_2023 if _FOLDERS[version] == "v3-oldest" else frozenset()
