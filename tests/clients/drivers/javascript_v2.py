"""Drives the AWS SDK for JavaScript v2."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tests.clients.installation import PROGRAMS, npm_folder
from tests.clients.program_client import ProgramClient

_PACKAGE = json.loads((PROGRAMS / "npm/v2/package.json").read_text("utf-8"))


class Driver(ProgramClient):
    """aws-sdk under Node.js, whose last versions no longer change."""

    TITLE = "JS v2"
    VERSIONS = (_PACKAGE["dependencies"]["aws-sdk"],)

    @staticmethod
    def command(version: str) -> Sequence[str]:
        return "node", str(PROGRAMS / "javascript_v2.cjs"), str(npm_folder("v2"))
