"""Reads from AWS while what was read before is written."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Executor, Future, wait
from contextlib import contextmanager
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


@contextmanager
def reading(background: Executor, read: Callable[[Key], Value], key: Key) -> Iterator[Future[Value]]:
    """Reads a value in the background during the `with` block, and waits for it at the end of the block.

    It also waits if the block fails. A call that outlives its invocation would delay the next one, because
    Lambda stops the process in between.
    """
    future = background.submit(read, key)
    try:
        yield future
    finally:
        wait([future])


def read_ahead(
    background: Executor, read: Callable[[Key], Value], keys: Iterable[Key]
) -> Generator[Value, None, None]:
    """Yields the value of each key. While the caller uses a value, the next one is read."""
    remaining = iter(keys)
    for first in remaining:
        value = read(first)
        for key in remaining:
            with reading(background, read, key) as future:
                yield value
            value = future.result()
        yield value
