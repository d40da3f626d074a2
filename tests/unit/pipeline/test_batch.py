"""Handling a batch of items."""

import pytest

from people_pathing.pipeline.batch import handle_each


def test_a_failing_item_does_not_stop_the_others_and_is_raised_at_the_end() -> None:
    handled: list[int] = []

    def handle(item: int) -> None:
        if item % 2:
            raise ValueError(f"{item} is odd")
        handled.append(item)

    with pytest.raises(ExceptionGroup, match="2 of 5 items failed") as caught:
        handle_each(iter(range(5)), handle)
    assert handled == [0, 2, 4]
    assert [str(error) for error in caught.value.exceptions] == ["1 is odd", "3 is odd"]


def test_a_batch_without_failures_raises_nothing() -> None:
    handled: list[int] = []
    handle_each([1, 2], handled.append)
    assert handled == [1, 2]
