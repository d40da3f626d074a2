"""Reads the reports of tests again, for the tables that some test folders print at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

VERDICTS = {"passed": "ok", "failed": "FAILED", "error": "FAILED", "skipped": "skipped"}


@dataclass(frozen=True)
class ReportedCase:
    """The report of one test.

    Attributes:
        properties: What the test and its conftest stored in `user_properties`.
        verdict: "ok", "FAILED" or "skipped".
        duration_s: The time that the test took, without its fixtures.
        reason: Why the test failed or was skipped, otherwise empty.
    """

    properties: Mapping[str, str]
    verdict: str
    duration_s: float
    reason: str


def reported_cases(terminal: pytest.TerminalReporter, with_property: str) -> list[ReportedCase]:
    """Returns the tests that stored a property, in the order in which they ran."""
    reports = [
        (report, verdict)
        for category, verdict in VERDICTS.items()
        for report in terminal.getreports(category)
        if isinstance(report, pytest.TestReport) and with_property in dict(report.user_properties)
    ]
    reports.sort(key=lambda entry: entry[0].start)
    return [
        ReportedCase(
            properties={name: str(value) for name, value in report.user_properties},
            verdict=verdict,
            duration_s=report.duration,
            reason=_reason(report),
        )
        for report, verdict in reports
    ]


def _reason(report: pytest.TestReport) -> str:
    """Returns the message of the exception that ended a test."""
    if report.longrepr is None:
        return ""
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message if crash else report.longrepr)
