"""Keeps the execution environments of all functions."""

import threading
from collections.abc import Mapping

from devstack.lambda_runtime.execution_environment import ExecutionEnvironment
from devstack.lambda_runtime.function import Function, Invocation


class FunctionPool:
    """Reuses idle execution environments, and limits how many of each function run at once."""

    def __init__(self, environments_per_function: int, host_environment: Mapping[str, str]) -> None:
        """Creates an empty pool.

        Args:
            environments_per_function: how many events of one function are handled at once.
            host_environment: this machine's environment variables.
        """
        self._environments_per_function = environments_per_function
        self._host_environment = host_environment
        self._changed = threading.Condition()
        self._idle: dict[str, list[ExecutionEnvironment]] = {}
        self._busy: dict[str, list[ExecutionEnvironment]] = {}
        self._closed = False

    def invoke(self, function: Function, payload: bytes) -> Invocation:
        """Runs one event. If all environments of the function are busy, waits until one is idle.

        Args:
            function: the function to run.
            payload: the event as JSON.

        Raises:
            RuntimeError: the pool is closed.
        """
        environment = self._acquire(function)
        try:
            return environment.invoke(payload)
        finally:
            self._release(environment)

    def _acquire(self, function: Function) -> ExecutionEnvironment:
        with self._changed:
            idle = self._idle.setdefault(function.arn, [])
            busy = self._busy.setdefault(function.arn, [])
            self._changed.wait_for(
                lambda: self._closed or idle or len(busy) < self._environments_per_function
            )
            if self._closed:
                raise RuntimeError(f"{function.name} was invoked after the local stack had stopped")
            environment = idle.pop() if idle else None
            if environment is not None and environment.function != function:
                # A stack update changed the function, so its old process must not serve it any more.
                environment.close()
                environment = None
            if environment is None:
                environment = ExecutionEnvironment(function, self._host_environment)
            busy.append(environment)
            return environment

    def _release(self, environment: ExecutionEnvironment) -> None:
        arn = environment.function.arn
        with self._changed:
            self._busy[arn].remove(environment)
            keep = environment.usable and not self._closed
            if keep:
                self._idle[arn].append(environment)
            self._changed.notify_all()
        if not keep:
            environment.close()

    def close(self) -> None:
        """Kills all processes, including busy ones. Later events raise RuntimeError."""
        with self._changed:
            self._closed = True
            for environment in (environment for idle in self._idle.values() for environment in idle):
                environment.close()
            for environment in (environment for busy in self._busy.values() for environment in busy):
                # Only kill it: the thread that waits for its outcome closes it when it releases it.
                environment.kill()
            self._idle.clear()
            self._changed.notify_all()
