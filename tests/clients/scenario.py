"""Plays scenario.json with one client."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.clients.client import Client, ClientVersion, Outcome
from tests.clients.scenario_stack import ScenarioStack

SCENARIO = Path(__file__).with_name("scenario.json")
STEPS: list[dict[str, Any]] = json.loads(SCENARIO.read_text("utf-8"))["steps"]
STEPS_BEFORE_WAITING = next(number for number, step in enumerate(STEPS) if step.get("until_ended"))
"""The number of steps that do not need the end of a job."""
POLL_INTERVAL_S = 2
TIMEOUT_S = 240
# A reply may have these members although the scenario does not name them.
OPTIONAL = {"NextToken", "ColorRange", "Persons", "VideoMetadata", "Face"}
PAGE_MEMBERS = {"JobStatus", "VideoMetadata", "JobId", "Video", "JobTag"}
TYPES: dict[str, type | tuple[type, ...]] = {"<str>": str, "<int>": int, "<float>": (float, int)}


@dataclass(frozen=True)
class Finding:
    """The result of one step.

    Attributes:
        shows: What the step shows.
        problem: What was wrong, or None.
    """

    shows: str
    problem: str | None


def play(name: ClientVersion, client: Client, stack: ScenarioStack) -> Iterator[Finding]:
    """Plays all steps in order. A step with a problem does not end the scenario."""
    known = {**stack.names, "client": name.token}
    unknown_members = name.driver.unknown_members(name.version)
    observations: set[tuple[int, int]] = set()
    for step in STEPS:
        try:
            outcome = _play_step(step, client, stack, known)
            problem = "; ".join(_problems(step, outcome, known, unknown_members)) or None
            if step.get("sorted_by") and problem is None:
                read = {(entry["Timestamp"], entry["Person"]["Index"]) for entry in _persons(outcome)}
                if observations and read != observations:
                    problem = "the observations are not those of the other order"
                observations = read
        except (KeyError, LookupError) as error:
            problem = f"the step could not be played: {error!r}"
        yield Finding(step["shows"], problem)


def _play_step(
    step: Mapping[str, Any], client: Client, stack: ScenarioStack, known: dict[str, Any]
) -> Outcome:
    """Makes the call of a step, and keeps the values that later steps need in `known`."""
    parameters = _fill_in(step["with"], known)
    if step.get("when") == "all job slots are taken":
        with stack.all_slots_taken():
            return client.call(step["call"], parameters)
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        outcome = client.call(step["call"], parameters, paged=step.get("paged", False))
        is_running = outcome.replies and outcome.replies[0].get("JobStatus") == "IN_PROGRESS"
        if not (step.get("until_ended") and is_running and time.monotonic() < deadline):
            break
        time.sleep(POLL_INTERVAL_S)
    if outcome.replies:
        known.update({name: outcome.replies[0][member] for name, member in step.get("keep", {}).items()})
    return outcome


def _problems(
    step: Mapping[str, Any], outcome: Outcome, known: Mapping[str, Any], unknown_members: Set[str]
) -> Iterator[str]:
    """Compares the outcome of a step with what the scenario expects."""
    if outcome.error != step.get("error"):
        yield (
            f"{outcome.error}: {outcome.message}" if outcome.error else f"the call returned {outcome.replies}"
        )
    elif "reply" in step:
        ignored = unknown_members if step["call"] == "GetPersonTracking" else set()
        expected, actual = (
            {name: value for name, value in reply.items() if name not in ignored}
            for reply in (_fill_in(step["reply"], known), outcome.replies[0])
        )
        yield from _differences(expected, actual, step["call"])
    elif "some_face" in step:
        faces = [entry["Person"]["Face"] for entry in _persons(outcome) if "Face" in entry["Person"]]
        yield from _differences(step["some_face"], faces[0] if faces else None, "Face")
    elif "sorted_by" in step:
        keys = [
            tuple({"Timestamp": entry["Timestamp"], **entry["Person"]}[name] for name in step["sorted_by"])
            for entry in _persons(outcome)
        ]
        if keys != sorted(set(keys)):
            yield f"the observations are not sorted by {step['sorted_by']}, or are repeated"
        if len(outcome.replies) < 2:
            yield "there are fewer than two pages"
        for reply in outcome.replies:
            if not PAGE_MEMBERS - unknown_members <= set(reply):
                yield f"a page has only the members {sorted(reply)}"


def _differences(expected: Any, actual: Any, path: str) -> Iterator[str]:
    """Compares an expected value, which may contain types, with the actual one."""
    if isinstance(expected, str) and expected in TYPES:
        if not isinstance(actual, TYPES[expected]):
            yield f"{path} is {actual!r}, not of type {expected}"
    elif isinstance(expected, dict) and isinstance(actual, dict):
        for name in expected.keys() | actual.keys():
            if name in expected and name in actual:
                yield from _differences(expected[name], actual[name], f"{path}.{name}")
            elif name in expected or name not in OPTIONAL:
                yield f"{path}.{name} is {'missing' if name in expected else 'unexpected'}"
    elif isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            yield f"{path} has {len(actual)} items, not {len(expected)}"
        for number, (one, other) in enumerate(zip(expected, actual, strict=False)):
            yield from _differences(one, other, f"{path}[{number}]")
    elif expected != actual:
        yield f"{path} is {actual!r}, not {expected!r}"


def _persons(outcome: Outcome) -> list[Any]:
    return [entry for reply in outcome.replies for entry in reply["Persons"]]


def _fill_in(value: Any, known: Mapping[str, Any]) -> Any:
    """Replaces names in braces, at all depths."""
    if isinstance(value, dict):
        return {name: _fill_in(member, known) for name, member in value.items()}
    if isinstance(value, list):
        return [_fill_in(item, known) for item in value]
    return value.format(**known) if isinstance(value, str) else value
