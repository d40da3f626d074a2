"""Each client plays the scenario against the template, deployed on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import islice
from typing import Any

import pytest

from tests.clients.client import CLIENTS, EVERY_CLIENT, ClientVersion
from tests.clients.scenario import STEPS, STEPS_BEFORE_WAITING, Finding, play
from tests.clients.scenario_stack import ScenarioStack

pytestmark = pytest.mark.stack

NOTICE_FIELDS = {"JobId", "Status", "API", "JobTag", "Timestamp", "Video"}


@pytest.fixture(scope="module")
def available(request: pytest.FixtureRequest) -> list[ClientVersion]:
    """The clients of the selected tests, without those that this machine lacks."""
    selected = {
        item.callspec.params.get("client") for item in request.session.items if hasattr(item, "callspec")
    }
    return [client for client in CLIENTS if client in selected and client.missing_reason() is None]


@pytest.fixture(scope="module")
def problems(
    scenario_stack: ScenarioStack, available: list[ClientVersion]
) -> dict[ClientVersion, Mapping[str, str | None]]:
    """What each step shows and what was wrong with it, None if it was right, by client.

    One after the other, each client plays its steps up to the one that waits for its job, because one of
    them takes all job slots. Then the clients play the other steps side by side, while their jobs run.
    """
    with ExitStack() as cleanup:
        plays = {
            client: play(
                client,
                cleanup.enter_context(client.open(scenario_stack.endpoint_url, scenario_stack.environment)),
                scenario_stack,
            )
            for client in available
        }
        findings = {client: list(islice(played, STEPS_BEFORE_WAITING)) for client, played in plays.items()}
        with ThreadPoolExecutor(len(plays) or 1) as pool:
            for client, rest in zip(plays, pool.map(tuple[Finding], plays.values()), strict=True):
                findings[client] += rest
    return {client: {entry.shows: entry.problem for entry in found} for client, found in findings.items()}


@pytest.fixture(scope="module")
def notices(
    scenario_stack: ScenarioStack,
    available: list[ClientVersion],
    problems: dict[ClientVersion, Mapping[str, str | None]],
) -> list[dict[str, Any]]:
    """The completion notices after all clients have played the scenario."""
    return scenario_stack.notices(len(available))


@EVERY_CLIENT
@pytest.mark.parametrize(
    "step",
    [
        pytest.param(step["shows"], marks=pytest.mark.clients("{step}", differs=step.get("differs", "")))
        for step in STEPS
    ],
)
def test_a_client_gets_the_expected_outcome_of_each_step(
    request: pytest.FixtureRequest, client: ClientVersion, step: str
) -> None:
    client.require()

    problem = request.getfixturevalue("problems")[client][step]
    assert problem is None, problem


@pytest.mark.clients("one notice in the exact form")
@EVERY_CLIENT
def test_the_job_of_each_client_sends_one_notice_in_the_documented_form(
    request: pytest.FixtureRequest, client: ClientVersion
) -> None:
    client.require()

    notices = request.getfixturevalue("notices")
    own = [notice for notice in notices if notice["JobTag"].startswith(f"{client.token}:")]
    assert len(own) == 1
    assert set(own[0]) == NOTICE_FIELDS
    assert own[0]["Status"] == "SUCCEEDED"
