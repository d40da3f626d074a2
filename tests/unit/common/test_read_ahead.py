"""Reading the next value while the last one is used."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from people_pathing.common.read_ahead import read_ahead
from tests.fakes.same_thread import SameThread


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_all_values_come_in_the_order_of_their_keys(count: int) -> None:
    assert list(read_ahead(SameThread(), str, range(count))) == [str(key) for key in range(count)]


def test_a_value_is_read_while_the_one_before_it_is_used() -> None:
    second_is_read = Event()

    def read(key: int) -> int:
        if key == 1:
            second_is_read.set()
        return key

    with ThreadPoolExecutor(1) as background:
        values = read_ahead(background, read, [0, 1], count=1)
        assert next(values) == 0
        assert second_is_read.wait(10)
        assert list(values) == [1]


def test_several_values_are_read_at_the_same_time() -> None:
    together = Barrier(3)

    def read(key: int) -> int:
        together.wait(10)
        return key

    with ThreadPoolExecutor(3) as background:
        assert list(read_ahead(background, read, range(9), count=3)) == list(range(9))


def test_no_more_values_are_read_ahead_than_asked_for() -> None:
    keys = iter(range(9))
    values = read_ahead(SameThread(), str, keys, count=3)

    next(values)

    assert next(keys) == 4


def test_the_values_before_a_failed_read_are_used() -> None:
    used: list[float] = []

    with pytest.raises(ZeroDivisionError):
        used.extend(read_ahead(SameThread(), lambda key: 1 / key, [1, 2, 0]))

    assert used == [1.0, 0.5]


def test_closing_waits_for_the_read_that_has_begun() -> None:
    ended = Event()

    def read(key: int) -> None:
        if key == 1:
            begun.set()
            released.wait(10)
            ended.set()

    begun, released = Event(), Event()
    with ThreadPoolExecutor(1) as background, ThreadPoolExecutor(1) as closing:
        values = read_ahead(background, read, [0, 1, 2], count=1)
        next(values)
        assert begun.wait(10)
        closed = closing.submit(values.close)
        assert not closed.done()
        released.set()
        closed.result(10)
        assert ended.is_set()
