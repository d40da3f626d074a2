"""Each client plays the scenario against the template, deployed on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from devstack.stack import LocalStack
from tests.clients.client import CLIENTS, EVERY_CLIENT, load_client, require_client
from tests.clients.scenario import STEPS, play
from tests.clients.scenario_stack import ScenarioStack

pytestmark = pytest.mark.stack

PARAMETERS = {"Detector": "hog", "FaceModel": "centerface"}
NOTICE_FIELDS = {"JobId", "Status", "API", "JobTag", "Timestamp", "Video"}

Problems = Mapping[str, str | None]
"""What each step of the scenario shows, and what was wrong; None if it was right."""


@pytest.fixture(scope="module")
def scenario_stack() -> Iterator[ScenarioStack]:
    """A stack for the tests of this module only."""
    with LocalStack(parameters=PARAMETERS) as stack:
        yield ScenarioStack(stack)


@pytest.fixture(scope="module")
def problems_of(scenario_stack: ScenarioStack) -> Callable[[str], Problems]:
    """A function that plays the scenario with a client, once, and returns the problems."""

    @cache
    def problems(client_name: str) -> Problems:
        driver = load_client(client_name)
        with driver(scenario_stack.endpoint_url, scenario_stack.environment) as client:
            return {finding.shows: finding.problem for finding in play(client, scenario_stack)}

    return problems


@pytest.fixture(scope="module")
def notices(scenario_stack: ScenarioStack, problems_of: Callable[[str], Problems]) -> list[dict[str, Any]]:
    """The completion notices after all clients have played the scenario."""
    available = [name for name in CLIENTS.names() if load_client(name).missing_reason() is None]
    for name in available:
        problems_of(name)
    return scenario_stack.notices(len(available))


@pytest.mark.clients("{step}")
@EVERY_CLIENT
@pytest.mark.parametrize("step", [step["shows"] for step in STEPS])
def test_a_client_gets_the_expected_outcome_of_each_step(
    problems_of: Callable[[str], Problems], client_name: str, step: str
) -> None:
    require_client(client_name)

    problem = problems_of(client_name)[step]
    assert problem is None, problem


@pytest.mark.clients("one notice in the exact form")
@EVERY_CLIENT
def test_the_job_of_each_client_sends_one_notice_in_the_documented_form(
    notices: list[dict[str, Any]], client_name: str
) -> None:
    driver = require_client(client_name)

    own = [notice for notice in notices if notice["JobTag"].startswith(f"{driver.short_name}:")]
    assert len(own) == 1
    assert set(own[0]) == NOTICE_FIELDS
    assert own[0]["Status"] == "SUCCEEDED"
