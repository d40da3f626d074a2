"""Runs the smoke test of the own stack on a schedule, and fails if a step of it fails."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from people_pathing.common.aws_errors import describe, error_code
from people_pathing.common.clock import now_ms
from people_pathing.common.finding import Finding, Line, Outcome, failed, not_checked, ok
from people_pathing.common.smoke_clips import new_scheduled_key
from people_pathing.smoke_test.api_calls import UNKNOWN_JOB_ID, Api
from people_pathing.smoke_test.clip_erasure import erase_clip, keys_of_left_clips
from people_pathing.smoke_test.observability import logger
from people_pathing.smoke_test.stack import StackResources
from people_pathing.smoke_test.steps import SmokeTest

JOB_SHARE = 0.28
"""Share of the time limit for the wait until the job starts, the same for the job, and for the report."""
RUNNING_JOB_SHARE = 0.05
"""Share of the time limit that the erasure waits for a job that is still running."""
_WAKING_S = 60.0
_QUOTA_IS_FULL = "ConcurrentInvocationLimitExceeded"
"""Why Lambda throttles: the account has no free execution. A function's own limit has another name.

Source: TooManyRequestsException in botocore's model of Lambda.
"""
_PAUSE_S = 5.0
_NOT_COMPLETE = "the test is not complete: the stack has no room for it"


class SmokeTestFailedError(Exception):
    """A step of the smoke test failed. The message names each such step."""


@dataclass(frozen=True, slots=True)
class ScheduledTest:
    """What all runs in one process share.

    Attributes:
        stack: the stack under test.
        api: its API.
        credentials: the function's own credentials.
        unprivileged: returns credentials that may not call the API; None if the stack calls another service.
        associate_window: invokes AssociateWindow with an event and returns Lambda's reply; None if the stack
            has no such function.
        sleep: waits for a number of seconds.
    """

    stack: StackResources
    api: Api
    credentials: Any
    unprivileged: Callable[[], Any] | None
    associate_window: Callable[[bytes], Any] | None
    sleep: Callable[[float], None] = time.sleep

    def run(self, limit_s: float) -> None:
        """Runs the test once.

        Args:
            limit_s: the time limit. An earlier run cannot be older than this, so what is older is erased.

        Raises:
            SmokeTestFailedError: a step failed.
        """
        failures: dict[str, Finding] = {}
        test = SmokeTest(
            self.stack,
            self.api,
            self.credentials,
            new_scheduled_key(),
            timeout_s=JOB_SHARE * limit_s,
            running_job_timeout_s=RUNNING_JOB_SHARE * limit_s,
            say=logger.info,
            describe_error=describe_aws_error,
            unprivileged=self.unprivileged,
            sleep=self.sleep,
        )
        for line in self._lines(test, limit_s):
            finding = line.finding
            logger.info(finding.message, step=line.name, outcome=finding.outcome.value, advice=finding.advice)
            if finding.outcome is Outcome.FAILED:
                failures[line.name] = finding
        if test.busy_step is not None:
            # The stack is busy with the videos of its users. If that lasts, WaitingTooLongAlarm rings.
            del failures[test.busy_step]
            logger.warning(_NOT_COMPLETE, step=test.busy_step)
        if failures:
            raise SmokeTestFailedError(
                "; ".join(f"{name}: {finding.message}" for name, finding in failures.items())
            )

    def _lines(self, test: SmokeTest, limit_s: float) -> Iterator[Line]:
        yield from self._erase_left_clips(now_ms() - int(limit_s * 1000))
        if self.associate_window is not None:
            finding = self._keep_awake(self.associate_window)
            yield Line("AssociateWindow", finding)
            if finding.outcome is Outcome.NOT_CHECKED:
                # The steps of a job would have to wait, too.
                logger.warning(_NOT_COMPLETE, step="AssociateWindow")
                return
        yield from test.run(keep=False)

    def _erase_left_clips(self, before_ms: int) -> Iterator[Line]:
        """Erases what earlier runs have left, because they were killed or could not erase it."""
        name = "earlier clips"
        try:
            for key in keys_of_left_clips(self.stack, before_ms):
                yield Line(name, erase_clip(self.stack, key, 0, self.sleep))
        except (ClientError, BotoCoreError) as error:
            yield Line(name, failed(describe(error), "see the rights of RunSmokeTestRole"))

    def _keep_awake(self, invoke: Callable[[bytes], Any]) -> Finding:
        """Calls the function that only long videos need.

        Lambda makes an image function inactive that is not invoked for weeks, and rejects the next call.
        Source: "Invoking functions defined as container images" in the AWS Lambda Developer Guide. The event
        names no job, which the function refuses before it does anything.

        Returns:
            What was found. It is "not checked" if the account's quota of executions is used up.
        """
        event = json.dumps({"job_id": UNKNOWN_JOB_ID, "window": 0}).encode()
        deadline_s = time.monotonic() + _WAKING_S
        while True:
            try:
                reply = invoke(event)
                break
            except (ClientError, BotoCoreError) as error:
                if time.monotonic() >= deadline_s:
                    problem = f"AssociateWindow could not be invoked: {describe(error)}"
                    if _is_quota_full(error):
                        return not_checked(problem, "docs/deploy.md has limits that fit the account's quota")
                    return failed(problem, "`people-pathing doctor` says more")
            self.sleep(_PAUSE_S)
        answer = json.loads(reply["Payload"].read())
        if isinstance(answer, dict) and answer.get("errorType") == "JobEndedError":
            return ok("AssociateWindow runs, and refuses a job that does not exist")
        return failed(f"AssociateWindow answered {answer}", "see the log group of the service")


def _is_quota_full(error: ClientError | BotoCoreError) -> bool:
    return (
        isinstance(error, ClientError)
        and error_code(error) == "TooManyRequestsException"
        and error.response.get("Reason") == _QUOTA_IS_FULL
    )


def describe_aws_error(error: Exception) -> str | None:
    """Returns a line about an error of AWS or of the network, or None for other errors."""
    return describe(error) if isinstance(error, (ClientError, BotoCoreError)) else None
