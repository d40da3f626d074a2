"""The list of mutations. A module for each part of the code adds its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tests.simulation.schedule import run_schedule

Put = Callable[[Any, str, Any], None]
"""Replaces an attribute, as `pytest.MonkeyPatch.setattr` does."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """One mistake.

    Attributes:
        seed: a schedule that shows it.
        name: what is wrong.
        apply: makes the mistake.
        rules: the rules that it may break; at least one is broken.
    """

    seed: int
    name: str
    apply: Callable[[Put], None]
    rules: frozenset[str]


MUTATIONS: list[Mutation] = []


def mutation(seed: int, name: str, *rules: str) -> Callable[[Callable[[Put], None]], Callable[[Put], None]]:
    """Adds a mutation to the list."""

    def add(apply: Callable[[Put], None]) -> Callable[[Put], None]:
        MUTATIONS.append(Mutation(seed, name, apply, frozenset(rules)))
        return apply

    return add


def first_seed(mutation: Mutation, seeds: Iterable[int]) -> int | None:
    """Returns the first seed whose schedule shows a mutation, or None if there is none."""
    return next((seed for seed in seeds if run_schedule(seed).rules & mutation.rules), None)
