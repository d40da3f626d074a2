"""Replays the beliefs in an account: python -m tests.aws_beliefs.replay

It prints account and region, and does nothing more unless the environment variable ACCOUNT names this
account. Then it runs all tests with the marker `aws_belief`, and prints each difference: what was expected,
what happened, and what relies on it. The exit status is 0 if there is none, 1 if there is one, and 2 if
nothing was replayed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import boto3
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.aws_beliefs.marks import ACCOUNT_VARIABLE, ROOT, Belief, belief_of
from tests.stack_under_test import STACK_NAME_VARIABLE, StackUnderTest

NOTE = """\
The replay creates a table, buckets, queues, topics, roles, users, a function, state machines, rules and
alarms. Their names begin with people-pathing-belief- or people-pathing-tests-. It deletes all of them in the
end. It costs a few cents at most, and takes up to half an hour, because some changes in AWS need minutes to
apply. It calls the API of the stack, and changes nothing in it."""


class Differences:
    """A plugin of pytest that collects how AWS differs from the beliefs."""

    def __init__(self) -> None:
        self.beliefs: dict[str, Belief] = {}
        self.held = 0
        self.known = 0
        self.found: list[str] = []
        self._compared: tuple[object, object] | None = None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            if (belief := belief_of(item)) is not None:
                self.beliefs[item.nodeid] = belief

    def pytest_runtest_setup(self) -> None:
        self._compared = None

    # Pytest finds out by these names what a hook wants to know.
    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> None:
        if op in ("==", "in"):
            self._compared = (left, right)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        belief = self.beliefs[report.nodeid]
        if report.when == "call" and report.passed:
            self.held += 1
        elif report.skipped and hasattr(report, "wasxfail"):
            self.known += 1
        elif report.failed:
            self.found.append(self._described(report, belief))

    def _described(self, report: pytest.TestReport, belief: Belief) -> str:
        expected, happened = belief.sentence, _message(report)
        if self._compared is not None and report.when == "call":
            happened, expected = map(repr, self._compared)
        return "\n".join(
            (
                f"DIFFERENCE: {belief.sentence}",
                f"  expected: {expected}",
                f"  happened: {happened}",
                f"  relies on it: {', '.join(belief.used_by)}",
                f"  source: {belief.source}",
                f"  test: {report.nodeid} ({report.when})",
            )
        )

    def summary(self) -> str:
        """Returns all differences, and how many beliefs hold."""
        known = f", {self.known} known differences of the local server" if self.known else ""
        return "\n\n".join((*self.found, f"{self.held} beliefs hold, {len(self.found)} differ{known}"))


def _message(report: pytest.TestReport) -> str:
    crash: Any = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message if crash is not None else report.longrepr).partition("\n")[0]


def replay(arguments: Sequence[str]) -> int:
    """Replays the beliefs and prints the differences.

    Args:
        arguments: further arguments of pytest.

    Returns:
        The exit status.
    """
    name, chosen = os.environ.get(STACK_NAME_VARIABLE), os.environ.get(ACCOUNT_VARIABLE)
    if not name:
        print(f"set {STACK_NAME_VARIABLE} to the name of a deployed stack", file=sys.stderr)
        return 2
    try:
        session = boto3.Session()
        client: Any = session.client("sts")
        account = client.get_caller_identity()["Account"]
        print(f"account {account}, region {session.region_name}, stack {name}\n{NOTE}\n", flush=True)
        is_chosen = chosen == account == StackUnderTest.in_account(name).account
    except (BotoCoreError, ClientError, LookupError) as error:
        print(f"nothing was replayed: {error}", file=sys.stderr)
        return 2
    if not is_chosen:
        print(f"nothing was replayed; to replay there, set {ACCOUNT_VARIABLE}={account}", file=sys.stderr)
        return 2
    differences = Differences()
    selected = ["-q", "-m", "aws_belief and stack", "-p", "no:cacheprovider", "--tb=no", "--no-summary"]
    status = pytest.main([*selected, f"--rootdir={ROOT}", *arguments], plugins=[differences])
    print(f"\n{differences.summary()}")
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        return 2
    return 1 if differences.found else 0


if __name__ == "__main__":
    sys.exit(replay(sys.argv[1:]))
