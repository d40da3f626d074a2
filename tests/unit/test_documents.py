"""What the documents say is shown by tests is shown by tests."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("docs/rekognition-compatibility.md", "docs/security.md")


def _test_names() -> set[str]:
    return {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_test_that_a_document_names_is_there(document: str) -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / document).read_text()))

    assert len(named) > 10
    assert named <= _test_names()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_row_of_a_document_says_what_shows_it(document: str) -> None:
    rows = [line for line in (ROOT / document).read_text().splitlines() if line.startswith("| ")]

    for row in rows:
        shown_by = row.rstrip(" |").rpartition("|")[2].strip()
        assert re.search(r"`test_\w+`|\*scenario\*", shown_by) or shown_by in ("Shown by", "–"), row  # noqa: RUF001


def test_a_step_of_the_scenario_that_a_document_quotes_is_there() -> None:
    steps = json.loads((ROOT / "tests/clients/scenario.json").read_text())["steps"]
    quoted = {
        step
        for document in DOCUMENTS
        for step in re.findall(r'\*scenario\* \("([^"]+)"\)', (ROOT / document).read_text())
    }

    assert quoted
    assert quoted <= {step["shows"] for step in steps}
