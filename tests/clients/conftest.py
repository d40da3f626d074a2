"""The table of clients and behaviours that the client tests print at the end.

Each test in the table has the parameter `client` and the marker `clients`, whose argument is the row of the
test. It may contain the names of other parameters of the test: {step}. Where the retired service behaved in
another way, the marker's `differs` names the row of compatibility.toml that says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import pytest

from devstack.stack import LocalStack
from tests.clients.client import CLIENTS
from tests.clients.compatibility import compatibility_rows
from tests.clients.published.old_role import OTHER_ROLE_ARNS
from tests.clients.scenario_stack import ScenarioStack
from tests.reported_cases import ReportedCase, reported_cases

COLUMN_WIDTH = 9
# Two jobs of each client may run at the same time.
PARAMETERS = {
    "Detector": "hog",
    "FaceModel": "centerface",
    "MaxConcurrentJobs": "40",
    "OtherNotificationRoleArns": ",".join(OTHER_ROLE_ARNS),
}


DIFFERENCES = {row.id: row.behaviour for row in compatibility_rows() if row.verdict == "differs"}


@pytest.fixture(scope="session")
def scenario_stack() -> Iterator[ScenarioStack]:
    """One stack for the tests of all clients."""
    with LocalStack(parameters=PARAMETERS) as stack:
        yield ScenarioStack(stack)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Store the row and the column where the table finds them, even if the test never runs."""
    for item in items:
        marker = item.get_closest_marker("clients")
        if marker is not None and marker.args:
            parameters = item.callspec.params  # type: ignore[attr-defined]
            row = marker.kwargs.get("differs", "")
            if row and row not in DIFFERENCES:
                raise pytest.UsageError(f"{item.name}: no row {row!r} with the verdict 'differs'")
            item.user_properties += [
                ("behaviour", marker.args[0].format(**parameters)),
                ("client", str(parameters["client"])),
                ("differs", row),
            ]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print one row for each behaviour and one column for each client."""
    cases = reported_cases(terminalreporter, with_property="behaviour")
    if not cases:
        return
    terminalreporter.section("clients")
    cells = {(case.properties["behaviour"], case.properties["client"]): _cell(case) for case in cases}
    behaviours = list(dict.fromkeys(behaviour for behaviour, _ in cells))
    clients = [client for client in CLIENTS if str(client) in {name for _, name in cells}]
    width = max(map(len, behaviours))
    terminalreporter.write_line(" " * width + _columns([client.driver.TITLE for client in clients]))
    terminalreporter.write_line(" " * width + _columns([client.shown_version() for client in clients]))
    for behaviour in behaviours:
        row = [cells.get((behaviour, str(client)), "-") for client in clients]
        terminalreporter.write_line(f"{behaviour:{width}}{_columns(row)}")
    for line in [*_differences(cases), *_reasons(cases)]:
        terminalreporter.write_line(line)


def _columns(texts: list[str]) -> str:
    return "".join(f" {text[:COLUMN_WIDTH]:>{COLUMN_WIDTH}}" for text in texts)


def _cell(case: ReportedCase) -> str:
    return "differs" if case.verdict == "ok" and case.properties["differs"] else case.verdict


def _differences(cases: list[ReportedCase]) -> list[str]:
    """Returns the rows of compatibility.toml that explain the cells with "differs"."""
    found = {
        (case.properties["behaviour"], case.properties["differs"])
        for case in cases
        if _cell(case) == "differs"
    }
    return [f"differs: {behaviour}: row {row!r} ({DIFFERENCES[row]})" for behaviour, row in sorted(found)]


def _reasons(cases: list[ReportedCase]) -> list[str]:
    """Returns why clients were skipped."""
    skipped = sorted((case.properties["client"], case.reason) for case in cases if case.verdict == "skipped")
    return [f"skipped: {client}: {reason}" for (client, reason), _ in groupby(skipped)]
