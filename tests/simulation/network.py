"""The network: every call of every process goes through it, and meets the faults.

One number of the tape decides how long a call takes and whether a fault hits it. Which faults can occur in a
schedule, and how often, is drawn first: a schedule with few kinds of faults finds what one with all of them
hides.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from tests.simulation.call_counts import CallCounts
from tests.simulation.errors import ERRORS, client_error, no_reply
from tests.simulation.faults import DEATHS, HARMLESS, Fault, FaultPlan, Incident, Trouble
from tests.simulation.world import START_S, Died, Process, World

T = TypeVar("T")

LATENCIES_S = (0.01, 0.003, 0.03, 0.12)
PAUSES_S = (3.0, 25.0, 150.0, 400.0)
REPEAT_AFTER_S = (0.1, 8.0)
LATE_AFTER_S = (1.0, 40.0, 200.0)
LATE_WRITE_TO_S3_S = 40.0
"""S3 has no conditional write that could stop a late one, so a late one comes before a lease has expired."""

MAX_DEATHS_PER_TASK = 2
"""A step whose function dies three times is given up: it probably needs too much memory."""

MAX_FAULTS_PER_TASK = 4
"""A step is retried for a quarter of an hour. No step can succeed if every attempt meets another fault."""

MAX_FAULTS_BESIDES_TROUBLE = 1
"""A trouble of ten minutes takes up most attempts of a step by itself."""


STATE_MACHINE_ROLE = "TrackPeople"
"""Step Functions itself does not die."""


@dataclass(slots=True)
class Network:
    """Carries every call from a process to a fake, with its faults.

    Attributes:
        world: the clock and the processes.
        plan: which faults may occur.
        troubles: what is out of order for a while.
        incidents: what has happened.
        calls: how many calls were made.
        on_incident: are called with every fault: process, service, operation, subject and kind.
        trace: a line for every call, or None.
        has_trouble: whether something is out of order for a while in this schedule.
        fault: the fault that hits the call whose effect happens now, and whose reply is lost.
        late_until_s: when the last late effect happens, and the last call that stalls continues.
    """

    world: World
    plan: FaultPlan
    troubles: list[Trouble] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    calls: CallCounts = field(default_factory=CallCounts)
    on_incident: list[Callable[[Process, str, str, str, Fault | None], None]] = field(default_factory=list)
    trace: list[str] | None = None
    has_trouble: bool = False
    fault: Fault | None = None
    late_until_s: float = 0.0
    _faults: Counter[str] = field(default_factory=Counter)
    _deaths: Counter[str] = field(default_factory=Counter)

    def call(
        self,
        service: str,
        operation: str,
        subject: str,
        effect: Callable[[], T],
        *,
        writes: bool = False,
        detached: Callable[[], object] | None = None,
    ) -> T:
        """Makes a call, with whatever goes wrong.

        Args:
            service: the service, as in boto3.
            operation: the operation.
            subject: what the call is about, for example a key.
            effect: what the service does. Its errors are the service's answer.
            writes: whether the effect changes something.
            detached: does the same without a process that waits for it. By default `effect`.
        """
        world = self.world
        process = world.current()
        if process.is_dead:
            raise Died
        process.calls += 1
        self.calls.count(process, world.now_s)
        value = world.tape.draw(len(LATENCIES_S) + len(Fault), self._sample)
        world.sleep(LATENCIES_S[min(value, len(LATENCIES_S) - 1)] if value < len(LATENCIES_S) else 0.01)
        fault = Fault(value - len(LATENCIES_S)) if value >= len(LATENCIES_S) else None
        if fault is not None and self.plan.budget <= 0:
            fault = None
        if fault is not None and process.task:
            fault = self._within_limits(fault, process)
        if self.trace is not None:
            self._note(process, service, operation, subject, fault)
        if self.troubles:
            self._meet_trouble(process, service, operation, subject)
        if writes:
            effect = _noting(process, subject, effect)
        if fault is None:
            return effect()
        self._record(process, service, operation, subject, fault)
        return self._with_fault(fault, process, service, operation, effect, detached or effect)

    def _sample(self, source: random.Random) -> int:
        plan, chance = self.plan, source.random()
        if plan.budget > 0 and plan.kinds and chance < plan.rate:
            return len(LATENCIES_S) + plan.kinds[int(source.random() * len(plan.kinds))]
        return int(source.random() * len(LATENCIES_S))

    def _with_fault(
        self,
        fault: Fault,
        process: Process,
        service: str,
        operation: str,
        effect: Callable[[], T],
        detached: Callable[[], object],
    ) -> T:
        errors = ERRORS[service]
        match fault:
            case Fault.FAILS:
                raise client_error(*errors.failed, operation=operation)
            case Fault.THROTTLED:
                raise client_error(*errors.throttled, operation=operation)
            case Fault.NO_REPLY:
                raise no_reply(service)
            case Fault.REPLY_LOST:
                self._quietly(fault, effect)
                raise no_reply(service)
            case Fault.REPEATED:
                self._quietly(fault, effect)
                self.world.sleep(REPEAT_AFTER_S[self.world.tape.choose(len(REPEAT_AFTER_S))])
                return effect()
            case Fault.LATE:
                self._later(service, detached)
                raise no_reply(service)
            case Fault.PAUSE:
                pause_s = PAUSES_S[self.world.tape.choose(len(PAUSES_S))]
                self.late_until_s = max(self.late_until_s, self.world.now_s + pause_s)
                self.world.sleep(pause_s)
                return effect()
            case Fault.DIES_AFTER:
                self._quietly(fault, effect)
            case Fault.DIES_AND_LATE:
                self._later(service, detached)
        process.is_dead = True
        raise Died

    def _later(self, service: str, effect: Callable[[], object]) -> None:
        delay_s = LATE_AFTER_S[self.world.tape.choose(len(LATE_AFTER_S))]
        if service == "s3":
            delay_s = min(delay_s, LATE_WRITE_TO_S3_S)

        self.late_until_s = max(self.late_until_s, self.world.now_s + delay_s)
        self.world.at(delay_s, lambda: self._quietly(Fault.LATE, effect))

    def _quietly(self, fault: Fault, effect: Callable[[], object]) -> None:
        """Lets an effect happen whose reply is lost."""
        self.fault = fault
        try:
            with suppress(ClientError, BotoCoreError):
                effect()
        finally:
            self.fault = None

    def _meet_trouble(self, process: Process, service: str, operation: str, subject: str) -> None:
        for trouble in self.troubles:
            if trouble.until_s > self.world.now_s and trouble.hits(service, operation, subject, process.role):
                errors = ERRORS[service]
                self._record(process, service, operation, subject, None)
                raise client_error(*(errors.denied if trouble.role else errors.failed), operation=operation)

    def _within_limits(self, fault: Fault, process: Process) -> Fault | None:
        """Returns the fault, or a milder one, or None if the task has had its share."""
        task = process.task
        self._faults[task] += 1
        most = MAX_FAULTS_BESIDES_TROUBLE if self.has_trouble else MAX_FAULTS_PER_TASK
        if self._faults[task] > most:
            return None
        if fault in DEATHS and process.role == STATE_MACHINE_ROLE:
            return Fault.FAILS
        # A pause may outlast the function's timeout.
        if fault in DEATHS or fault is Fault.PAUSE:
            self._deaths[task] += 1
            if self._deaths[task] > MAX_DEATHS_PER_TASK:
                return Fault.FAILS
        return fault

    def _record(
        self, process: Process, service: str, operation: str, subject: str, fault: Fault | None
    ) -> None:
        if fault not in HARMLESS:
            process.failed_calls.add(process.calls)
        if fault is not None:
            self.plan.budget -= 1
        name = fault.name if fault is not None else "TROUBLE"
        call = f"{service}.{operation}({subject[-40:]})"
        self.incidents.append(Incident(self.world.now_s, process.role, call, name))
        for observe in self.on_incident:
            observe(process, service, operation, subject, fault)

    def _note(
        self, process: Process, service: str, operation: str, subject: str, fault: Fault | None
    ) -> None:
        assert self.trace is not None
        self.trace.append(
            f"{self.world.now_s - START_S:9.3f} {process.role:18} {process.number:4} "
            f"{service}.{operation} {subject[:60]}" + (f"  <-- {fault.name}" if fault is not None else "")
        )


def _noting(process: Process, subject: str, effect: Callable[[], T]) -> Callable[[], T]:
    """Returns an effect that is noted as the process's write, unless the service refuses it."""

    def noted() -> T:
        result = effect()
        process.writes.append(subject)
        return result

    return noted
