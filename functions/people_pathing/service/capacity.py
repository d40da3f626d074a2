"""Checks that jobs leave enough of an account's Lambda quota for everything else."""

from __future__ import annotations

RESERVED_EXECUTIONS = 5
"""One for each function that must never wait for a job: the API, the sweep, and the three of the pipeline.

The other functions are steps of a job. They run when no segment of their job does.
"""
SMOKE_TEST_EXECUTIONS = 2
"""What a scheduled smoke test adds: one for itself, and one for AssociateWindow, which it calls."""


def needed_executions(jobs: int, segments: int, others: int = RESERVED_EXECUTIONS) -> int:
    """Returns how many concurrent Lambda executions a stack needs at most, beyond peaks of uploads and calls.

    Args:
        jobs: MaxConcurrentJobs.
        segments: MaxConcurrentSegments.
        others: executions for functions that are no steps of jobs.
    """
    return jobs * segments + others


def quota_problem(jobs: int, segments: int, quota: int, others: int = RESERVED_EXECUTIONS) -> str | None:
    """Returns what is wrong with the limits of a stack, and what would be right, or None if they fit.

    Args:
        jobs: MaxConcurrentJobs.
        segments: MaxConcurrentSegments.
        quota: the account's quota of concurrent Lambda executions in the region.
        others: executions for functions that are no steps of jobs.
    """
    needed = needed_executions(jobs, segments, others)
    if needed <= quota:
        return None
    free = quota - others
    advice = f"request a quota of at least {needed}"
    if free >= segments:
        advice += f", or set MaxConcurrentJobs to {free // segments}"
    elif free >= 1:
        advice += f", or set MaxConcurrentJobs to 1 and MaxConcurrentSegments to {free}"
    return (
        f"MaxConcurrentJobs ({jobs}) times MaxConcurrentSegments ({segments}) plus {others} for "
        f"the other functions is {needed}, but the account may run {quota} Lambda functions at once: {advice}"
    )
