"""Evaluates the policies of every role for the calls that are made with it: these are allowed, and no others.

The calls are recorded while the real code runs. The engine of the local stack evaluates the policies.
"""

import re
from collections.abc import Callable
from functools import cache

import pytest

from tests.template.calls.decisions import Decision, decisions
from tests.template.calls.uses import recorded_calls, uses
from tests.template.deployments import PARAMETERS
from tests.template.resolved import Stack

UNUSED = {
    r"TrackPeopleRole: lambda:InvokeFunction on \S+:function:[\w-]+": (
        "Executions that were started before there were versions call the functions without one."
    ),
    r"StartTrackingRole: rekognition:GetPersonTracking on \*": (
        "CallTrackingPolicy is for all callers, also for those outside the stack."
    ),
}
"""Rights that no call needs, as patterns, and why a role has them."""

DENIED = {
    r"AnalyzeResultsRole: s3:ListBucket on \S+": (
        "A zones file that is removed after it was listed fails the event with 403 instead of 404. "
        "The retry lists again."
    ),
    r"(CollectResults|ReconcileJobs)Role: s3:ListBucket on \S+": (
        "A chunk that is missing fails the collection with 403 instead of 404, and both are errors."
    ),
}
"""Rights that only change S3's answer about a missing object, as patterns, and why a role lacks them."""

TESTED: dict[str, dict[str, str]] = {
    **PARAMETERS,
    "existing service with a smoke test": {**PARAMETERS["existing service"], "SmokeTestHours": "6"},
}
DEPLOYMENT = pytest.mark.parametrize("deployment", TESTED)


@cache
def decided(deployment: str) -> dict[str, Decision]:
    stack = Stack(TESTED[deployment])
    return decisions(stack, uses(stack))


def denied(deployment: str) -> list[str]:
    return [f"{role}: {check}" for role, found in decided(deployment).items() for check in found.denied]


def unused(deployment: str) -> list[str]:
    return [f"{role}: {right}" for role, found in decided(deployment).items() for right in found.unused]


def unexplained(texts: list[str], explained: dict[str, str]) -> list[str]:
    return [text for text in texts if not any(re.fullmatch(one, text) for one in explained)]


@DEPLOYMENT
def test_every_call_is_allowed(deployment: str) -> None:
    assert unexplained(denied(deployment), DENIED) == []


@DEPLOYMENT
def test_no_role_may_do_what_it_is_not_used_for(deployment: str) -> None:
    assert unexplained(unused(deployment), UNUSED) == []


@pytest.mark.parametrize(("explained", "found"), [(DENIED, denied), (UNUSED, unused)])
def test_every_explanation_is_about_something_that_is_found(
    explained: dict[str, str], found: Callable[[str], list[str]]
) -> None:
    texts = [text for deployment in TESTED for text in found(deployment)]

    assert [one for one in explained if not any(re.fullmatch(one, text) for text in texts)] == []


@DEPLOYMENT
def test_the_calls_of_every_function_are_recorded(deployment: str) -> None:
    functions = Stack(TESTED[deployment]).of_type("AWS::Lambda::Function")

    assert {f"{function}Role" for function in functions} <= recorded_calls().keys()
