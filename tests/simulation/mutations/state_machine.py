"""Mistakes in the definition of the state machine."""

from __future__ import annotations

import json

from tests.simulation import code_under_test
from tests.simulation.mutations.registry import Put, mutation


@mutation(19, "a step is retried for some seconds only", "no transient error is final")
def _short_retries(put: Put) -> None:
    _change_retries(
        put,
        '"IntervalSeconds": 15, "BackoffRate": 4, "MaxDelaySeconds": 300, "MaxAttempts": 5',
        '"IntervalSeconds": 2, "BackoffRate": 2, "MaxAttempts": 2',
    )


@mutation(9, "a step that runs out of memory is retried a hundred times", "calls are bounded")
def _out_of_memory_is_retried(put: Put) -> None:
    _change_retries(
        put,
        '"MemoryError", "Lambda.Unknown"], "IntervalSeconds": 15, "BackoffRate": 2, "MaxAttempts": 2',
        '"MemoryError", "Lambda.Unknown"], "IntervalSeconds": 15, "BackoffRate": 1, "MaxAttempts": 100',
    )


def _change_retries(put: Put, old: str, new: str) -> None:
    definition = json.dumps(code_under_test.state_machine())
    changed = definition.replace(old, new)
    assert changed != definition, "the retry rules have changed"
    put(code_under_test, "state_machine", lambda: json.loads(changed))
