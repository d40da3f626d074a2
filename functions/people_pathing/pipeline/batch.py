"""Handles a batch of items, so that a failure of one does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from people_pathing.pipeline.observability import logger

T = TypeVar("T")


def handle_each(items: Iterable[T], handle: Callable[[T], None]) -> None:
    """Runs a handler for every item, also if it fails for some of them.

    Raises:
        ExceptionGroup: at least one item failed. Raised after the last item.
    """
    errors = []
    count = 0
    for item in items:
        count += 1
        try:
            handle(item)
        except Exception as error:
            logger.exception("one item of the event failed")
            errors.append(error)
    if errors:
        raise ExceptionGroup(f"{len(errors)} of {count} items failed", errors)
