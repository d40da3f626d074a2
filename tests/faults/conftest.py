"""Fixtures of the fault tests, and the table that they print at the end.

Each fault test has the marker `faults`, whose arguments are two columns of the table:

    @pytest.mark.faults("what the test does; {name} is a parameter of the test", expected="what must happen")

The fixture `report_outcome` stores a third column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from moto import mock_aws

from people_pathing.pipeline.observability import logger
from tests.fakes.pipeline import FakePipeline
from tests.faults.scenario import OBSERVATIONS, ReportOutcome, comparable_files, new_pipeline
from tests.reported_cases import reported_cases


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Store the marker's arguments where the table finds them, even if the test never runs."""
    for item in items:
        marker = item.get_closest_marker("faults")
        if marker is not None:
            parameters = getattr(item, "callspec", None)
            done = marker.args[0].format(**(parameters.params if parameters else {}))
            item.user_properties += [("done", done), ("expected", marker.kwargs["expected"])]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print one line for each fault test."""
    cases = reported_cases(terminalreporter, with_property="done")
    if not cases:
        return
    terminalreporter.section("injected faults")
    for case in cases:
        happened = case.reason or case.properties.get("happened", "")
        terminalreporter.write_line(
            f"{case.verdict:7} {case.duration_s:5.1f} s | {case.properties['done']} | "
            f"expected: {case.properties['expected']} | happened: {' '.join(happened.split())}"
        )
    survived = sum(case.verdict == "ok" for case in cases)
    terminalreporter.write_line(f"{len(cases)} cases, {survived} survived")


@pytest.fixture
def report_outcome(record_property: Callable[[str, object], None]) -> ReportOutcome:
    """A function that stores what happened, for the table."""
    return lambda text: record_property("happened", text)


@pytest.fixture
def quiet_log() -> Iterator[None]:
    """Drops the pipeline's log lines, which are tens of thousands in the largest tests."""
    level = logger.log_level
    logger.setLevel("CRITICAL")
    yield
    logger.setLevel(level)


@pytest.fixture(scope="session")
def uninterrupted_files() -> dict[str, bytes]:
    """The result files of OBSERVATIONS, collected without a fault."""
    with mock_aws():
        pipeline = new_pipeline()
        pipeline.on_upload(pipeline.upload("a.mp4"))
        pipeline.on_notice(pipeline.service.succeed("job-1", OBSERVATIONS))
        return comparable_files(pipeline, pipeline.record())


@pytest.fixture
def pipeline() -> Iterator[FakePipeline]:
    """A pipeline with a fake service that gives small pages, and a fake clock."""
    with mock_aws():
        yield new_pipeline()
