"""The table of clients and behaviours that the client tests print at the end.

Each client test has the parameter `client_name` and the marker `clients`. The marker's argument is the test's
row in the table. It may contain the names of other parameters of the test: {step}.
"""

from __future__ import annotations

import pytest

from tests.clients.client import load_client
from tests.reported_cases import ReportedCase, reported_cases

COLUMN_WIDTH = 22


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Store the row and the column where the table finds them, even if the test never runs."""
    for item in items:
        marker = item.get_closest_marker("clients")
        if marker is not None:
            parameters = item.callspec.params  # type: ignore[attr-defined]
            item.user_properties += [
                ("behaviour", marker.args[0].format(**parameters)),
                ("client", load_client(parameters["client_name"]).title),
            ]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print one row for each behaviour and one column for each client."""
    cases = reported_cases(terminalreporter, with_property="behaviour")
    if not cases:
        return
    terminalreporter.section("clients")
    cells = {(case.properties["behaviour"], case.properties["client"]): _cell(case) for case in cases}
    behaviours = list(dict.fromkeys(behaviour for behaviour, _ in cells))
    clients = sorted({client for _, client in cells})
    width = max(map(len, behaviours))
    terminalreporter.write_line(" " * width + _columns(clients))
    for behaviour in behaviours:
        row = [cells.get((behaviour, client), "-") for client in clients]
        terminalreporter.write_line(f"{behaviour:{width}}{_columns(row)}")


def _columns(texts: list[str]) -> str:
    return "".join(f"  {text[:COLUMN_WIDTH]:>{COLUMN_WIDTH}}" for text in texts)


def _cell(case: ReportedCase) -> str:
    return case.reason if case.verdict == "skipped" else case.verdict
