"""Step Functions: executions that run, end, are stopped and are redriven."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.simulation import code_under_test
from tests.simulation.fakes.stepfunctions import Execution, Executions
from tests.simulation.functions import Functions, one_prompt_delivery
from tests.simulation.network import STATE_MACHINE_ROLE, Network
from tests.simulation.state_machine import FOREVER_S, Machine, TaskError, task_failed
from tests.simulation.world import End, Process


class MachineRuns:
    """Runs the executions of the state machine.

    Args:
        network: carries the invocations of functions.
        functions: the functions.
        has_slot: tells whether a job holds a slot, by its JobId.
    """

    def __init__(self, network: Network, functions: Functions, has_slot: Callable[[str], bool]) -> None:
        self.executions = Executions(self._begin)
        self.on_begin: list[Callable[[Execution, Process], None]] = []
        self.on_end: list[Callable[[Execution], None]] = []
        self.event_delays_s: Callable[[], list[float]] = one_prompt_delivery
        self._world = network.world
        self._network = network
        self._functions = functions
        self._has_slot = has_slot
        self._machine = Machine(code_under_test.state_machine(), network.world, self._invoke_task)

    def _begin(self, execution: Execution, starter: Process) -> None:
        for observe in self.on_begin:
            observe(execution, starter)
        self._run(execution)

    def redrive(self, execution: Execution) -> None:
        """Runs an execution again from the state in which it ended."""
        execution.status, execution.ended_s, execution.redriven_s = "RUNNING", None, self._world.now_s
        self._run(execution)

    def _run(self, execution: Execution) -> None:
        def run() -> None:
            try:
                self._machine.run(execution)
                self.end(execution, "SUCCEEDED")
            except TaskError as failed:
                execution.errors.append(failed.error)
                self.end(execution, "FAILED")

        execution.process = self._world.start(Process(STATE_MACHINE_ROLE), run)

    def end(self, execution: Execution, status: str) -> None:
        """Ends an execution. Functions that it has invoked continue, as on AWS."""
        if execution.status != "RUNNING":
            return
        execution.status, execution.ended_s = status, self._world.now_s
        if execution.process is not None and execution.process is not self._world.process:
            self._world.stop(execution.process)
        for observe in self.on_end:
            observe(execution)
        if status != "SUCCEEDED" and "SweepJobs" in code_under_test.FUNCTIONS:
            detail = {"name": execution.name, "status": status}
            for delay_s in self.event_delays_s():
                self._functions.deliver("SweepJobs", {"detail": detail}, delay_s, is_kept=False)

    def _invoke_task(self, function: str, event: Any, task: str) -> Any:
        network = self._network

        def effect() -> Process:
            has_slot = self._has_slot(task.partition("/")[0])
            return self._functions.invoke(function, event, task, has_slot=has_slot)

        # What hits the invocation itself counts for the task, too.
        state_machine = self._world.current()
        state_machine.task = task
        try:
            process = network.call("lambda", "Invoke", function, effect)
        except ClientError as error:
            raise TaskError(error.response["Error"]["Code"]) from error
        except BotoCoreError as error:
            raise TaskError("Lambda.SdkClientException") from error
        self._world.wait(process, FOREVER_S)
        if process.end is End.RETURNED:
            return process.result
        if process.end is End.RAISED:
            raise task_failed(process.result)
        is_late = self._world.now_s >= process.started_s + process.timeout_s
        raise TaskError(
            process.notes.get("error") or ("Sandbox.Timedout" if is_late else "Runtime.ExitError")
        )
