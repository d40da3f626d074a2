"""Lambda: invocations of functions, with the retries of asynchronous ones, and what they count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.simulation import code_under_test
from tests.simulation.call_counts import upload_of
from tests.simulation.replacements import Stage
from tests.simulation.world import End, Process

EVENT_DELAYS_S = (0.1, 3.0, 70.0, 400.0)
RETRIES_S = (60.0, 120.0)
SKEWS_S = (0.0, 0.4, -0.4, 5.0, -5.0)


@dataclass(frozen=True, slots=True)
class FailedEvent:
    """An event whose invocation and both retries have failed. It is in the queue FailedEvents."""

    function: str
    event: Any


class Functions:
    """The functions of the stack.

    Args:
        stage: what the functions' code is given.
    """

    def __init__(self, stage: Stage) -> None:
        self.failed_events: list[FailedEvent] = []
        self.deliveries = 0
        self.metrics: dict[str, float] = defaultdict(float)
        self._stage = stage
        self._world = stage.world
        self._world.on_end.append(self._flush_metrics)

    def invoke(self, function: str, event: Any, task: str = "", **notes: Any) -> Process:
        """Starts one invocation of a function."""
        tape = self._world.tape
        process = Process(
            function,
            code_under_test.timeout_s(function),
            skew_s=SKEWS_S[tape.choose(len(SKEWS_S), 0.15)],
            task=task,
            notes={"upload": upload_of(event), **notes},
        )
        return self._world.start(process, lambda: self.run(function, event))

    def run(self, function: str, event: Any) -> Any:
        """Runs a function's handler in the current process."""
        return code_under_test.handle(self._stage, function, event)

    def deliver(self, function: str, event: Any, delay_s: float, *, is_kept: bool = True) -> None:
        """Invokes a function asynchronously: it is retried twice, then the event goes to a queue.

        Args:
            function: the function.
            event: the event.
            delay_s: when the event arrives.
            is_kept: whether the event is retried and kept. Ticks of the schedule are not.
        """
        retries_s = RETRIES_S if is_kept else ()
        self.deliveries += 1

        def attempt(number: int) -> None:
            process = self.invoke(function, event)
            process.waiters.append(
                lambda: self._delivered(process, function, event, retries_s, number, attempt)
            )

        self._world.at(delay_s, lambda: attempt(0))

    def _delivered(
        self,
        process: Process,
        function: str,
        event: Any,
        retries_s: tuple[float, ...],
        number: int,
        attempt: Callable[[int], None],
    ) -> None:
        if process.end is not End.RETURNED and number < len(retries_s):
            self._world.at(retries_s[number], lambda: attempt(number + 1))
            return
        self.deliveries -= 1
        if process.end is not End.RETURNED and retries_s:
            self.failed_events.append(FailedEvent(function, event))

    def redrive(self) -> None:
        """Delivers the failed events again, as the operator does with the command `redrive`."""
        events, self.failed_events = self.failed_events, []
        for failed in events:
            self.deliver(failed.function, failed.event, 1.0)

    def count_metric(self, name: str, value: float) -> None:
        """Keeps a metric until the invocation ends: the real code writes its metrics then."""
        process = self._world.process
        if process is not None:
            process.notes.setdefault("metrics", []).append((name, value))

    def _flush_metrics(self, process: Process) -> None:
        # If a process dies, its metrics are lost.
        if process.end is not End.DIED:
            for name, value in process.notes.get("metrics", ()):
                self.metrics[name] += value


def one_prompt_delivery() -> list[float]:
    """Returns the delays of an event that arrives once and in time."""
    return [EVENT_DELAYS_S[0]]
