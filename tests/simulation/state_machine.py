"""Interprets the real definition of the state machine: tasks, maps, choices, retries and catches.

Specification: https://states-language.net/spec.html, as far as the definition uses it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from tests.simulation.fakes.stepfunctions import Execution
from tests.simulation.network import STATE_MACHINE_ROLE
from tests.simulation.state_data import Data, State
from tests.simulation.world import Died, End, Process, World

DEFAULT_ATTEMPTS = 3
FOREVER_S = 1e9

Invoke = Callable[[str, Any, str], Any]
"""Invokes a function by its name, with an input and the name of the task. Raises TaskError."""


class TaskError(Exception):
    """A task, or a whole machine, has failed with a named error."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Machine:
    """The state machine.

    Attributes:
        definition: its definition, as JSON with ${NameArn} for each function.
        world: the clock and the processes.
        invoke: invokes a function.
    """

    definition: Mapping[str, Any]
    world: World
    invoke: Invoke

    def run(self, execution: Execution) -> None:
        """Runs an execution to its end. Raises TaskError if it fails."""
        start = execution.position or (self.definition["StartAt"], json.loads(execution.input))
        self._run_states(self.definition, start, execution, {})

    def _run_states(
        self,
        machine: Mapping[str, Any],
        start: tuple[str, Any],
        execution: Execution,
        context: Mapping[str, Any],
    ) -> Any:
        name: str | None
        name, value = start
        while name is not None:
            state = machine["States"][name]
            if machine is self.definition:
                execution.state = name
                if state["Type"] in ("Task", "Map"):
                    execution.position = name, value
            name, value = self._run_state(name, state, value, execution, context)
        return value

    def _run_state(
        self, name: str, state: State, value: Any, execution: Execution, context: Mapping[str, Any]
    ) -> tuple[str | None, Any]:
        data = Data(value, context)
        match state["Type"]:
            case "Succeed":
                return None, value
            case "Fail":
                raise TaskError(state.get("Error", ""), data.cause(state))
            case "Choice":
                for choice in state["Choices"]:
                    if data.chosen(choice):
                        return choice["Next"], value
                return state["Default"], value
            case "Pass":
                return state.get("Next"), data.output(state, data.arguments(state))
        try:
            result = self._with_retries(name, state, data, execution)
        except TaskError as failed:
            for catcher in state.get("Catch", ()):
                if _matches(catcher["ErrorEquals"], failed.error):
                    return catcher["Next"], data.caught(
                        catcher, {"Error": failed.error, "Cause": failed.cause}
                    )
            raise
        return state.get("Next"), data.output(state, result)

    def _with_retries(self, name: str, state: State, data: Data, execution: Execution) -> Any:
        attempts: dict[int, int] = {}
        while True:
            try:
                if state["Type"] == "Map":
                    return self._map(state, data, execution)
                return self._task(name, state, data, execution)
            except TaskError as failed:
                execution.errors.append(failed.error)
                position, retrier = next(
                    (
                        (position, retrier)
                        for position, retrier in enumerate(state.get("Retry", ()))
                        if _matches(retrier["ErrorEquals"], failed.error)
                    ),
                    (-1, None),
                )
                count = attempts.get(position, 0)
                if retrier is None or count >= retrier.get("MaxAttempts", DEFAULT_ATTEMPTS):
                    raise
                attempts[position] = count + 1
                delay_s = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** count
                delay_s = min(delay_s, retrier.get("MaxDelaySeconds", delay_s))
                if retrier.get("JitterStrategy") == "FULL":
                    delay_s *= random.random()
                self.world.sleep(delay_s)

    def _task(self, name: str, state: State, data: Data, execution: Execution) -> Any:
        function = state["Resource"].removeprefix("${").removesuffix("Arn}")
        given = data.arguments(state)
        part = given.get("segment", given.get("window", ""))
        return self.invoke(function, json.loads(json.dumps(given)), f"{execution.name}/{name}/{part}")

    def _map(self, state: State, data: Data, execution: Execution) -> Any:
        items = data.items(state)
        processor = state["ItemProcessor"]
        waiting, running = list(enumerate(items)), dict[int, Process]()
        results: dict[int, Any] = {}
        limit = data.concurrency(state, len(items))
        while waiting or running:
            while waiting and len(running) < limit:
                index, item = waiting.pop(0)
                given, context = data.item(state, item, index)
                running[index] = self.world.start(
                    Process(STATE_MACHINE_ROLE),
                    partial(self._run_states, processor, (processor["StartAt"], given), execution, context),
                )
            first = min(running)
            try:
                self.world.wait(running[first], FOREVER_S)
            except Died:
                _stop_all(self.world, running)
                raise
            ended = running.pop(first)
            if ended.end is End.RETURNED:
                results[first] = ended.result
                continue
            _stop_all(self.world, running)
            raise ended.result if ended.end is End.RAISED else Died
        return [results[index] for index in range(len(items))]


def task_failed(error: BaseException) -> TaskError:
    """Returns the error that a task fails with if its function raised this exception."""
    if isinstance(error, TaskError):
        return error
    # Lambda reports the class. Botocore's classes for single codes exist in clients only.
    name = "ClientError" if isinstance(error, ClientError) else type(error).__name__
    return TaskError(name, json.dumps({"errorMessage": str(error), "errorType": name}))


def _stop_all(world: World, running: Mapping[int, Process]) -> None:
    for process in running.values():
        world.stop(process)


def _matches(patterns: list[str], error: str) -> bool:
    return any(
        pattern == "States.ALL"
        or (pattern == "States.TaskError" and error != "States.Timeout")
        or pattern == error
        for pattern in patterns
    )
