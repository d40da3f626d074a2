"""Deliberate mistakes in the design. The simulator must find each of them, otherwise it proves nothing.

A mutation replaces one part of the code, or one condition of a DynamoDB request, by one that is almost right.
"""

from __future__ import annotations

from tests.simulation.mutations import pipeline, service, state_machine
from tests.simulation.mutations.registry import MUTATIONS, Mutation, first_seed

__all__ = ["MUTATIONS", "Mutation", "first_seed", "pipeline", "service", "state_machine"]
