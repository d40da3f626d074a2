"""Reads from AWS while what was read before is written."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Executor, Future, wait
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

READS_AHEAD = 8
"""How many objects of S3 are read at once. Each has up to a megabyte and takes 0.1 seconds to begin."""


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
    background: Executor, read: Callable[[Key], Value], keys: Iterable[Key], *, count: int = READS_AHEAD
) -> Generator[Value, None, None]:
    """Yields the value of each key. While the caller uses a value, the next ones are read.

    Args:
        background: reads.
        read: returns the value of a key.
        keys: which values, in this order.
        count: how many values are read ahead, at least 1.
    """
    remaining = iter(keys)
    pending = deque(background.submit(read, key) for key in islice(remaining, count))
    try:
        while pending:
            value = pending.popleft().result()
            pending.extend(background.submit(read, key) for key in islice(remaining, 1))
            yield value
    finally:
        for future in pending:
            future.cancel()
        wait(pending)
