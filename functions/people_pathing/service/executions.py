"""The state machine's executions: one per job, named by its JobId."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_stepfunctions.client import SFNClient
    from types_boto3_stepfunctions.literals import ExecutionStatusType

ARN_PARTS = 7
"""Parts of the ARN of a state machine. That of an alias has one more, its name."""


class Executions:
    """Starts executions and reports their state.

    Args:
        states: a Step Functions client.
        state_machine_arn: the state machine that runs the jobs, or its alias that names the version for new
            jobs.
    """

    def __init__(self, states: SFNClient, state_machine_arn: str) -> None:
        self._states = states
        self._start_arn = state_machine_arn
        # Without the alias, because older executions were started through another version or through none.
        self._state_machine_arn = ":".join(state_machine_arn.split(":")[:ARN_PARTS])

    def start(self, job_id: str) -> None:
        """Starts a job's execution, unless it has been started before.

        Step Functions accepts an execution's name once in 90 days. That makes a repeated start harmless.
        """
        with suppress(self._states.exceptions.ExecutionAlreadyExists):
            self._states.start_execution(
                stateMachineArn=self._start_arn, name=job_id, input=json.dumps({"job_id": job_id})
            )

    def running_jobs(self) -> set[str]:
        """Returns the JobIds of all running executions. One that has just started may be missing."""
        pages = self._states.get_paginator("list_executions").paginate(
            stateMachineArn=self._state_machine_arn, statusFilter="RUNNING"
        )
        return {execution["name"] for page in pages for execution in page["executions"]}

    def status(self, job_id: str) -> ExecutionStatusType | None:
        """Returns the status of a job's execution, or None if it has not been started."""
        arn = self._state_machine_arn.replace(":stateMachine:", ":execution:") + f":{job_id}"
        try:
            return self._states.describe_execution(executionArn=arn)["status"]
        except self._states.exceptions.ExecutionDoesNotExist:
            return None
