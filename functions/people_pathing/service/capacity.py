"""Checks that jobs leave enough of an account's Lambda quota for everything else."""

from __future__ import annotations

RESERVED_EXECUTIONS = 5
"""One for each function that must never wait for a job: the API, the sweep, and the three of the pipeline.

The other functions are steps of a job. They run when no segment of their job does.
"""


def needed_executions(jobs: int, segments: int) -> int:
    """Returns how many concurrent Lambda executions a stack needs at most, beyond peaks of uploads and calls.

    Args:
        jobs: MaxConcurrentJobs.
        segments: MaxConcurrentSegments.
    """
    return jobs * segments + RESERVED_EXECUTIONS


def quota_problem(jobs: int, segments: int, quota: int) -> str | None:
    """Returns what is wrong with the limits of a stack, and what would be right, or None if they fit.

    Args:
        jobs: MaxConcurrentJobs.
        segments: MaxConcurrentSegments.
        quota: the account's quota of concurrent Lambda executions in the region.
    """
    needed = needed_executions(jobs, segments)
    if needed <= quota:
        return None
    free = quota - RESERVED_EXECUTIONS
    advice = f"request a quota of at least {needed}"
    if free >= segments:
        advice += f", or set MaxConcurrentJobs to {free // segments}"
    elif free >= 1:
        advice += f", or set MaxConcurrentJobs to 1 and MaxConcurrentSegments to {free}"
    return (
        f"MaxConcurrentJobs ({jobs}) times MaxConcurrentSegments ({segments}) plus {RESERVED_EXECUTIONS} for "
        f"the other functions is {needed}, but the account may run {quota} Lambda functions at once: {advice}"
    )
