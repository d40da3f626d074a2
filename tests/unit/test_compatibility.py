"""The rows of the compatibility page name sources, steps and tests that exist, and the tests run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients import compatibility
from tests.clients.compatibility import SCENARIO_PREFIX, InvalidRowError, compatibility_rows

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
STEPS = json.loads((TESTS / "clients/scenario.json").read_text(encoding="utf-8"))["steps"]
VALID = {
    "id": "order",
    "behaviour": "Order",
    "sources": ["model"],
    "retired": "by time",
    "here": "the same",
    "verdict": "same",
    "tests": ["test_of_the_order"],
}


def named_tests() -> set[str]:
    """Returns the tests that any row names, without the steps of the scenario."""
    return {
        test for row in compatibility_rows() for test in row.tests if not test.startswith(SCENARIO_PREFIX)
    }


# Collecting imports most of the test suite.
@pytest.mark.timeout(400)
def test_pytest_collects_every_test_that_a_row_names() -> None:
    named = named_tests()
    files = [
        str(path)
        for path in sorted(TESTS.rglob("test_*.py"))
        if named & set(re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE))
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files],
        cwd=ROOT,
        env={**os.environ, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    collected = set(re.findall(r"::(test_\w+)", done.stdout))

    assert done.returncode == 0, done.stdout[-2000:]
    assert len(named) > 60
    assert named - collected == set()


def test_every_step_that_a_row_names_is_in_the_scenario() -> None:
    named = {
        test.removeprefix(SCENARIO_PREFIX)
        for row in compatibility_rows()
        for test in row.tests
        if test.startswith(SCENARIO_PREFIX)
    }

    assert len(named) > 10
    assert named <= {step["shows"] for step in STEPS}


def test_what_differs_in_the_scenario_is_a_row_that_differs() -> None:
    verdicts = {row.id: row.verdict for row in compatibility_rows()}
    named = {step["differs"] for step in STEPS if "differs" in step}

    assert named
    assert {verdicts.get(row) for row in named} == {"differs"}


def test_every_verdict_and_every_source_is_used() -> None:
    rows = compatibility_rows()

    assert {row.verdict for row in rows} == set(compatibility.VERDICTS)
    assert {source.id for row in rows for source in row.sources} == set(compatibility.sources())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sources": ["hearsay"]}, "row 'order' has unknown sources: \\['hearsay'\\]"),
        ({"verdict": "equal"}, "row 'order' has the verdict 'equal'; choose from"),
        ({"sources": []}, "row 'order': a verdict needs a source, and without one it is 'not known'"),
        (
            {"verdict": "not known"},
            "row 'order': a verdict needs a source, and without one it is 'not known'",
        ),
        ({"note": "more"}, "row 'order' has the members"),
    ],
)
def test_a_row_that_contradicts_itself_is_rejected(change: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidRowError, match=message):
        compatibility.row_of("Section", {**VALID, **change})


def test_a_row_says_what_the_file_says() -> None:
    row = compatibility.row_of("Section", VALID)

    assert (row.id, row.section, row.verdict, row.tests) == (
        "order",
        "Section",
        "same",
        ("test_of_the_order",),
    )
    assert [source.id for source in row.sources] == ["model"]
