"""Runs one of the image's functions in a process of its own, through the image's entry point."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from devstack.image_check.cloud import REGION
from devstack.lambda_runtime.execution_environment import ExecutionEnvironment
from devstack.lambda_runtime.function import Function, Invocation

ENTRY_POINT = Path("/lambda-entrypoint.sh")
TASK_ROOT = Path("/var/task")
TIMEOUT_S = 300

# Lambda sets these for every function, or the image's environment does.
_OF_THE_IMAGE = ("LD_LIBRARY_PATH", "LAMBDA_RUNTIME_DIR", "MODEL_CACHE_DIR", "MPLCONFIGDIR", "TZ", "LANG")


class StepFailedError(Exception):
    """A step did not do what it should. The message is for the person who ran the check."""


def function(name: str, handler: str, endpoint: str, settings: Mapping[str, str]) -> Function:
    """Describes one of the image's functions as Lambda would run it.

    Args:
        name: the function's name.
        handler: the dotted name of the handler.
        endpoint: the address that the function's calls go to.
        settings: the function's environment variables.
    """
    return Function(
        name=name,
        arn=f"arn:aws:lambda:{REGION}:123456789012:function:check",
        handler=handler,
        task_root=TASK_ROOT,
        command=(str(ENTRY_POINT),),
        environment={
            **{name: os.environ[name] for name in _OF_THE_IMAGE if name in os.environ},
            "PYTHONPATH": "/var/runtime",
            # Lambda's user has no home. What writes there fails here, too.
            "HOME": "/home/sbx_user1051",
            "TMPDIR": "/tmp",  # noqa: S108 - the only folder that a function may write to
            "AWS_ACCESS_KEY_ID": "image-check",
            "AWS_SECRET_ACCESS_KEY": "image-check",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_MAX_ATTEMPTS": "1",
            **settings,
        },
        timeout_s=TIMEOUT_S,
    )


def run_step(step: Function, event: object) -> Any:
    """Runs a function once, in a new process.

    Returns:
        What the handler returned.

    Raises:
        StepFailedError: the function failed, or logged a warning.
    """
    environment = ExecutionEnvironment(step, os.environ)
    try:
        invocation = environment.invoke(json.dumps(event).encode())
    finally:
        environment.close()
    reply = json.loads(invocation.payload or b"null")
    if invocation.error:
        reason = f"{reply['errorType']}: {reply['errorMessage']}" if isinstance(reply, dict) else str(reply)
        raise StepFailedError(f"{step.name} failed: {reason}\n{invocation.log.rstrip()}")
    if warnings := list(logged_warnings(invocation)):
        raise StepFailedError(f"{step.name} logged a warning: {'; '.join(warnings)}")
    print(f"{step.name}: ok in {invocation.duration_ms / 1000:.1f} s", flush=True)
    return reply


def logged_warnings(invocation: Invocation) -> Iterator[str]:
    """Yields the messages of the log lines that are worse than information."""
    for line in invocation.log.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and entry.get("level") in {"WARNING", "ERROR", "CRITICAL"}:
            yield str(entry.get("message"))
