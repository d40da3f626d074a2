"""Drives the AWS SDK for JavaScript."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Self

from tests.clients.client import Outcome, Parameters

FOLDER = Path(__file__).parents[1]
INSTALL_TIMEOUT_S = 300
EXIT_TIMEOUT_S = 30


class Driver:
    """@aws-sdk/client-rekognition under Node.js, with its paginator. client.mjs makes the calls."""

    title = "AWS SDK for JavaScript"
    short_name = "js"

    def __init__(self, endpoint_url: str, environment: Mapping[str, str]) -> None:
        self._environment = {**environment, "AWS_ENDPOINT_URL_REKOGNITION": endpoint_url}

    @staticmethod
    @cache
    def missing_reason() -> str | None:
        """Installs the SDK from its lock file, and returns what was missing for that."""
        missing = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
        if missing:
            return f"{' and '.join(missing)} missing"
        if (FOLDER / "node_modules" / ".package-lock.json").exists():
            return None
        done = subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund", "--silent"],
            cwd=FOLDER,
            capture_output=True,
            text=True,
            check=False,
            timeout=INSTALL_TIMEOUT_S,
        )
        return None if done.returncode == 0 else f"npm ci failed: {done.stderr.strip()[-200:]}"

    def __enter__(self) -> Self:
        self._node = subprocess.Popen(
            ["node", str(FOLDER / "client.mjs")],
            env={**os.environ, **self._environment, "NODE_NO_WARNINGS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *exception: object) -> None:
        assert self._node.stdin
        assert self._node.stdout
        self._node.stdin.close()
        self._node.stdout.close()
        self._node.wait(EXIT_TIMEOUT_S)

    def call(self, operation: str, parameters: Parameters, *, paged: bool = False) -> Outcome:
        assert self._node.stdin
        assert self._node.stdout
        call = {"operation": operation, "parameters": parameters, "paged": paged}
        self._node.stdin.write(json.dumps(call) + "\n")
        self._node.stdin.flush()
        outcome = json.loads(self._node.stdout.readline())
        return Outcome(outcome.get("replies", ()), outcome.get("error"), outcome.get("message", ""))
