"""The check of a stack's limits against the account's Lambda quota, and the limits that docs recommend."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from people_pathing.service.capacity import (
    RESERVED_EXECUTIONS,
    SMOKE_TEST_EXECUTIONS,
    needed_executions,
    quota_problem,
)
from tests.template.translated import source

DEPLOY = (Path(__file__).parents[3] / "docs" / "deploy.md").read_text()
# A row of the table: the quota, the two parameters, and what they need.
ROWS = [
    tuple(int(number.replace(",", "")) for number in row)
    for row in re.findall(r"^\| ([\d,]+) \|[^|]*\| (\d+) \| (\d+) \| ([\d,]+) \|$", DEPLOY, re.MULTILINE)
]


@pytest.mark.parametrize(("quota", "jobs", "segments", "needed"), ROWS)
def test_the_documented_limits_fit_the_quota(quota: int, jobs: int, segments: int, needed: int) -> None:
    assert quota_problem(jobs, segments, quota) is None
    assert needed_executions(jobs, segments) == needed
    for name, value in (("MaxConcurrentJobs", jobs), ("MaxConcurrentSegments", segments)):
        assert re.fullmatch(source()["Parameters"][name]["AllowedPattern"], str(value))


def test_limits_are_documented_for_new_and_for_usual_accounts() -> None:
    assert {quota for quota, *_ in ROWS} == {10, 1000}


def test_one_job_with_the_default_concurrency_leaves_a_new_account_able_to_answer() -> None:
    segments = int(source()["Parameters"]["MaxConcurrentSegments"]["Default"])

    assert quota_problem(1, segments, quota=10) is None


@pytest.mark.parametrize(
    ("jobs", "segments", "quota", "advice"),
    [
        (20, 5, 10, "request a quota of at least 105, or set MaxConcurrentJobs to 1"),
        (60, 20, 1000, "request a quota of at least 1205, or set MaxConcurrentJobs to 49"),
        (1, 20, 10, "at least 25, or set MaxConcurrentJobs to 1 and MaxConcurrentSegments to 5"),
        (1, 1, 5, "request a quota of at least 6"),
    ],
)
def test_the_message_says_what_would_fit(jobs: int, segments: int, quota: int, advice: str) -> None:
    problem = quota_problem(jobs, segments, quota)

    assert problem is not None
    assert problem.endswith(advice)
    for number in (jobs, segments, RESERVED_EXECUTIONS, needed_executions(jobs, segments), quota):
        assert str(number) in problem


def test_a_scheduled_smoke_test_leaves_less_for_jobs() -> None:
    others = RESERVED_EXECUTIONS + SMOKE_TEST_EXECUTIONS

    assert quota_problem(1, 3, 10, others) is None
    assert str(quota_problem(1, 5, 10, others)).endswith(
        "is 12, but the account may run 10 Lambda functions at once: request a quota of at least 12, or set "
        "MaxConcurrentJobs to 1 and MaxConcurrentSegments to 3"
    )
    assert f"A scheduled smoke test (`SmokeTestHours`) needs {SMOKE_TEST_EXECUTIONS} more" in " ".join(
        DEPLOY.split()
    )


def test_limits_that_need_exactly_the_quota_fit() -> None:
    assert quota_problem(1, 5, 10) is None
    assert quota_problem(1, 5, 9) is not None
