"""The marker of beliefs about AWS, and what the replay prints about a difference."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.aws_beliefs.marks import belief_of, expect_local_differences
from tests.aws_beliefs.replay import Differences

USED_BY = "functions/people_pathing/common/aws_errors.py"


class Item:
    """A collected test with some markers."""

    nodeid = "tests/test_s3.py::test_a_key_is_too_long"
    name = "test_a_key_is_too_long"

    def __init__(self, *markers: pytest.MarkDecorator) -> None:
        self.markers = [marker.mark for marker in markers]
        self.expected_to_fail = False

    def get_closest_marker(self, name: str) -> pytest.Mark | None:
        return next((marker for marker in self.markers if marker.name == name), None)

    def add_marker(self, marker: pytest.MarkDecorator) -> None:
        self.expected_to_fail = marker.name == "xfail" and marker.kwargs["strict"]


def item(*more: pytest.MarkDecorator, **settings: str) -> Any:
    return Item(pytest.mark.aws_belief(**settings), *more)


def test_the_name_of_a_test_is_the_belief() -> None:
    belief = belief_of(item(source="Naming objects", used_by=USED_BY))

    assert belief is not None
    assert (belief.sentence, belief.used_by) == ("a key is too long", (USED_BY,))


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"used_by": USED_BY}, "needs source"),
        ({"source": "Naming objects"}, "needs source"),
        (
            {"source": "Naming objects", "used_by": "functions/none.py"},
            "functions/none.py, which does not exist",
        ),
    ],
)
def test_a_marker_that_names_no_source_or_no_file_is_refused(settings: dict[str, str], problem: str) -> None:
    with pytest.raises(pytest.UsageError, match=problem):
        belief_of(item(**settings))


@pytest.mark.parametrize(
    ("account", "is_expected"), [(None, True), ("000000000000", True), ("123456789012", False)]
)
def test_a_known_difference_is_expected_of_the_local_server_only(
    account: str | None, is_expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ACCOUNT", raising=False)
    if account is not None:
        monkeypatch.setenv("ACCOUNT", account)
    settings = {"source": "Naming objects", "used_by": USED_BY, "differs_locally": "no limit"}
    with_server, with_fakes = item(pytest.mark.stack, **settings), item(**settings)

    expect_local_differences([with_server, with_fakes])

    assert (with_server.expected_to_fail, with_fakes.expected_to_fail) == (is_expected, False)


def report(outcome: str, when: str = "call", message: str = "") -> Any:
    crash = SimpleNamespace(reprcrash=SimpleNamespace(message=message))
    return SimpleNamespace(
        nodeid=Item.nodeid,
        when=when,
        longrepr=crash,
        passed=outcome == "passed",
        failed=outcome == "failed",
        skipped=outcome == "skipped",
    )


def collected() -> Differences:
    differences = Differences()
    items = [item(source="Naming objects", used_by=USED_BY)]
    differences.pytest_collection_finish(SimpleNamespace(items=items))  # type: ignore[arg-type]
    differences.pytest_runtest_setup()
    return differences


def test_a_failed_comparison_is_described_by_both_sides() -> None:
    differences = collected()
    differences.pytest_assertrepr_compare("==", "NoSuchKey", "KeyTooLongError")
    differences.pytest_runtest_logreport(report("failed", message="assert 'NoSuchKey' == ..."))

    assert differences.summary() == (
        "DIFFERENCE: a key is too long\n"
        "  expected: 'KeyTooLongError'\n"
        "  happened: 'NoSuchKey'\n"
        f"  relies on it: {USED_BY}\n"
        "  source: Naming objects\n"
        f"  test: {Item.nodeid} (call)\n\n"
        "0 beliefs hold, 1 differ"
    )


@pytest.mark.parametrize("when", ["setup", "call"])
def test_an_error_of_aws_is_described_by_the_belief_and_its_message(when: str) -> None:
    differences = collected()
    differences.pytest_runtest_logreport(report("failed", when, "ClientError: (AccessDenied)\nmore"))

    assert "  expected: a key is too long\n  happened: ClientError: (AccessDenied)\n" in differences.summary()


def test_beliefs_that_hold_are_counted_once() -> None:
    differences = collected()
    for when in ("setup", "call", "teardown"):
        differences.pytest_runtest_logreport(report("passed", when))

    assert differences.summary() == "1 beliefs hold, 0 differ"
