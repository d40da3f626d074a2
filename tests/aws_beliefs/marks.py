"""The marker `aws_belief`: what the code believes about AWS, where that comes from and what relies on it.

    @pytest.mark.aws_belief(source="PutObject in the Amazon S3 API Reference", used_by="functions/…/x.py")

The name of the test is the belief. `differs_locally` says what the local server does instead, if it does. The
test must fail there.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.stack_under_test import LOCAL_ACCOUNT

ROOT = Path(__file__).parents[2]
ACCOUNT_VARIABLE = "ACCOUNT"


@dataclass(frozen=True, slots=True)
class Belief:
    """One belief.

    Attributes:
        sentence: what the code believes.
        source: where AWS says so.
        used_by: paths of what relies on it.
        differs_locally: what the local server does instead, or None.
    """

    sentence: str
    source: str
    used_by: tuple[str, ...]
    differs_locally: str | None


def belief_of(item: pytest.Item) -> Belief | None:
    """Returns the belief that a test checks, or None.

    Raises:
        UsageError: the marker is not complete, or names a file that does not exist.
    """
    marker = item.get_closest_marker("aws_belief")
    if marker is None:
        return None
    source, used_by = marker.kwargs.get("source"), marker.kwargs.get("used_by")
    if not isinstance(source, str) or not isinstance(used_by, str):
        raise pytest.UsageError(f"{item.nodeid}: aws_belief needs source=… and used_by=…")
    paths = tuple(used_by.split(", "))
    if missing := [path for path in paths if not (ROOT / path).is_file()]:
        raise pytest.UsageError(f"{item.nodeid}: aws_belief names {missing[0]}, which does not exist")
    sentence = item.name.removeprefix("test_").replace("_", " ")
    return Belief(sentence, source, paths, marker.kwargs.get("differs_locally"))


def expect_local_differences(items: list[pytest.Item]) -> None:
    """Marks the tests that must fail on the local server, and checks the markers of all."""
    is_local = os.environ.get(ACCOUNT_VARIABLE, LOCAL_ACCOUNT) == LOCAL_ACCOUNT
    for item in items:
        belief = belief_of(item)
        if belief is not None and belief.differs_locally is not None and is_local and asks_server(item):
            item.add_marker(pytest.mark.xfail(reason=belief.differs_locally, strict=True))


def asks_server(item: pytest.Item) -> bool:
    """Tells whether a test asks the local server or AWS. Some tests also run with fakes, or with moto."""
    return item.get_closest_marker("stack") is not None
