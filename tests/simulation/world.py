"""The world: a virtual clock, and processes that take turns whenever one of them waits.

Nothing waits in real time. A process is a greenlet. It runs until it sleeps or makes a call, then the world
continues with whatever is due next, so any two processes can be interleaved at every call.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from greenlet import getcurrent, greenlet

from tests.simulation.tape import Tape

START_S = 1_800_000_000.0
"""When every schedule begins, in seconds since the epoch."""


class Died(BaseException):
    """The process is gone: killed at its timeout or by a fault. No code may catch this for good."""


class End(Enum):
    """How a process ended."""

    RETURNED = "returned"
    RAISED = "raised"
    DIED = "died"


@dataclass(eq=False, slots=True)
class Process:
    """One invocation of a function, one execution of a state machine, or one person at a terminal.

    Attributes:
        role: whose rights it has, for example "CollectResults".
        timeout_s: when it is killed, in seconds after its start.
        number: how many processes were started before it.
        skew_s: how far its clock is ahead of the world's.
        task: what it works on. Deaths are limited per task, because a task is retried a few times only.
        started_s: when it was started.
        is_dead: whether it may make no more calls.
        end: how it ended, or None while it runs.
        result: what it returned or raised.
        calls: how many calls it has made.
        writes: what it has written, in the order of the writes.
        failed_calls: which of its calls a fault has let fail; the first one is 1.
        notes: facts that observers attach to it.
    """

    role: str
    timeout_s: float = 1e9
    number: int = 0
    skew_s: float = 0.0
    task: str = ""
    started_s: float = 0.0
    is_dead: bool = False
    end: End | None = None
    result: Any = None
    calls: int = 0
    writes: list[str] = field(default_factory=list)
    failed_calls: set[int] = field(default_factory=set)
    notes: dict[str, Any] = field(default_factory=dict)
    waiters: list[Callable[[], None]] = field(default_factory=list)
    greenlet: Any = None
    ticket: int = 0


class World:
    """The clock and the processes of one schedule.

    Args:
        tape: makes the choices.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.now_s = START_S
        self.process: Process | None = None
        self.is_closed = False
        self.on_end: list[Callable[[Process], None]] = []
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._sequence = 0
        self._count = 0
        self._hub = getcurrent()
        self._alive: set[Process] = set()

    @property
    def clock_s(self) -> float:
        """The time that the current process's clock shows."""
        return self.now_s + (self.process.skew_s if self.process else 0.0)

    def at(self, delay_s: float, action: Callable[[], None]) -> None:
        """Runs an action after a delay. An action must not wait; it starts processes that do."""
        self._sequence += 1
        heapq.heappush(self._queue, (self.now_s + delay_s, self._sequence, action))

    def start(self, process: Process, body: Callable[[], Any]) -> Process:
        """Starts a process at once. It begins to run when the current process waits."""
        self._count += 1
        process.number = self._count
        process.started_s = self.now_s
        process.greenlet = greenlet(lambda: self._run(process, body), self._hub)
        self._alive.add(process)
        self.at(0, lambda: self._resume(process, 0))
        return process

    def sleep(self, delay_s: float) -> None:
        """Lets the current process wait. Raises Died if its timeout comes first, or if it was stopped."""
        process = self.current()
        process.ticket += 1
        ticket = process.ticket
        killed_s = process.started_s + process.timeout_s
        self.at(min(delay_s, max(killed_s - self.now_s, 0.0)), lambda: self._resume(process, ticket))
        self._hub.switch()
        if process.is_dead or self.now_s >= killed_s:
            process.is_dead = True
            raise Died

    def wait(self, other: Process, timeout_s: float) -> bool:
        """Lets the current process wait for the end of another. Returns False if the timeout comes first."""
        if other.end is None:
            process = self.current()
            ticket = process.ticket + 1
            other.waiters.append(lambda: self.at(0, lambda: self._resume(process, ticket)))
            self.sleep(timeout_s)
        return other.end is not None

    def stop(self, process: Process) -> None:
        """Kills a process that waits: its next call does not return."""
        process.is_dead = True

    def run(self, until_s: float, is_settled: Callable[[], bool] = lambda: False) -> None:
        """Runs everything that is due until a time, or until the world is settled."""
        queue = self._queue
        while queue and queue[0][0] <= until_s and not is_settled():
            self.now_s, _, action = heapq.heappop(queue)
            action()
        if not (queue and queue[0][0] <= until_s):
            self.now_s = max(self.now_s, until_s)

    def close(self) -> None:
        """Ends all processes, so that their memory is freed."""
        self.is_closed = True
        self._queue.clear()
        for process in list(self._alive):
            process.is_dead = True
            self._switch(process)

    def current(self) -> Process:
        """The process that runs now."""
        assert self.process is not None, "only a process can wait"
        return self.process

    def _resume(self, process: Process, ticket: int) -> None:
        if process.end is None and process.ticket == ticket:
            self._switch(process)

    def _switch(self, process: Process) -> None:
        self.process = process
        process.greenlet.switch()
        self.process = None

    def _run(self, process: Process, body: Callable[[], Any]) -> None:
        if self.is_closed:
            return
        try:
            process.result = body()
            end = End.RETURNED
        except Died:
            end = End.DIED
        except Exception as error:
            process.result = error
            end = End.RAISED
        process.is_dead, process.end = True, end
        self._alive.discard(process)
        if not self.is_closed:
            for observe in self.on_end:
                observe(process)
            for wake in process.waiters:
                wake()
