"""The simulator finds every deliberate mistake in the design within a bounded number of schedules."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from types import ModuleType

import pytest

from tests.simulation import code_under_test, history, invariants, replacements
from tests.simulation.mutations import MUTATIONS, Mutation, first_seed
from tests.simulation.schedule import remember_undisturbed_results, run_schedule

MAX_SCHEDULES = 4000
PAGE = code_under_test.CHECKOUT / "docs/simulation.md"


def _rules_in(module: ModuleType) -> Iterator[str]:
    """Yields the rules that a module names: the first arguments of `broken`, and what `rule` is set to."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        match node:
            case ast.Call(func=ast.Attribute(attr="broken"), args=[named, *_]):
                pass
            case ast.Assign(targets=[ast.Name(id="rule")], value=ast.IfExp() as named):
                yield from _texts_in(named.body)
                named = named.orelse
            case _:
                continue
        yield from _texts_in(named)


def _texts_in(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


RULES = sorted({rule for module in (history, invariants) for rule in _rules_in(module)})


@pytest.fixture(scope="module", autouse=True)
def _simulated() -> Iterator[None]:
    with replacements.installed():
        remember_undisturbed_results()
        yield


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_the_simulator_finds_a_mistake(mutation: Mutation, monkeypatch: pytest.MonkeyPatch) -> None:
    mutation.apply(monkeypatch.setattr)
    # The seed that showed it last is tried first. Any other seed is as good.
    assert first_seed(mutation, chain([mutation.seed], range(1, MAX_SCHEDULES))) is not None


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_the_code_without_the_mistake_breaks_no_rule_in_the_same_schedule(mutation: Mutation) -> None:
    assert run_schedule(mutation.seed).violations == ()


def test_there_are_mutations_of_every_part() -> None:
    assert len(MUTATIONS) >= 8
    assert code_under_test.HAS_JOB_STORE


def test_the_page_about_the_simulator_lists_every_rule() -> None:
    rules = PAGE.read_text("utf-8").partition("## Rules")[2].partition("\n## ")[0]
    assert sorted(re.findall(r"^\| (.+?) \|", rules, re.MULTILINE)[1:]) == RULES


@pytest.mark.timeout(300)
@pytest.mark.parametrize("rule", RULES)
def test_some_mistake_breaks_every_rule(rule: str) -> None:
    """A mutation may break one of several rules. Here it has to be this one."""
    candidates = [mutation for mutation in MUTATIONS if rule in mutation.rules]
    assert any(_breaks(mutation, rule, [mutation.seed]) for mutation in candidates) or any(
        _breaks(mutation, rule, range(1, MAX_SCHEDULES)) for mutation in candidates
    )


def _breaks(mutation: Mutation, rule: str, seeds: Iterable[int]) -> bool:
    with pytest.MonkeyPatch.context() as patch:
        mutation.apply(patch.setattr)
        return any(rule in run_schedule(seed).rules for seed in seeds)
