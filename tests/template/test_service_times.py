"""Checks the times that the code assumes against those that the template sets."""

from __future__ import annotations

import json
from collections.abc import Iterator

from people_pathing.service.erasure import LONGEST_STEP_MS
from people_pathing.service.job import RESULTS_KEPT_S
from people_pathing.service.job_store import ITEM_KEPT_S, MIN_NOTICE_PAUSE_S
from tests.template.translated import REPOSITORY, Json, deployed

RESOURCES = deployed()["Resources"]
DAY_S = 24 * 3600


def test_the_claim_on_a_notice_outlives_the_function_that_has_it() -> None:
    for name in ("PublishCompletion", "SweepJobs"):
        assert RESOURCES[name]["Properties"]["Timeout"] < MIN_NOTICE_PAUSE_S


def test_an_item_outlives_the_longest_job_and_its_results() -> None:
    assert ITEM_KEPT_S > DAY_S + RESULTS_KEPT_S


def test_results_outlive_the_time_for_which_callers_may_read_them() -> None:
    rules = RESOURCES["ArtifactBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    ages = {rule.get("Prefix"): rule.get("ExpirationInDays") for rule in rules}

    assert ages["jobs/"] * DAY_S > RESULTS_KEPT_S


def test_no_step_outlives_the_time_after_which_erasing_is_final() -> None:
    for resource in RESOURCES.values():
        if resource["Type"] == "AWS::Lambda::Function":
            assert resource["Properties"].get("Timeout", 60) * 1000 < LONGEST_STEP_MS


def test_no_state_gives_up_before_its_function_does() -> None:
    definition = json.loads((REPOSITORY / "statemachine" / "track_people.asl.json").read_text())
    longest_s = max(
        resource["Properties"].get("Timeout", 60)
        for resource in RESOURCES.values()
        if resource["Type"] == "AWS::Lambda::Function"
    )

    def states(machine: Json) -> Iterator[Json]:
        for state in machine["States"].values():
            yield state
            if "ItemProcessor" in state:
                yield from states(state["ItemProcessor"])

    tasks = [state for state in states(definition) if state["Type"] == "Task"]
    assert len(tasks) == 5
    for task in tasks:
        assert task.get("TimeoutSeconds", longest_s) >= longest_s
        attempts = 1 + max((retry["MaxAttempts"] for retry in timeout_retries(task)), default=0)
        assert attempts * longest_s < definition["TimeoutSeconds"]


def timeout_retries(task: Json) -> Iterator[Json]:
    """Yields the rules of a task for a function that takes too long."""
    return (retry for retry in task["Retry"] if "States.Timeout" in retry["ErrorEquals"])
