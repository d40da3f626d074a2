"""Faults: what can go wrong with a call, and for how long a service or a right can be missing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Fault(IntEnum):
    """What happens to a call. The order is from simple to complicated, for the shrinker."""

    FAILS = 0
    THROTTLED = 1
    NO_REPLY = 2
    REPLY_LOST = 3
    REPEATED = 4
    LATE = 5
    PAUSE = 6
    DIES_BEFORE = 7
    DIES_AFTER = 8
    DIES_AND_LATE = 9


DEATHS = frozenset({Fault.DIES_BEFORE, Fault.DIES_AFTER, Fault.DIES_AND_LATE})
HARMLESS = frozenset({Fault.REPEATED, Fault.PAUSE})
"""The call receives its reply all the same."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A service that fails, or a right that is missing, for a while.

    Attributes:
        service: the service, as in boto3.
        operation: one operation of it, or None for all.
        role: the role whose right is missing, or None if the service fails for all roles.
        subject_prefix: only for subjects that begin like this.
        until_s: when it is over.
    """

    service: str
    operation: str | None
    role: str | None
    subject_prefix: str
    until_s: float

    def hits(self, service: str, operation: str, subject: str, role: str) -> bool:
        """Tells whether a call meets this trouble."""
        return (
            self.service == service
            and self.operation in (None, operation)
            and self.role in (None, role)
            and subject.startswith(self.subject_prefix)
        )


@dataclass(slots=True)
class FaultPlan:
    """Which faults a schedule may have.

    Attributes:
        budget: how many faults may still occur.
        rate: how likely one call is hit, while the budget lasts.
        kinds: which kinds may occur.
    """

    budget: int
    rate: float
    kinds: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Incident:
    """A fault that hit a call."""

    at_s: float
    role: str
    call: str
    fault: str

    def __str__(self) -> str:
        return f"{self.role}: {self.call} {self.fault}"
