"""A fake of Step Functions: executions by name, and the client that starts and describes them."""

# Parameters have the names that boto3 gives them.
# ruff: noqa: N803

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.errors import Exceptions, client_error
from tests.simulation.fakes.paginator import Paginator
from tests.simulation.network import Network
from tests.simulation.world import Process

VISIBLE_AFTER_S = 2.0
"""DescribeExecution and ListExecutions are eventually consistent. This is how long they may show the past."""


@dataclass(eq=False, slots=True)
class Execution:
    """One execution of the state machine.

    Attributes:
        name: its name, which is the JobId.
        input: its input, as JSON.
        started_s: when it was started.
        status: RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED.
        state: the state that it is in.
        ended_s: when it ended, or None.
        process: runs it.
        position: the state that it is in, and that state's input: where a redrive begins.
        redriven_s: when an operator last started it again after its end, or None.
        errors: the errors of its tasks, in the order in which they occurred.
    """

    name: str
    input: str
    started_s: float
    status: str = "RUNNING"
    state: str = ""
    ended_s: float | None = None
    process: Process | None = None
    position: tuple[str, Any] | None = None
    redriven_s: float | None = None
    errors: list[str] = field(default_factory=list)


class Executions:
    """All executions of the state machine.

    Args:
        begin: runs an execution that was just started. It receives the process that has started it.
    """

    def __init__(self, begin: Callable[[Execution, Process], None]) -> None:
        self.by_name: dict[str, Execution] = {}
        self._begin = begin

    def start(self, name: str, text: str, now_s: float, starter: Process) -> Execution:
        """Starts an execution. Raises ClientError if the name is taken by an execution that differs."""
        existing = self.by_name.get(name)
        if existing is not None:
            if existing.status == "RUNNING" and existing.input == text:
                return existing
            raise client_error("ExecutionAlreadyExists", 400)
        execution = Execution(name, text, now_s)
        self.by_name[name] = execution
        self._begin(execution, starter)
        return execution


class Stepfunctions:
    """A client of Step Functions.

    Args:
        network: carries the calls.
        executions: the executions.
    """

    exceptions = Exceptions()

    def __init__(self, network: Network, executions: Executions) -> None:
        self._network = network
        self._executions = executions

    def start_execution(self, *, stateMachineArn: str, name: str, input: str = "{}") -> Any:
        starter = self._network.world.current()

        def effect() -> Any:
            started = self._executions.start(name, input, self._network.world.now_s, starter)
            return {"executionArn": _arn(stateMachineArn, name), "startDate": started.started_s}

        return self._network.call("stepfunctions", "StartExecution", name, effect, writes=True)

    def describe_execution(self, *, executionArn: str) -> Any:
        name = executionArn.rpartition(":")[2]

        def effect() -> Any:
            execution = self._executions.by_name.get(name)
            if execution is None or (self._is_new(execution) and self._shows_the_past()):
                raise client_error("ExecutionDoesNotExist", 400)
            return {"name": name, "executionArn": executionArn, "status": execution.status}

        return self._network.call("stepfunctions", "DescribeExecution", name, effect)

    def list_executions(self, *, stateMachineArn: str, statusFilter: str | None = None, **_: Any) -> Any:
        def effect() -> Any:
            found = [
                execution
                for execution in self._executions.by_name.values()
                if statusFilter in (None, execution.status)
                and not (self._is_new(execution) and self._shows_the_past())
            ]
            return {"executions": [{"name": one.name, "status": one.status} for one in found]}

        return self._network.call("stepfunctions", "ListExecutions", str(statusFilter), effect)

    def get_paginator(self, operation: str) -> Paginator:
        return Paginator(getattr(self, operation))

    def _is_new(self, execution: Execution) -> bool:
        return self._network.world.now_s - execution.started_s < VISIBLE_AFTER_S

    def _shows_the_past(self) -> bool:
        return bool(self._network.world.tape.choose(2, 0.3))


def _arn(state_machine_arn: str, name: str) -> str:
    return state_machine_arn.replace(":stateMachine:", ":execution:") + f":{name}"
