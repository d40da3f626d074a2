"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, and what to do about it.

    Attributes:
        outcome: how the check ended.
        message: what was found, without a full stop.
        advice: what to do; empty if there is nothing to do.
    """

    outcome: Outcome
    message: str
    advice: str = ""


def ok(message: str) -> Finding:
    """Returns the finding that all is well."""
    return Finding(Outcome.OK, message)


def warning(message: str, advice: str) -> Finding:
    """Returns the finding that something may become a problem."""
    return Finding(Outcome.WARNING, message, advice)


def failed(message: str, advice: str) -> Finding:
    """Returns the finding that something does not work."""
    return Finding(Outcome.FAILED, message, advice)


def not_checked(reason: str, advice: str = "") -> Finding:
    """Returns the finding that the check could not be done."""
    return Finding(Outcome.NOT_CHECKED, reason, advice)


@dataclass(frozen=True, slots=True)
class Line:
    """What a check found, with the check's name."""

    name: str
    finding: Finding
