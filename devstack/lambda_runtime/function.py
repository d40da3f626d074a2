"""Describes a function, and the outcome of one of its events."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

LATEST = "$LATEST"
"""The version of a function that an update changes. All others stay as they were published."""


@dataclass(frozen=True)
class Function:
    """Describes one function as Lambda knows it.

    Attributes:
        name: the function's name.
        arn: the function's ARN. That of a version ends with the version.
        handler: the dotted name of the handler.
        task_root: the folder with the function's code.
        command: starts the runtime client. The handler is appended.
        search_path: folders that follow `task_root` on PYTHONPATH: the layers and, for zip functions,
            the runtime client.
        environment: the function's environment variables, credentials included.
        timeout_s: the time limit of one event.
        memory_mb: the memory size that reports show. It is not enforced.
        region: the region that the function believes it runs in.
        version: the function's version.
    """

    name: str
    arn: str
    handler: str
    task_root: Path
    command: tuple[str, ...]
    search_path: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout_s: int = 3
    memory_mb: int = 128
    region: str = "us-east-1"
    version: str = LATEST


@dataclass(frozen=True)
class Outcome:
    """Holds what the runtime client posted for one event.

    Attributes:
        payload: the response, or Lambda's JSON description of the error.
        error: lambda's function error ("Unhandled"); None if the handler returned.
    """

    payload: bytes
    error: str | None = None

    @classmethod
    def failure(cls, error_type: str, message: str) -> "Outcome":
        """Describes an error as Lambda does."""
        body = {"errorType": error_type, "errorMessage": message}
        return cls(json.dumps(body).encode(), "Unhandled")


@dataclass(frozen=True)
class Invocation:
    """Holds the result of one event.

    Attributes:
        request_id: the id of the event.
        payload: the response, or Lambda's JSON description of the error.
        error: lambda's function error ("Unhandled"); None if the handler returned.
        log: what the process wrote to standard output and standard error during the event.
        report: lambda's REPORT line.
        duration_ms: the time from the event to its outcome, without initialization.
    """

    request_id: str
    payload: bytes
    error: str | None
    log: str
    report: str
    duration_ms: float
